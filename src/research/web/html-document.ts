/** A page of HTML as a document: its article where it has one, else everything in it but the frame around. */
import { Readability } from '@mozilla/readability';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { buildDocument } from './document-builder.ts';
import { type DomDocument, type DomElement, parseHtml } from './dom.ts';
import { removeHiddenText } from './hidden-text.ts';
import { htmlBlocks } from './html-blocks.ts';
import { normalizeDate, type PageMetadata, readMetadata, withoutUndefined } from './page-metadata.ts';
import { toLine } from './visible-text.ts';

/** The frame of a page, for pages that have no article. */
const FRAME = 'nav, footer, aside, [role="navigation"], [role="banner"], [role="contentinfo"], [role="search"], [role="dialog"], [class*="cookie-"], [id*="cookie-"]';

/**
 * Larger pages are not searched for an article: the time for it grows with the elements and with the cube of the depth. `below` counts
 * for each element those that it lies in.
 */
const MOST_SEARCHED = { elements: 60_000, deepest: 60, below: 400_000 };

/** A tree of a longer page would take the memory, and the time of everything else. */
const LONGEST_PAGE = 5_000_000;

/** Browsers stop at 512. */
const DEEPEST = 1000;

/** An article must hold this share of a page's words, where it is short, to stand for the page. */
const LEAST_SHARE = 0.2;
const SHORT_ARTICLE = 600;

/**
 * Reads a page. What a reader would not see is taken out before anything else looks at it. `url` is the page's address, for its links.
 * Throws SourceError: `unreadable` for a page without any text, or nested beyond measure; `too-large`.
 */
export function readHtml(html: string, url: string): ReadableDocument {
  if (html.length > LONGEST_PAGE) throw new SourceError('too-large', `${url} is a page of ${html.length} characters, more than the ${LONGEST_PAGE} that are read.`);
  const parse = (): DomDocument => {
    const document = parseHtml(html);
    if (measureTree(document.body).deepest > DEEPEST) throw new SourceError('unreadable', `${url} is nested more than ${DEEPEST} elements deep.`);
    removeHiddenText(document);
    return document;
  };
  const document = parse();
  const metadata = readMetadata(document);
  const base = URL.parse(document.querySelector('base[href]')?.getAttribute('href') ?? '', url)?.href ?? url;
  // The search for the article takes the tree apart, so the whole page is read first.
  const whole = buildDocument(htmlBlocks(withoutFrame(parse()), base));
  const article = findArticle(document);
  const built = article === undefined ? whole : buildDocument(htmlBlocks(article.content, base));
  const isWhole = article === undefined || built.text.trim() === '' || (built.text.length < SHORT_ARTICLE && built.text.length < LEAST_SHARE * whole.text.length);
  const chosen = isWhole ? whole : built;
  if (chosen.text === '') throw new SourceError('unreadable', `${url} is a page without any text that a reader would see.`);
  return withoutUndefined<ReadableDocument>({
    title: article?.metadata.title ?? metadata.title ?? url,
    ...chosen,
    byline: article?.metadata.byline ?? metadata.byline,
    siteName: article?.metadata.siteName ?? metadata.siteName,
    excerpt: metadata.excerpt ?? article?.metadata.excerpt,
    publishedAt: metadata.publishedAt ?? article?.metadata.publishedAt,
    language: metadata.language ?? article?.metadata.language,
  });
}

function findArticle(document: DomDocument): { content: DomElement; metadata: PageMetadata } | undefined {
  const { elements, deepest, below } = measureTree(document.body);
  if (elements > MOST_SEARCHED.elements || deepest > MOST_SEARCHED.deepest || below > MOST_SEARCHED.below) return undefined;
  const found = searchArticle(document);
  if (found?.content == null) return undefined;
  const line = (text: string | null | undefined): string | undefined => (text == null || text.trim() === '' ? undefined : toLine(text));
  const metadata = withoutUndefined<PageMetadata>({
    title: line(found.title),
    byline: line(found.byline),
    siteName: line(found.siteName),
    excerpt: line(found.excerpt),
    publishedAt: normalizeDate(found.publishedTime ?? undefined),
    language: line(found.lang),
  });
  return { content: found.content, metadata };
}

function searchArticle(document: DomDocument): ReturnType<Readability<DomElement>['parse']> | undefined {
  try {
    return new Readability<DomElement>(Object(document), { serializer: (node): DomElement => Object(node) }).parse();
  } catch (cause) {
    // Lists of a hundred thousand nodes are more than a call takes; the page is read as a whole.
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

/** Counted without a call for each element, so that no depth ends it. */
function measureTree(root: DomElement): { elements: number; deepest: number; below: number } {
  const measure = { elements: 0, deepest: 0, below: 0 };
  const waiting: [element: DomElement, depth: number][] = [[root, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [element, depth] = next;
    measure.elements++;
    measure.below += depth;
    measure.deepest = Math.max(measure.deepest, depth);
    for (const child of element.children) waiting.push([child, depth + 1]);
  }
  return measure;
}

function withoutFrame(document: DomDocument): DomElement {
  const length = (element: DomElement): number => (element.textContent ?? '').length;
  const whole = length(document.body);
  for (const element of document.body.querySelectorAll(FRAME)) {
    if (length(element) * 2 < whole) element.remove();
  }
  return document.body;
}
