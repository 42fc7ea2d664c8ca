/** What a body is, judged by its bytes first: servers say `text/html` of anything, and a wrong type must not reach a parser. */
import { SourceError } from '../source-error.ts';
import { decodeText } from './text-encoding.ts';

/** What can be read. Everything else is refused by its name. */
export type ReadableType = 'text/html' | 'application/xml' | 'text/plain' | 'text/markdown' | 'application/json' | 'application/pdf';

/** Names of formats by how they begin; at an offset where the format has one. */
const BINARY_FORMATS: readonly (readonly [name: string, bytes: string, offset?: number])[] = [
  ['a PNG image', '\x89PNG\r\n\x1a\n'],
  ['a JPEG image', '\xff\xd8\xff'],
  ['a GIF image', 'GIF8'],
  ['a WebP image', 'WEBP', 8],
  ['a WAV sound', 'WAVE', 8],
  ['an AVI video', 'AVI ', 8],
  ['a BMP image', 'BM'],
  ['a TIFF image', 'II*\0'],
  ['a TIFF image', 'MM\0*'],
  ['an icon', '\0\0\x01\0'],
  ['an MP4 video', 'ftyp', 4],
  ['a Matroska video', '\x1a\x45\xdf\xa3'],
  ['an MPEG video', '\0\0\x01\xba'],
  ['a Flash video', 'FLV'],
  ['an MP3 sound', 'ID3'],
  ['an MP3 sound', '\xff\xfb'],
  ['an Ogg sound or video', 'OggS'],
  ['a FLAC sound', 'fLaC'],
  ['a ZIP archive or an office document', 'PK\x03\x04'],
  ['a ZIP archive', 'PK\x05\x06'],
  ['a gzip archive', '\x1f\x8b'],
  ['an XZ archive', '\xfd7zXZ\0'],
  ['a Zstandard archive', '\x28\xb5\x2f\xfd'],
  ['a bzip2 archive', 'BZh'],
  ['a 7-Zip archive', '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', 'Rar!\x1a\x07'],
  ['a TAR archive', 'ustar', 257],
  ['an old office document', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a program', '\x7fELF'],
  ['a program', 'MZ'],
  ['a program', '\xca\xfe\xba\xbe'],
  ['a program', '\xcf\xfa\xed\xfe'],
  ['a WebAssembly module', '\0asm'],
  ['a font', 'wOFF'],
  ['a font', 'wOF2'],
  ['a font', 'OTTO'],
  ['a font', '\0\x01\0\0'],
  ['a database', 'SQLite format 3\0'],
  ['a Parquet file', 'PAR1'],
];

/** Tags that a page begins with, after white space and comments; the list of the WHATWG's MIME sniffing, and `meta` and `link`. */
const HTML_START = /^(?:\s|<!--[^]*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|meta|link|article|main)\b/i;

const XHTML_ROOT = /^(?:\s|<!--[^]*?-->|<\?[^>]*>|<!doctype[^>]*>)*<(?:\w+:)?html\b/i;

const XML_START = /^(?:\s|<!--[^]*?-->)*<(?:\?xml\s|rss\b|feed\b|rdf:RDF\b|urlset\b|sitemapindex\b|opml\b)/i;

export interface SniffedBody {
  mediaType: ReadableType;
  /** Of the text types: the text. */
  text?: string;
}

/**
 * The type of a body, and its text where it is text. `contentType` is the header, which decides only between types of text.
 * Throws SourceError (`unreadable`) with the name of the format for everything that is not text or PDF.
 */
export function sniffBody(bytes: Uint8Array, { contentType, url }: { contentType: string; url: string }): SniffedBody {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1');
  if (start.slice(0, 1024).includes('%PDF-')) return { mediaType: 'application/pdf' };
  const hasByteOrderMark = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(start);
  // oxlint-disable-next-line no-control-regex -- Bytes that occur in no text are what is looked for.
  const hasBinaryBytes = !hasByteOrderMark && !/charset="?utf-(?:16|32)/i.test(contentType) && /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(start);
  // Some marks are words as well (`BM`, `OTTO`), so they count only beside bytes that no text has.
  const format = hasBinaryBytes ? BINARY_FORMATS.find(([, mark, offset = 0]) => start.startsWith(mark, offset)) : undefined;
  if (format !== undefined) throw new SourceError('unreadable', `${url} is ${format[0]}, which is not read. Pages, text, JSON, XML and PDF are.`);
  if (hasBinaryBytes) {
    const said = contentType === '' ? '' : ` (sent as ${JSON.stringify(contentType.slice(0, 100))})`;
    throw new SourceError('unreadable', `${url} is not text${said}; its format is not known. Pages, text, JSON, XML and PDF are read.`);
  }
  const text = decodeText(bytes, contentType);
  return { mediaType: textType(text, { declared: contentType.split(';')[0]?.trim().toLowerCase() ?? '', url }), text };
}

function textType(text: string, { declared, url }: { declared: string; url: string }): ReadableType {
  const start = text.slice(0, 4096);
  // A page's source that is shown as text, such as a raw file, is said to be text; so is Markdown with a tag at its start.
  const isSaidToBeText = declared === 'text/plain' || declared === 'text/markdown' || declared === 'text/x-markdown';
  if (/[/+]json$/.test(declared) || (!isSaidToBeText && isJson(text))) return 'application/json';
  if (XHTML_ROOT.test(start) && !isSaidToBeText) return 'text/html';
  if (XML_START.test(start)) return 'application/xml';
  if (!isSaidToBeText && (HTML_START.test(start) || declared === 'text/html' || declared === 'application/xhtml+xml')) return 'text/html';
  if (/[/+]xml$/.test(declared)) return 'application/xml';
  const isMarkdown = declared.endsWith('markdown') || /\.(?:md|markdown)$/i.test(URL.parse(url)?.pathname ?? '');
  return isMarkdown ? 'text/markdown' : 'text/plain';
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // What does not parse is some other text.
    return false;
  }
}
