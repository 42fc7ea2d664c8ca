/** Whether an address may be asked at all, judged by how it is written; what its name resolves to is judged in host-resolution.ts. */
import { isIPv4 } from 'node:net';
import { SourceError } from '../source-error.ts';

/** Ports of the web. A page of the public internet at another port is more often a service that speaks something else. */
const WEB_PORTS: readonly number[] = [80, 443, 8000, 8008, 8080, 8443];

/** Names that lead to this machine or the network around it, whatever a resolver says. */
const LOCAL_NAMES = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa|onion)$/;

const LONGEST_ADDRESS = 8192;

/**
 * Addresses outside the public internet that may be asked all the same: all of them, or hosts by name (`intranet.example`,
 * `127.0.0.1`, `127.0.0.1:8080`). A host that is allowed here may be asked at any port, unless one is given.
 */
export type AllowPrivate = boolean | readonly string[];

/**
 * The parsed address, for `http:` and `https:` only, without a fragment. Throws SourceError (`blocked`) for other schemes, for
 * credentials in the address, for an IP address in an unusual spelling (`http://2130706433/`, `http://0x7f.1/`), and for local names.
 */
export function parseWebAddress(text: string, options: { base?: URL; allowPrivate?: AllowPrivate } = {}): URL {
  const url = URL.parse(text, options.base?.href);
  if (url === null) throw new SourceError('blocked', `${quote(text)} is not an address of the web; give one such as https://example.org/page.`);
  const refuse = (reason: string): SourceError => new SourceError('blocked', `${quote(text)} is refused: ${reason}.`);
  if (text.length > LONGEST_ADDRESS) throw refuse(`it has ${text.length} characters, more than ${LONGEST_ADDRESS}`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(`only http and https are fetched, not ${url.protocol.slice(0, -1)}`);
  if (url.username !== '' || url.password !== '') throw refuse('it carries a user name or password');
  if (isIPv4(url.hostname) && !text.includes(url.hostname)) {
    const isInherited = options.base?.hostname === url.hostname;
    if (!isInherited) throw refuse(`its host is ${url.hostname} in an unusual spelling`);
  }
  if (LOCAL_NAMES.test(hostName(url)) && !isAllowedPrivate(url, options.allowPrivate)) throw refuse(`${url.hostname} is a name of a local network. If you trust it, allow this host by name (--allow-host)`);
  url.hash = '';
  return url;
}

/** Throws SourceError (`blocked`) unless the port is one of the web's. Not for hosts that are allowed by name. */
export function requireWebPort(url: URL): void {
  const port = portOf(url);
  if (WEB_PORTS.includes(port)) return;
  throw new SourceError('blocked', `${quote(url.href)} is refused: port ${port} is not one of the web's (${WEB_PORTS.join(', ')}).`);
}

/** The host without the brackets of IPv6 and without the dot that a full name may end with. */
export const hostName = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

export const portOf = (url: URL): number => (url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port));

export function isAllowedPrivate(url: URL, allow: AllowPrivate | undefined): boolean {
  if (typeof allow === 'boolean' || allow === undefined) return allow === true;
  const host = hostName(url);
  return allow.some((allowed) => allowed === host || allowed === url.hostname || allowed === `${url.hostname}:${portOf(url)}`);
}

/** For messages: an address may be long, and may come from outside. */
function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- Control characters of an outside text must not reach the terminal.
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return printable.length > 200 ? `${printable.slice(0, 200)}...` : printable;
}
