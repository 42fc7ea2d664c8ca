import { R5Error } from '../error.ts';

/** Why a source, a page or a model gave nothing; outcomes and retries are decided by it. */
export type SourceErrorKind = 'auth' | 'rate-limited' | 'quota' | 'bad-request' | 'not-found' | 'refused' | 'unavailable' | 'timeout' | 'too-large' | 'unreadable' | 'blocked';

export class SourceError extends R5Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  /** Earliest time of another try, where the other side says one. */
  readonly retryAfterMs?: number;

  constructor(kind: SourceErrorKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
