import { R5Error } from '../../error.ts';

export type BudgetKind = 'money' | 'tokens' | 'time' | 'steps';

/** An effect was not performed because it could have gone over the budget. */
export class BudgetError extends R5Error {
  override readonly name = 'BudgetError';
  readonly kind: BudgetKind;

  constructor(kind: BudgetKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
