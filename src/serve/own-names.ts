/**
 * A server without keys that only this machine reaches can still be called by a page of the web: one whose own name was made to point here, so that the
 * browser takes the server for the page's. Such calls bear that name.
 */
import { ApiError } from './api-error.ts';

const OWN_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/** Whether a server that listens at this address is reached from this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Throws the 403 for a call to another name than this machine's own. */
export function checkOwnName(host: string | undefined): void {
  if (OWN_NAME.test(host ?? '')) return;
  throw new ApiError(403, `This server answers to localhost and 127.0.0.1, not to '${(host ?? '').slice(0, 100)}'. Start it with an API key to call it by other names.`, { code: 'unknown_host' });
}
