/** A Word document: mammoth turns it into HTML, whose headings, lists and tables are read like a page's. */
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { buildDocument } from '../web/document-builder.ts';
import { parseHtml } from '../web/dom.ts';
import { htmlBlocks } from '../web/html-blocks.ts';
import { readZip } from './zip-archive.ts';

export async function readDocx(bytes: Uint8Array, { name, url }: { name: string; url: string }): Promise<ReadableDocument> {
  // Looks at the sizes, so that mammoth unpacks nothing that is too large, and at the part that makes it a document.
  const parts = readZip(bytes, name, (path) => path === 'word/document.xml' || path === 'docProps/core.xml');
  if (!parts.has('word/document.xml')) throw new SourceError('unreadable', `${name} holds no word/document.xml, so it is no Word document.`);
  const html = await convert(bytes, name);
  const blocks = htmlBlocks(parseHtml(html).body, url);
  const built = buildDocument(blocks);
  if (built.text === '') throw new SourceError('unreadable', `${name} holds no text.`);
  const core = new TextDecoder().decode(parts.get('docProps/core.xml') ?? new Uint8Array());
  const property = (element: string): string => textOf(new RegExp(`<${element}[^>]*>([^<]*)<`).exec(core)?.[1] ?? '');
  const title = property('dc:title') || blocks.find(({ level }) => level !== undefined)?.text || name;
  const byline = property('dc:creator');
  return { title, ...built, ...(byline !== '' && { byline }) };
}

async function convert(bytes: Uint8Array, name: string): Promise<string> {
  const { default: mammoth } = await import('mammoth');
  try {
    // Pictures would be put into the text as data.
    const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) }, { convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })), externalFileAccess: false });
    return value;
  } catch (cause) {
    throw new SourceError('unreadable', `${name} is a damaged Word document (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

const textOf = (xml: string): string => (parseHtml(xml).body.textContent ?? '').trim();
