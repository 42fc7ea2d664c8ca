/** How a generation ends that was aborted. */
import { ApiError } from './api-error.ts';

/** Nobody reads it; the metrics count it under the status that web servers have for this. */
const HUNG_UP = 499;

/** The error of whoever aborted: the server's own, or that the client is gone. */
export function cutOffError(signal: AbortSignal): ApiError {
  return signal.reason instanceof ApiError ? signal.reason : new ApiError(HUNG_UP, 'The client has hung up.');
}
