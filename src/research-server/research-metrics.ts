/** What a research server counts, in Prometheus' format. */
import { Counter, Histogram } from 'prom-client';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { MetricsRegistry } from '../serve/metrics-registry.ts';

const SECONDS = [1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600];

export class ResearchMetrics extends MetricsRegistry {
  readonly #runs = new Counter({ ...this.shared, name: 'r5_research_runs_total', help: 'Runs that came to an end, by outcome.', labelNames: ['outcome'] });
  readonly #sentences = new Counter({ ...this.shared, name: 'r5_research_sentences_total', help: 'Sentences of reports, by what the check said.', labelNames: ['check'] });
  readonly #tokens = new Counter({ ...this.shared, name: 'r5_research_tokens_total', help: 'Tokens of models, read and written.' });
  readonly #money = new Counter({ ...this.shared, name: 'r5_research_dollars_total', help: 'What runs cost, as far as prices are known.' });
  readonly #duration = new Histogram({ ...this.shared, name: 'r5_research_seconds', help: 'From the arrival of a request to its report.', buckets: SECONDS });

  constructor({ busy, waiting }: { busy: () => number; waiting: () => number }) {
    super();
    this.addGauge('r5_research_busy', 'Runs under way.', busy);
    this.addGauge('r5_research_waiting', 'Requests that wait for their run to begin.', waiting);
  }

  /** A run that was gone on with counts all that it cost. */
  countRun({ outcome, counts, cost }: Pick<ResearchResult, 'outcome' | 'counts' | 'cost'>, seconds: number): void {
    this.#runs.inc({ outcome });
    this.#sentences.inc({ check: 'verified' }, counts.verified);
    this.#sentences.inc({ check: 'removed' }, counts.removed);
    this.#tokens.inc(cost.tokens);
    this.#money.inc(cost.money);
    this.#duration.observe(seconds);
  }
}
