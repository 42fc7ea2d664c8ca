/** A file's bytes as a document, by what its name says and its bytes confirm. */
import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { sniffBody } from '../web/media-type.ts';
import { readBytes } from '../web/read-document.ts';
import type { ReadingThreads } from '../web/reading-threads.ts';
import { readPlainText } from '../web/text-document.ts';
import { decodeText } from '../web/text-encoding.ts';
import { readCsv } from './csv-document.ts';
import { readDocx } from './docx-document.ts';
import { readEpub } from './epub-document.ts';

export interface FileDocument {
  mediaType: string;
  document: ReadableDocument;
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const EPUB = 'application/epub+zip';

/** Files that are named so and cannot be read are broken; of all others, what is not text is none of ours. */
const DOCUMENT_NAMES = /\.(?:md|markdown|html?|xhtml|pdf|docx|csv|tsv|epub|txt|rst|org|tex|json|xml)$/i;

export const isDocumentName = (path: string): boolean => DOCUMENT_NAMES.test(path);

export interface ReadFileOptions {
  /** Read what parsers could hang in. */
  threads: ReadingThreads;
  signal: AbortSignal;
}

/** Throws SourceError with the file's name and what is wrong with it. */
export async function readFileBytes(path: string, bytes: Uint8Array, { threads, signal }: ReadFileOptions): Promise<FileDocument> {
  const name = basename(path);
  const url = pathToFileURL(path).href;
  switch (extname(path).toLowerCase()) {
    case '.docx':
      return { mediaType: DOCX, document: await readDocx(bytes, { name, url }) };
    case '.epub':
      return { mediaType: EPUB, document: readEpub(bytes, { name, url }) };
    case '.csv':
    case '.tsv':
      return { mediaType: 'text/csv', document: readCsv(decodeText(bytes, ''), name) };
    case '.md':
    case '.markdown':
    case '.json':
      return named(await readBytes(bytes, { url, contentType: contentTypeOf(path), signal }), url, name);
    case '.html':
    case '.htm':
    case '.xhtml':
    case '.pdf':
    case '.xml':
      return named(await threads.read({ bytes, url, contentType: contentTypeOf(path) }, { signal }), url, name);
    default:
      return readText(bytes, { name, url });
  }
}

const contentTypeOf = (path: string): string => (/html?$/i.test(path) ? 'text/html' : /\.(?:md|markdown)$/i.test(path) ? 'text/markdown' : '');

/** Text and code, which begins with no title that would be one. */
function readText(bytes: Uint8Array, { name, url }: { name: string; url: string }): FileDocument {
  const { text } = sniffBody(bytes, { contentType: 'text/plain', url: name });
  if (text === undefined) throw new SourceError('unreadable', `${name} is a PDF; with a name that ends in .pdf it is read.`);
  const document = readPlainText(text, { url, isMarkdown: false });
  return { mediaType: 'text/plain', document: { ...document, title: name } };
}

/** Documents that have no title of their own are called by their file, not by its whole address. */
const named = ({ mediaType, document }: FileDocument, url: string, name: string): FileDocument => ({
  mediaType,
  document: document.title === url ? { ...document, title: name } : document,
});
