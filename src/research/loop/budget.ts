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

interface Amounts {
  money: number;
  tokens: number;
  steps: number;
}

const NOTHING: Amounts = { money: 0, tokens: 0, steps: 0 };

export class Budget {
  readonly limits: BudgetLimits;
  readonly #cost: RunCost;
  readonly #earlierSeconds: number;
  readonly #startMs = performance.now();
  readonly #reserved: Amounts = { money: 0, tokens: 0, steps: 0 };
  readonly #waiting: (() => void)[] = [];
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

  /**
   * Does it within the budget. What would fit if those that run now took less than they may waits for them to end. Throws BudgetError before anything is
   * done when it could go over.
   */
  async within<Result>({ money = 0, tokens = 0 }: Reservation, run: () => Promise<Result>): Promise<Result> {
    const taken = { money, tokens, steps: 1 };
    while (this.#fits(taken, NOTHING) && !this.#fits(taken, this.#reserved)) await this.#released();
    const { money: mostMoney, tokens: mostTokens, seconds, steps } = this.limits;
    this.#check('money', this.#cost.money + money, mostMoney, (amount) => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`);
    this.#check('tokens', this.#cost.tokens + tokens, mostTokens, (amount) => `${amount} tokens`);
    this.#check('steps', this.#cost.steps + 1, steps, (amount) => `${amount} steps`);
    this.#check('time', this.seconds, seconds, (amount) => `${Math.round(amount)} s`);
    for (const name of ['money', 'tokens', 'steps'] as const) this.#reserved[name] += taken[name];
    try {
      return await run();
    } finally {
      // Not before the journal has counted what it really was.
      setImmediate(() => {
        for (const name of ['money', 'tokens', 'steps'] as const) this.#reserved[name] -= taken[name];
        for (const wake of this.#waiting.splice(0)) wake();
      });
    }
  }

  #fits(taken: Amounts, reserved: Amounts): boolean {
    return (['money', 'tokens', 'steps'] as const).every((name) => {
      const limit = this.limits[name];
      // What was taken back again may leave a rest of rounding.
      return limit === undefined || this.#cost[name] + reserved[name] + taken[name] <= limit * this.#share + 1e-9;
    });
  }

  #released(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #check(kind: BudgetError['kind'], wanted: number, limit: number | undefined, inWords: (amount: number) => string): void {
    if (limit === undefined || wanted <= limit * this.#share) return;
    const held = this.#share < 1 ? `, of which ${Math.round((1 - this.#share) * 100)} % are kept for the report` : '';
    throw new BudgetError(kind, `The next step could go over the budget of ${inWords(limit)}${held}: it could bring the run to ${inWords(wanted)}.`);
  }
}
