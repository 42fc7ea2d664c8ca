/**
 * Where a page that was read leads on to. Only within its own site, which a search had found, and only to addresses without a query: so no page can
 * bring in a site, and no address carries anything away. Whether one is read is the planner's choice, by its number.
 */
import type { SearchHit } from '../search-source.ts';
import type { Snapshot } from '../snapshot.ts';
import { canonicalUrl } from '../sources/canonical-url.ts';

/** A link that says nothing about the question is not worth a line of the list. */
const SHORTEST_WORD = 4;

/** Links of a page as hits, those that share most words with the question first; none for what is no page of the web. */
export function linksOf({ markdown = '', finalUrl, title }: Snapshot, { question, source, most }: { question: string; source: string; most: number }): SearchHit[] {
  const page = URL.parse(finalUrl);
  if (page === null || !/^https?:$/.test(page.protocol)) return [];
  const wanted = new Set(wordsOf(question));
  const links = new Map<string, { hit: SearchHit; shared: number }>();
  for (const [, words = '', address = ''] of markdown.matchAll(/(?<!!)\[([^[\]\n]{1,200})\]\((https?:\/\/[^\s()<>]{1,500})\)/g)) {
    const url = URL.parse(address);
    if (url === null || url.origin !== page.origin || url.search !== '' || url.username !== '' || url.password !== '') continue;
    url.hash = '';
    const key = canonicalUrl(url.href);
    if (key === canonicalUrl(page.href) || links.has(key)) continue;
    const shared = new Set(wordsOf(`${words} ${url.pathname}`).filter((word) => wanted.has(word))).size;
    if (shared > 0) links.set(key, { shared, hit: { url: url.href, title: words.trim(), snippet: `A link on the page "${title.slice(0, 100)}".`, source, origin: 'web' } });
  }
  return [...links.values()].toSorted((a, b) => b.shared - a.shared).slice(0, most).map(({ hit }) => hit);
}

const wordsOf = (text: string): string[] => (text.toLowerCase().normalize('NFKC').match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length >= SHORTEST_WORD);
