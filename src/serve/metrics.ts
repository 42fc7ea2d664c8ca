/** What the server counts, in Prometheus' format. */
import { Counter, Histogram } from 'prom-client';
import { MetricsRegistry } from './metrics-registry.ts';

export interface GenerationFigures {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}

/** Follows one generation. */
export interface GenerationTimer {
  firstToken: () => void;
  end: (figures: GenerationFigures) => void;
}

export interface MetricSources {
  busy: () => number;
  waiting: () => number;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export class Metrics extends MetricsRegistry {
  readonly #promptTokens = new Counter({ ...this.shared, name: 'r5_prompt_tokens_total', help: 'Tokens of prompts, those found in the prefix cache included.' });
  readonly #cachedTokens = new Counter({ ...this.shared, name: 'r5_cached_prompt_tokens_total', help: 'Tokens of prompts that the prefix cache still had.' });
  readonly #completionTokens = new Counter({ ...this.shared, name: 'r5_completion_tokens_total', help: 'Tokens written.' });
  readonly #firstToken = new Histogram({ ...this.shared, name: 'r5_first_token_seconds', help: 'From the arrival of a request to its first token.', buckets: SECONDS });
  readonly #duration = new Histogram({ ...this.shared, name: 'r5_generation_seconds', help: 'From the arrival of a request to its last token.', buckets: SECONDS });
  readonly #speed = new Histogram({ ...this.shared, name: 'r5_tokens_per_second', help: 'Tokens a second of one generation, after its first token.', buckets: SPEEDS });

  constructor({ busy, waiting }: MetricSources) {
    super();
    this.addGauge('r5_rows_busy', 'Generations under way; each occupies a row of the decoder.', busy);
    this.addGauge('r5_queue_length', 'Generations that wait for a row.', waiting);
  }

  /** `arrivedMs` as `performance.now()` gives it. */
  startGeneration(arrivedMs: number): GenerationTimer {
    let firstMs: number | undefined;
    return {
      firstToken: () => {
        if (firstMs !== undefined) return;
        firstMs = performance.now();
        this.#firstToken.observe((firstMs - arrivedMs) / 1000);
      },
      end: ({ promptTokens, cachedTokens, completionTokens }) => {
        const endMs = performance.now();
        this.#promptTokens.inc(promptTokens);
        this.#cachedTokens.inc(cachedTokens);
        this.#completionTokens.inc(completionTokens);
        this.#duration.observe((endMs - arrivedMs) / 1000);
        if (firstMs !== undefined && completionTokens > 1 && endMs > firstMs) this.#speed.observe(((completionTokens - 1) * 1000) / (endMs - firstMs));
      },
    };
  }
}
