import { DOMParser } from 'linkedom';
import { z } from 'zod';
import { DEFAULT_COUNT, type SearchQuery, type SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import type { DomDocument, DomElement } from '../web/dom.ts';
import { Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { allThenAny, dayOf } from './service-query.ts';
import type { Failure } from './source-http.ts';

const answer = z.object({
  esearchresult: z.object({ idlist: z.array(z.string()).nullish(), ERROR: z.string().nullish() }).refine(({ idlist, ERROR: error }) => idlist != null || error != null, { error: 'neither idlist nor ERROR' }),
});
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** PubMed through NCBI's E-utilities, https://www.ncbi.nlm.nih.gov/books/NBK25499. A key (NCBI_API_KEY) raises its limit from 3 to 10 requests a second and is not needed. */
export function pubmedSource(settings: ServiceSettings = {}): SearchSource {
  const service = new Service({ name: 'pubmed', title: 'PubMed', baseUrl: 'https://eutils.ncbi.nlm.nih.gov', keyVariable: 'NCBI_API_KEY', gapMs: settings.key === undefined ? 340 : 110, explain }, settings);
  const common = { db: 'pubmed', tool: 'r5-rl', api_key: settings.key };
  return {
    name: service.name,
    async search(query, options) {
      const ids = await allThenAny(query.query, async (term) => {
        const parameters = { ...common, term, retmode: 'json', retmax: Math.min(query.count ?? DEFAULT_COUNT, 100), sort: 'relevance', ...dates(query) };
        const { esearchresult: result } = await service.json({ path: '/entrez/eutils/esearch.fcgi', parameters }, answer, options);
        if (result.ERROR != null) throw new SourceError('bad-request', `PubMed does not take the query (${result.ERROR.slice(0, 200)}).`);
        return result.idlist ?? [];
      });
      if (ids.length === 0) return { hits: [] };
      const xml = await service.text({ path: '/entrez/eutils/efetch.fcgi', parameters: { ...common, id: ids.join(','), rettype: 'abstract', retmode: 'xml' }, headers: { accept: 'application/xml' } }, options);
      return within(parseArticles(xml).map((article) => articleHit(article, service.name)), query);
    },
  };
}

/** PubMed takes the bounds only as a pair. */
function dates({ publishedAfter, publishedBefore }: SearchQuery): Record<string, string> {
  if (publishedAfter === undefined && publishedBefore === undefined) return {};
  const slashed = (date: string): string => dayOf(date).replaceAll('-', '/');
  return { datetype: 'pdat', mindate: slashed(publishedAfter ?? '1800-01-01'), maxdate: slashed(publishedBefore ?? '3000-01-01') };
}

function parseArticles(xml: string): DomElement[] {
  const document: Pick<DomDocument, 'documentElement'> = new DOMParser().parseFromString(xml, 'text/xml');
  const root = document.documentElement;
  if (root === null || !/^PubmedArticleSet$/i.test(root.localName)) throw new SourceError('unreadable', 'PubMed answered with something that is no set of articles; try again later.');
  // Chapters of books, such as those of StatPearls, come as PubmedBookArticle.
  return [...root.children].filter(({ localName }) => /^Pubmed(?:Book)?Article$/i.test(localName));
}

function articleHit(article: DomElement, source: string): ReturnType<typeof toHit> {
  const all = (name: string, inside: DomElement = article): DomElement[] => [...inside.querySelectorAll(name)];
  const text = (name: string, inside: DomElement = article): string => (all(name, inside)[0]?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const [date] = all('PubDate');
  const month = date === undefined ? '' : text('Month', date);
  const number = MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1 || Number(month);
  const [year, day] = date === undefined ? ['', ''] : [text('Year', date) || (/\d{4}/.exec(text('MedlineDate', date))?.[0] ?? ''), text('Day', date)];
  const two = (value: number | string): string => String(value).padStart(2, '0');
  const publishedAt = year === '' ? undefined : [year, ...(number > 0 ? [two(number), ...(day === '' ? [] : [two(day)])] : [])].join('-');
  return toHit({
    url: `https://pubmed.ncbi.nlm.nih.gov/${text('PMID')}/`,
    title: text('ArticleTitle') || text('BookTitle'),
    // Some have the same abstract in other languages as well.
    snippet: all('Abstract > AbstractText').map((part) => `${part.getAttribute('Label') === null ? '' : `${part.getAttribute('Label')}: `}${(part.textContent ?? '').replace(/\s+/g, ' ').trim()}`).join(' '),
    publishedAt,
    authors: all('Author').map((author) => [text('ForeName', author), text('LastName', author), text('CollectiveName', author)].filter((name) => name !== '').join(' ')).filter((name) => name !== ''),
    source,
    origin: 'web',
  });
}

/** A wrong key comes as 400. */
function explain(status: number, said: string): Failure | undefined {
  if (status === 400 && /api[ _-]?key/i.test(said)) return { kind: 'auth', advice: 'Is the key in NCBI_API_KEY right? PubMed works without one, too.' };
  return undefined;
}
