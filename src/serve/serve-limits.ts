/** What one server takes on; each has a default that suits a small machine. */
export interface ServeLimits {
  /** Largest body of a request. Default 4 MiB. */
  bodyBytes: number;
  /** Answers written at the same time; more wait. Best the rows of the engine's decoder. Default 64. */
  concurrent: number;
  /** Answers that may wait; beyond that requests get the status 429. Default 512. */
  queue: number;
  /** Most tokens of one answer. Default: what the context leaves. */
  maxTokens: number | undefined;
  /** Most choices (`n`) of one request. Default 16. */
  choices: number;
  /** Time for a client to send its headers. Default 10 s. */
  headersTimeoutMs: number;
  /** Time for a client to send its whole request. Default 30 s. */
  requestTimeoutMs: number;
  /** A client that takes nothing of its answer for this long is cut off. Default 60 s. */
  stallTimeoutMs: number;
  /** Connections at the same time. Default 1024. */
  connections: number;
}

export const defaultServeLimits: ServeLimits = {
  bodyBytes: 4 * 1024 * 1024,
  concurrent: 64,
  queue: 512,
  maxTokens: undefined,
  choices: 16,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  connections: 1024,
};
