/** What one request may take. */
export interface FetchLimits {
  /** Bytes of a body, both as it comes and unpacked. Default 20 MiB. */
  maxBytes: number;
  /** Until the connection stands, TLS included. Default 10 s. */
  connectTimeoutMs: number;
  /** From the start until the headers are there. Default 20 s. */
  headersTimeoutMs: number;
  /** From the start until the last byte is there. Default 45 s. */
  timeoutMs: number;
  /** Redirects that are followed. Default 8. */
  maxRedirects: number;
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  maxBytes: 20 * 1024 * 1024,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 20_000,
  timeoutMs: 45_000,
  maxRedirects: 8,
};
