/** Which addresses may be read: those that a search found and those that the user typed, to the letter. No model ever writes one. */

const TRACKING = /^(?:utm_\w+|gclid|fbclid|mc_cid|mc_eid|ref|ref_src|igshid|msclkid)$/i;

/** Equal for addresses that mean the same page, as far as an address tells. Undefined for what is no address. */
export function addressKey(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  parsed.hash = '';
  const telling = new URLSearchParams([...parsed.searchParams].filter(([name]) => !TRACKING.test(name)));
  telling.sort();
  parsed.search = telling.toString();
  const host = parsed.host.replace(/^(?:www|m|amp)\./, '');
  return `${parsed.protocol === 'http:' ? 'https:' : parsed.protocol}//${host}${parsed.pathname.replace(/\/+$/, '')}${parsed.search}`;
}

/** Addresses in the user's own words. */
export const typedAddresses = (words: string): string[] => [...words.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/gi)].map(([url]) => url.replace(/[.,;:!?)\]]+$/, ''));

export class KnownAddresses {
  readonly #known = new Set<string>();

  constructor(typed: readonly string[] = []) {
    for (const url of typed) this.#known.add(url);
  }

  /** A search has found it. */
  add(url: string): void {
    this.#known.add(url);
  }

  mayRead(url: string): boolean {
    return this.#known.has(url);
  }
}
