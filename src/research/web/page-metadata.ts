/** What a page says about itself. */
import type { DomDocument } from './dom.ts';
import { toLine } from './visible-text.ts';

export interface PageMetadata {
  title?: string;
  byline?: string;
  siteName?: string;
  excerpt?: string;
  /** ISO 8601: a day, or a moment in UTC. */
  publishedAt?: string;
  /** BCP 47. */
  language?: string;
}

const PUBLISHED = [
  'meta[property="article:published_time"]',
  'meta[name="article:published_time"]',
  'meta[itemprop="datePublished"]',
  'meta[name="citation_publication_date"]',
  'meta[name="citation_date"]',
  'meta[name="dc.date"], meta[name="DC.date"], meta[name="dcterms.date"], meta[name="DC.date.issued"], meta[name="dcterms.created"]',
  'meta[name="date"], meta[name="pubdate"], meta[name="publish-date"], meta[name="sailthru.date"], meta[name="parsely-pub-date"]',
  '[itemprop="datePublished"]',
  'article time[datetime], main time[datetime], time[pubdate]',
];

/** Read before anything is taken out of the page. */
export function readMetadata(document: DomDocument): PageMetadata {
  const first = (selectors: readonly string[]): string | undefined => {
    for (const selector of selectors) {
      const element = document.querySelector(selector);
      const value = toLine(element?.getAttribute('content') ?? element?.getAttribute('datetime') ?? element?.textContent ?? '');
      if (value !== '') return value;
    }
    return undefined;
  };
  const language = normalizeLanguage(
    document.documentElement?.getAttribute('lang') ?? document.documentElement?.getAttribute('xml:lang') ?? first(['meta[http-equiv="content-language" i]', 'meta[property="og:locale"]']),
  );
  return withoutUndefined({
    title: first(['meta[property="og:title"]', 'title', 'h1']),
    byline: first(['meta[name="author"]', 'meta[name="citation_author"]', 'meta[property="article:author"]']),
    siteName: first(['meta[property="og:site_name"]']),
    excerpt: first(['meta[name="description"]', 'meta[property="og:description"]']),
    publishedAt: normalizeDate(first(PUBLISHED)) ?? normalizeDate(structuredDate(document)),
    language,
  });
}

/** `datePublished` of the page's structured data. */
function structuredDate(document: DomDocument): string | undefined {
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    const date = /"datePublished"\s*:\s*"([^"]+)"/.exec(script.textContent ?? '')?.[1];
    if (date !== undefined) return date;
  }
  return undefined;
}

/** A day, where only a day is said, else the moment in UTC; undefined for what is no date. */
export function normalizeDate(text: string | undefined): string | undefined {
  const value = text?.trim() ?? '';
  const day = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(value);
  if (day !== null) {
    const [, year = '', month = '', date = ''] = day;
    const written = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
    return Number.isNaN(Date.parse(written)) ? undefined : written;
  }
  if (/^\d{4}(?:-\d{2})?$/.test(value)) return value;
  // Without a year the runtime would put one in.
  if (!/\d{4}/.test(value)) return undefined;
  // A date in words holds in the writer's own time zone: the day is what is known.
  const hasTime = /\d:\d/.test(value);
  const time = Date.parse(hasTime ? value : `${value} UTC`);
  if (Number.isNaN(time)) return undefined;
  const moment = new Date(time).toISOString();
  return hasTime ? moment : moment.slice(0, 10);
}

function normalizeLanguage(label: string | undefined): string | undefined {
  const tag = label?.split(/[,;\s]/)[0]?.replace('_', '-') ?? '';
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag)) return undefined;
  return Intl.getCanonicalLocales(tag)[0];
}

/** The entries that have a value. */
export function withoutUndefined<T extends object>(entries: { [K in keyof T]: T[K] | undefined }): T;
export function withoutUndefined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== ''));
}
