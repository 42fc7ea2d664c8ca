/** Episodes that end when a test says so, for tests of what is begun, taken and given up; no model is in them. */
import { grpoDefaults, type GrpoSettings } from './grpo-settings.ts';
import type { EpisodeSource, RolloutContext, RolloutOutcome } from './rollouts.ts';

/** Each rollout is known by its row and its position in the group: `3.1`. */
export class TimedEpisodes implements EpisodeSource {
  readonly rowCount = 1000;
  /** Rollouts in the order in which they began. */
  readonly begun: string[] = [];
  readonly aborted = new Set<string>();
  readonly #ends = new Map<string, { resolve: (outcome: RolloutOutcome) => void; reject: (error: Error) => void; version: number }>();
  /** Weights that rollouts are drawn from which begin now. */
  version = 0;

  readonly rollout = (row: number, { index, signal }: RolloutContext): Promise<RolloutOutcome> => {
    const name = `${row}.${index}`;
    this.begun.push(name);
    const { promise, resolve, reject } = Promise.withResolvers<RolloutOutcome>();
    signal.addEventListener('abort', () => {
      this.aborted.add(name);
      reject(signal.reason);
    });
    this.#ends.set(name, { resolve, reject, version: this.version });
    return promise;
  };

  /** Rows of which a rollout has begun, in order. */
  get rows(): number[] {
    return [...new Set(this.begun.map((name) => Number(name.split('.')[0])))];
  }

  /** Ends all rollouts of the rows, each with another reward. */
  async end(...rows: (number | undefined)[]): Promise<void> {
    for (const row of rows) {
      for (const name of this.begun.filter((begun) => begun.startsWith(`${row}.`))) this.endOne(name, Number(name.split('.')[1]));
    }
    await settled();
  }

  endOne(name: string, reward: number): void {
    const { resolve, version } = this.#ends.get(name) ?? unknown(name);
    resolve({
      reward, verdict: 'wrong', text: name, stopReason: 'stop',
      sequences: [{ tokens: [1, 2], mask: Uint8Array.of(0, 1), logprobs: Float32Array.of(0, -1), weightsVersion: version }],
    });
  }

  fail(name: string, message: string): void {
    (this.#ends.get(name) ?? unknown(name)).reject(new Error(message));
  }
}

function unknown(name: string): never {
  throw new Error(`rollout ${name} has not begun`);
}

/** Lets everything go on that waits for nothing but its turn. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two groups of two a step. */
export function timedSettings(change: Partial<GrpoSettings> = {}, totalSteps = 20): GrpoSettings {
  return { ...grpoDefaults, prompts: 2, groupSize: 2, schedule: { ...grpoDefaults.schedule, totalSteps }, ...change };
}
