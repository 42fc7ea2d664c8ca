/** How long an answer may be used without asking again (RFC 9111), for a cache of one person. */

type Headers = Readonly<Record<string, string>>;

/** Without a word from the server, a tenth of the document's age, up to a day. */
const HEURISTIC_SHARE = 0.1;
const HEURISTIC_MOST_MS = 24 * 60 * 60 * 1000;

export function mayBeStored(headers: Headers): boolean {
  return !('no-store' in directives(headers)) && headers['vary']?.trim() !== '*';
}

/** Whether an answer that was stored at `storedAt` may still be used at `now` as it is. */
export function isFresh(headers: Headers, { storedAt, now }: { storedAt: number; now: number }): boolean {
  const ageMs = Math.max(0, now - storedAt) + (Number(headers['age']) || 0) * 1000;
  return ageMs < lifetimeOf(headers, storedAt);
}

function lifetimeOf(headers: Headers, storedAt: number): number {
  const said = directives(headers);
  if ('no-cache' in said) return 0;
  if (said['max-age'] !== undefined) return Number(said['max-age']) * 1000 || 0;
  const date = Date.parse(headers['date'] ?? '') || storedAt;
  // An `Expires` that is no date, such as `0`, has passed.
  if (headers['expires'] !== undefined) return (Date.parse(headers['expires']) || 0) - date;
  const modified = Date.parse(headers['last-modified'] ?? '');
  return Number.isNaN(modified) ? 0 : Math.min((date - modified) * HEURISTIC_SHARE, HEURISTIC_MOST_MS);
}

/** Headers with which a stored answer is asked for again; undefined where there is nothing to ask by. */
export function conditionalHeaders(headers: Headers): Headers | undefined {
  const [etag, modified] = [headers['etag'], headers['last-modified']];
  if (etag === undefined && modified === undefined) return undefined;
  return { ...(etag !== undefined && { 'if-none-match': etag }), ...(modified !== undefined && { 'if-modified-since': modified }) };
}

function directives(headers: Headers): Readonly<Record<string, string | undefined>> {
  const parts = (headers['cache-control'] ?? '').toLowerCase().split(',').map((part) => part.trim().split('='));
  return Object.fromEntries(parts.map(([name = '', value = '']) => [name, value.replaceAll('"', '')]));
}
