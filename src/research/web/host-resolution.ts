/** A host's addresses, resolved once and checked before any of them is connected to. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { SourceError } from '../source-error.ts';
import { refusedRange } from './address-range.ts';
import { type AllowPrivate, hostName, isAllowedPrivate, requireWebPort } from './web-address.ts';

/** All addresses of a host name; throws where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveBySystem: Resolve = async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * The addresses that a connection for `url` may go to. Throws SourceError: `blocked` if any address of the host lies outside the
 * public internet and the host is not allowed by `allowPrivate`, or if the port is not one of the web's; `not-found` for a name
 * that does not exist; `unavailable` if the resolver failed.
 *
 * One private address among public ones refuses the host: an honest name has no such mixture, and connections try one after another.
 */
export async function resolveChecked(url: URL, options: { resolve?: Resolve; allowPrivate?: AllowPrivate } = {}): Promise<readonly string[]> {
  const host = hostName(url);
  const addresses = isIP(host) === 0 ? await resolveName(host, options.resolve ?? resolveBySystem) : [host];
  requireAllowedAddresses(url, addresses, options.allowPrivate);
  return addresses;
}

/** Throws SourceError (`blocked`) unless every one of the addresses may be connected to for `url`. */
export function requireAllowedAddresses(url: URL, addresses: readonly string[], allowPrivate: AllowPrivate | undefined): void {
  const refused = addresses.map((address) => ({ address, range: refusedRange(address) })).find(({ range }) => range !== undefined);
  if (refused === undefined) return requireAllowedPort(url, allowPrivate);
  if (isAllowedPrivate(url, allowPrivate)) return;
  const leadsTo = refused.address === hostName(url) ? 'is an address' : `leads to ${refused.address}`;
  throw new SourceError(
    'blocked',
    `${url.href} is refused: ${hostName(url)} ${leadsTo} outside the public internet (${refused.range}). If you trust it, allow this host by name (--allow-host).`,
  );
}

function requireAllowedPort(url: URL, allowPrivate: AllowPrivate | undefined): void {
  const isNamed = Array.isArray(allowPrivate) && isAllowedPrivate(url, allowPrivate);
  if (!isNamed) requireWebPort(url);
}

async function resolveName(host: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(host).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const kind = code === 'ENOTFOUND' || code === 'ENODATA' ? 'not-found' : 'unavailable';
    throw new SourceError(kind, `The host ${host} could not be resolved (${code}).`, { cause });
  });
  if (addresses.length === 0) throw new SourceError('not-found', `The host ${host} has no address.`);
  const invalid = addresses.find((address) => isIP(address) === 0);
  if (invalid !== undefined) throw new SourceError('unavailable', `The resolver answered ${JSON.stringify(invalid)} for ${host}, which is not an IP address.`);
  return addresses;
}
