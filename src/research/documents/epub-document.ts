/** A book in the EPUB format: an archive with a table of its parts, which are pages of XHTML in their order. */
import { posix } from 'node:path';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { type Block, buildDocument } from '../web/document-builder.ts';
import { type DomDocument, parseHtml } from '../web/dom.ts';
import { removeHiddenText } from '../web/hidden-text.ts';
import { htmlBlocks } from '../web/html-blocks.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { readZip } from './zip-archive.ts';

export function readEpub(bytes: Uint8Array, { name, url }: { name: string; url: string }): ReadableDocument {
  const files = readZip(bytes, name, (path) => /\.(?:x?html?|opf|xml)$/i.test(path));
  const open = (path: string, what: string): string => {
    const file = files.get(path);
    if (file === undefined) throw new SourceError('unreadable', `${name} lacks ${path || what}, so its ${what} cannot be read.`);
    return new TextDecoder().decode(file);
  };
  if (files.has('META-INF/encryption.xml') && files.has('META-INF/rights.xml')) throw new SourceError('unreadable', `${name} is encrypted; a copy without copy protection can be read.`);
  const packagePath = parseXml(open('META-INF/container.xml', 'container')).querySelector('rootfile')?.getAttribute('full-path') ?? '';
  const book = parseXml(open(packagePath, 'package'));
  const blocks = spineOf(book, posix.dirname(packagePath)).flatMap((path) => blocksOf(open(path, 'chapter'), url));
  const built = buildDocument(blocks);
  if (built.text === '') throw new SourceError('unreadable', `${name} holds no text.`);
  const about = (element: string): string => ([...book.querySelectorAll('*')].find(({ localName }) => localName === `dc:${element}` || localName === element)?.textContent ?? '').trim();
  const publishedAt = normalizeDate(about('date'));
  return {
    title: about('title') || name,
    ...built,
    ...(about('creator') !== '' && { byline: about('creator') }),
    ...(about('language') !== '' && { language: about('language') }),
    ...(publishedAt !== undefined && { publishedAt }),
  };
}

/** Paths of the parts, in the order of reading. */
function spineOf(book: DomDocument, folder: string): string[] {
  const hrefs = new Map([...book.querySelectorAll('item')].map((item) => [item.getAttribute('id'), item.getAttribute('href') ?? '']));
  return [...book.querySelectorAll('itemref')].flatMap((reference) => {
    const href = hrefs.get(reference.getAttribute('idref'));
    return href === undefined || reference.getAttribute('linear') === 'no' ? [] : [posix.join(folder, decodeURIComponent(href.split('#')[0] ?? ''))];
  });
}

function blocksOf(xhtml: string, url: string): Block[] {
  // The HTML parser knows no elements that close themselves.
  const document = parseHtml(xhtml.replace(/^\s*<\?xml[^>]*\?>/, '').replace(/<(?!(?:br|hr|img|input|link|meta|area|base|col|embed|source|track|wbr)\b)(\w+)([^<>]*)\/>/gi, '<$1$2></$1>'));
  removeHiddenText(document);
  return htmlBlocks(document.body, url);
}

const parseXml = (xml: string): DomDocument => parseHtml(`<body>${xml.replace(/<\?xml[^>]*\?>/, '').replace(/<(\/?)(\w+:)?(\w+)([^<>]*?)\/>/g, '<$2$3$4></$2$3>')}</body>`);
