/** Which addresses may be read: those that a search found, links of such pages within their site, and those that the user typed, to the letter. No model ever writes one. */

/** Addresses in the user's own words. */
export const typedAddresses = (words: string): string[] => [...words.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/gi)].map(([url]) => url.replace(/[.,;:!?)\]]+$/, ''));

export class KnownAddresses {
  readonly #known = new Set<string>();

  constructor(typed: readonly string[] = []) {
    for (const url of typed) this.#known.add(url);
  }

  /** A search has found it, or a page that a search had found (see page-links.ts). */
  add(url: string): void {
    this.#known.add(url);
  }

  mayRead(url: string): boolean {
    return this.#known.has(url);
  }
}
