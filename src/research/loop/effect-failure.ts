/** Failures of effects as data: what is written to the journal when one failed, and thrown again where the run is repeated. */
import { R5Error } from '../../error.ts';
import { SourceError } from '../source-error.ts';
import { BudgetError } from './budget-error.ts';
import type { EffectFailure } from './journal-event.ts';
import { ModelError, modelErrorKinds, type ModelErrorKind } from './model-error.ts';

const sourceErrorKinds: readonly SourceError['kind'][] = [
  'auth', 'rate-limited', 'quota', 'bad-request', 'not-found', 'refused', 'unavailable', 'timeout', 'too-large', 'unreadable', 'blocked',
];

/** Undefined for what is no failure of the outer world but a defect or an interruption: such an effect counts as not yet performed. */
export function failureOf(error: unknown): EffectFailure | undefined {
  if (!(error instanceof R5Error)) return undefined;
  const kind = error instanceof SourceError || error instanceof ModelError || error instanceof BudgetError ? { kind: error.kind } : {};
  const wait = (error instanceof SourceError || error instanceof ModelError) && error.retryAfterMs !== undefined ? { retryAfterMs: error.retryAfterMs } : {};
  return { name: error.name, message: error.message, ...kind, ...wait };
}

export function errorOf({ name, kind, message, retryAfterMs }: EffectFailure): R5Error {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (name === 'SourceError') {
    const known = sourceErrorKinds.find((one) => one === kind);
    if (known) return new SourceError(known, message, wait);
  }
  if (name === 'ModelError') {
    const known = modelErrorKinds.find((one): one is ModelErrorKind => one === kind);
    if (known) return new ModelError(known, message, wait);
  }
  if (name === 'BudgetError' && (kind === 'money' || kind === 'tokens' || kind === 'time' || kind === 'steps')) return new BudgetError(kind, message);
  return new R5Error(message);
}
