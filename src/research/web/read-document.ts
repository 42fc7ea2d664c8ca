/** Bytes of any readable kind as a document. */
import type { ReadableDocument } from '../readable-document.ts';
import { readHtml } from './html-document.ts';
import { type ReadableType, sniffBody } from './media-type.ts';
import { readPdf } from './pdf-document.ts';
import { readJson, readPlainText, readXml } from './text-document.ts';

export interface ReadBytesOptions {
  /** Where the bytes came from; links in them are resolved against it. */
  url: string;
  /** What the server said they are. */
  contentType?: string;
  signal: AbortSignal;
}

/** The kind is judged by the bytes. Throws SourceError (`unreadable`), with the name of the format, for what cannot be read. */
export async function readBytes(bytes: Uint8Array, options: ReadBytesOptions): Promise<{ mediaType: ReadableType; document: ReadableDocument }> {
  const { url, signal } = options;
  const { mediaType, text = '' } = sniffBody(bytes, { contentType: options.contentType ?? '', url });
  switch (mediaType) {
    case 'application/pdf':
      return { mediaType, document: await readPdf(bytes, { url, signal }) };
    case 'text/html':
      return { mediaType, document: readHtml(text, url) };
    case 'application/json':
      return { mediaType, document: readJson(text, url) };
    case 'application/xml':
      return { mediaType, document: readXml(text, url) };
    case 'text/markdown':
    case 'text/plain':
      return { mediaType, document: readPlainText(text, { url, isMarkdown: mediaType === 'text/markdown' }) };
  }
}
