/** Errors as OpenAI's protocol words them: a status, and `{ error: { message, type, param, code } }`. */
import type { ContextFullError } from '../chat/context-full-error.ts';
import { R5Error } from '../error.ts';

export interface ApiErrorFields {
  /** Which parameter is wrong, as a path: `messages[0].content`. */
  param?: string | undefined;
  /** A word that programs can look for. */
  code?: string;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

export interface ApiErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly param: string | undefined;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, { param, code, headers = {}, cause }: ApiErrorFields = {}) {
    super(message, { cause });
    this.status = status;
    this.param = param;
    this.code = code;
    this.headers = headers;
  }

  get body(): ApiErrorBody {
    return { error: { message: this.message, type: typeOf(this.status), param: this.param ?? null, code: this.code ?? null } };
  }

  response(): Response {
    return Response.json(this.body, { status: this.status, headers: this.headers });
  }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/**
 * What the client is told. A request that the model cannot take (R5Error) is the client's to change; anything else is a defect of ours, and so
 * are special kinds of R5Error, such as what the runtime refuses.
 */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof R5Error && error.name === 'R5Error') return new ApiError(400, error.message, { cause: error });
  return new ApiError(500, 'The server failed on this request; its log says why. Other requests are not affected.', { code: 'internal_error', cause: error });
}

/** `param` holds the conversation that is too long. */
export function contextError(error: ContextFullError, param: string): ApiError {
  const { promptTokens, contextLength } = error;
  const message = `This model's maximum context length is ${contextLength} tokens. However, your ${param} came to ${promptTokens} tokens, which leaves no room for an answer. Please shorten the ${param}.`;
  return new ApiError(400, message, { param, code: 'context_length_exceeded', cause: error });
}

/** The server is going down. */
export function stoppingError(): ApiError {
  return new ApiError(503, 'The server is stopping.', { code: 'server_stopping', headers: { 'retry-after': '5', connection: 'close' } });
}
