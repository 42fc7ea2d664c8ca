/** Limits of a run. An effect is let through only if even its dearest outcome stays within them. */
import { BudgetError } from './budget-error.ts';
import type { RunCost } from './run-cost.ts';

export interface BudgetLimits {
  /** US dollars. */
  money?: number | undefined;
  /** Tokens of models, read and written. */
  tokens?: number | undefined;
  /** Seconds that the run has worked, over all its processes. */
  seconds?: number | undefined;
  /** Calls of models, searches and pages. */
  steps?: number | undefined;
}

/** Share of each limit that gathering may use up, so that what was found can still be written down. */
const GATHERING_SHARE = 0.75;

export interface Reservation {
  money?: number | undefined;
  tokens?: number | undefined;
}

export class Budget {
  readonly limits: BudgetLimits;
  readonly #cost: RunCost;
  readonly #earlierSeconds: number;
  readonly #startMs = performance.now();
  readonly #reserved = { money: 0, tokens: 0, steps: 0 };
  #share = GATHERING_SHARE;

  constructor(limits: BudgetLimits, cost: RunCost, earlierSeconds = 0) {
    this.limits = limits;
    this.#cost = cost;
    this.#earlierSeconds = earlierSeconds;
  }

  /** From here on everything may be used: the writing has begun. */
  openForWriting(): void {
    this.#share = 1;
  }

  get seconds(): number {
    return this.#earlierSeconds + (performance.now() - this.#startMs) / 1000;
  }

  /** Does it within the budget. Throws BudgetError before anything is done when it could go over. */
  async within<Result>({ money = 0, tokens = 0 }: Reservation, run: () => Promise<Result>): Promise<Result> {
    const { money: mostMoney, tokens: mostTokens, seconds, steps } = this.limits;
    const reserved = this.#reserved;
    this.#check('money', this.#cost.money + reserved.money + money, mostMoney, (limit) => `$${limit}`);
    this.#check('tokens', this.#cost.tokens + reserved.tokens + tokens, mostTokens, (limit) => `${limit} tokens`);
    this.#check('steps', this.#cost.steps + reserved.steps + 1, steps, (limit) => `${limit} steps`);
    this.#check('time', this.seconds, seconds, (limit) => `${limit} s`);
    const taken = { money, tokens, steps: 1 };
    for (const name of ['money', 'tokens', 'steps'] as const) reserved[name] += taken[name];
    try {
      return await run();
    } finally {
      // Not before the journal has counted what it really was.
      setImmediate(() => {
        for (const name of ['money', 'tokens', 'steps'] as const) reserved[name] -= taken[name];
      });
    }
  }

  #check(kind: BudgetError['kind'], wanted: number, limit: number | undefined, inWords: (limit: number) => string): void {
    if (limit === undefined || wanted <= limit * this.#share) return;
    const held = this.#share < 1 ? `, of which ${Math.round((1 - this.#share) * 100)} % are kept for the report` : '';
    throw new BudgetError(kind, `The next step could go over the budget of ${inWords(limit)}${held}.`);
  }
}
