import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sniffBody } from './media-type.ts';
import { writePdf } from './pdf.fixture.ts';
import { readBytes } from './read-document.ts';
import { decodeText } from './text-encoding.ts';

const { signal } = new AbortController();

const read = (body: string | Uint8Array, options: { url?: string; contentType?: string } = {}) =>
  readBytes(typeof body === 'string' ? Buffer.from(body) : body, { url: 'https://example.org/file', signal, ...options });

test.each<[body: string, contentType: string, url: string, expected: string]>([
  ['<!DOCTYPE html><p>x', 'text/html', '', 'text/html'],
  ['<!DOCTYPE html><p>x', 'application/octet-stream', '', 'text/html'],
  ['<!DOCTYPE html><p>x', '', '', 'text/html'],
  ['\n <!-- a --> <html><p>x', '', '', 'text/html'],
  ['plain words', 'text/html; charset=utf-8', '', 'text/html'],
  ['<!DOCTYPE html><p>x', 'text/plain', '', 'text/plain'],
  ['plain words', '', '', 'text/plain'],
  ['plain words', 'image/png', '', 'text/plain'],
  ['# Title', 'text/markdown', '', 'text/markdown'],
  ['# Title', 'text/plain', 'https://example.org/README.md', 'text/markdown'],
  ['{"a": [1]}', '', '', 'application/json'],
  ['{"a": [1]}', 'text/html', '', 'application/json'],
  ['{"a": [1]}', 'application/problem+json', '', 'application/json'],
  ['{not json', '', '', 'text/plain'],
  ['<?xml version="1.0"?><rss><channel/></rss>', 'text/html', '', 'application/xml'],
  ['<feed xmlns="http://www.w3.org/2005/Atom"/>', '', '', 'application/xml'],
  ['<?xml version="1.0"?><!DOCTYPE html PUBLIC "a" "b"><html xmlns="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml', '', 'text/html'],
  ['%PDF-1.7', 'text/html', '', 'application/pdf'],
  ['BM is how this text begins', 'text/plain', '', 'text/plain'],
])('%j sent as %j is read as what it is', (body, contentType, url, expected) => {
  expect(sniffBody(Buffer.from(body), { contentType, url: url || 'https://example.org/' }).mediaType).toBe(expected);
});

test.each<[name: string, bytes: Uint8Array]>([
  ['a PNG image', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
  ['a JPEG image', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF', 'latin1')],
  ['a GIF image', Buffer.from('GIF89a\x01\0\x01\0', 'latin1')],
  ['a WebP image', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1')],
  ['an MP4 video', Buffer.from('\0\0\0\x18ftypmp42', 'latin1')],
  ['a ZIP archive or an office document', Buffer.from('PK\x03\x04\x14\0', 'latin1')],
  ['a gzip archive', gzipSync('x')],
  ['a program', Buffer.from('\x7fELF\x02\x01', 'latin1')],
  ['a font', Buffer.from('wOF2\0\x01\0\0', 'latin1')],
  ['not text', Buffer.from([1, 2, 3, 4, 5, 6])],
])('%s is refused by its name, whatever it is sent as', async (name, bytes) => {
  for (const contentType of ['text/html', 'application/pdf', 'text/plain', '']) {
    await expect(read(bytes, { contentType })).rejects.toMatchObject({ kind: 'unreadable', message: expect.stringContaining(`is ${name}`) });
  }
});

test.each<[bytes: Uint8Array, contentType: string]>([
  [Buffer.from('naïve Ω'), ''],
  [Buffer.from('\ufeffnaïve Ω'), 'text/plain; charset=iso-8859-1'],
  [Buffer.from('\ufeffnaïve Ω', 'utf16le'), ''],
  [Buffer.from('\ufeffnaïve Ω', 'utf16le').swap16(), ''],
  [Buffer.from('naïve Ω'), 'text/plain; charset=nonsense'],
])('encodings: byte order marks, UTF-8, and labels of nothing', (bytes, contentType) => {
  expect(decodeText(bytes, contentType)).toBe('naïve Ω');
});

test('encodings: header before page, page before default, windows-1252 for what is not UTF-8', () => {
  const latin = Buffer.from('na\xefve', 'latin1');
  expect(decodeText(latin, 'text/html; charset="ISO-8859-1"')).toBe('naïve');
  expect(decodeText(latin, '')).toBe('naïve');
  expect(decodeText(Buffer.from('<meta charset="koi8-r">\xd0\xd2\xc9', 'latin1'), '')).toContain('при');
  expect(decodeText(Buffer.from('<meta http-equiv=Content-Type content="text/html; charset=shift_jis">\x93\xfa\x96\x7b', 'latin1'), 'text/html')).toContain('日本');
  expect(decodeText(Buffer.from('<?xml version="1.0" encoding="windows-1251"?>\xef\xf0\xe8', 'latin1'), '')).toContain('при');
  expect(decodeText(Buffer.from('<meta charset="koi8-r">naïve'), 'text/html; charset=utf-8')).toContain('naïve');
});

test('Markdown keeps its headings, and loses comments and front matter', async () => {
  const { document } = await read('---\ntitle: x\n---\n# Rivers\n\nText.<!-- SECRET -->\n\n## Rhine\n\n```\n# no heading\n```\n\nLong.', { contentType: 'text/markdown' });
  expect(document.title).toBe('Rivers');
  expect(document.text).not.toMatch(/SECRET|title: x/);
  expect(document.passages.map(({ headings }) => headings)).toEqual([['Rivers'], ['Rivers', 'Rhine']]);
  expect(document.text).toContain('# no heading');
});

test('feeds become sections, JSON is laid out, empty bodies are unreadable', async () => {
  const feed = await read('<rss><channel><title>News</title><item><title>First</title><description>&lt;p&gt;Body &lt;b&gt;one&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>');
  expect(feed.document.title).toBe('News');
  expect(feed.document.text).toContain('First');
  expect(feed.document.text).toContain('Body one');
  const json = await read('{"a":{"b":[1,"two"]},"c":3}');
  expect(json.document.text).toBe('{\n "a": {\n  "b": [\n   1,\n   "two"\n  ]\n },\n "c": 3\n}');
  await expect(read('  \n ')).rejects.toMatchObject({ kind: 'unreadable' });
  await expect(read('{', { contentType: 'application/json' })).rejects.toMatchObject({ kind: 'unreadable' });
});

test('a PDF keeps its pages, paragraphs, headings and title', async () => {
  const pdf = writePdf({
    info: { Title: 'On bridges', Author: 'Ada Example', CreationDate: "D:20240305101500+01'00'" },
    pages: [
      [[18, 720, 'On bridges'], [11, 690, 'A bridge carries a road over a river. Its con-'], [11, 676, 'struction takes years.'], [11, 640, 'A second paragraph stands apart.']],
      [[15, 720, 'Costs'], [11, 690, 'It cost 4.2 million in 2019.']],
      [],
      [[11, 690, 'The last page.']],
    ],
  });
  const { mediaType, document } = await read(pdf, { contentType: 'application/octet-stream' });
  expect(mediaType).toBe('application/pdf');
  expect(document).toMatchObject({ title: 'On bridges', byline: 'Ada Example', publishedAt: '2024-03-05' });
  expect(document.text).toBe(
    'On bridges\n\nA bridge carries a road over a river. Its construction takes years.\n\nA second paragraph stands apart.\n\nCosts\n\nIt cost 4.2 million in 2019.\n\nThe last page.',
  );
  const at = (text: string) => document.passages.find(({ start, end }) => document.text.slice(start, end).includes(text));
  expect(at('takes years')).toMatchObject({ page: 1, headings: ['On bridges'] });
  expect(at('4.2 million')).toMatchObject({ page: 2, headings: ['Costs'] });
  expect(at('last page')).toMatchObject({ page: 4 });
});

test('a PDF without a title is named by its largest line; broken and empty ones are unreadable', async () => {
  const untitled = await read(writePdf({ info: { Title: 'Microsoft Word - draft.doc' }, pages: [[[11, 760, 'Preprint'], [20, 720, 'Rivers of'], [20, 698, 'the north'], [11, 600, 'Text.']]] }));
  expect(untitled.document.title).toBe('Rivers of the north');
  await expect(read('%PDF-1.7 and then nothing')).rejects.toMatchObject({ kind: 'unreadable' });
  await expect(read(writePdf({ info: {}, pages: [[]] }))).rejects.toThrow('PDF without text');
});
