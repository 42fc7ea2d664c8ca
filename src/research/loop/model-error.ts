import { R5Error } from '../../error.ts';

/** `unusable`: it answered, and nothing could be made of it after all repairs and retries. */
export const modelErrorKinds = ['auth', 'rate-limited', 'quota', 'bad-request', 'not-found', 'unavailable', 'timeout', 'context-full', 'unusable'] as const;
export type ModelErrorKind = (typeof modelErrorKinds)[number];

/** Why a model gave no answer that can be used. */
export class ModelError extends R5Error {
  override readonly name = 'ModelError';
  readonly kind: ModelErrorKind;
  /** Earliest time of another try, where the other side says one. */
  readonly retryAfterMs?: number;
  /** Tokens of an answer that broke off in the middle, estimated. */
  spent?: { inputTokens: number; outputTokens: number };

  constructor(kind: ModelErrorKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
