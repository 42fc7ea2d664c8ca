import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { DocumentIndexWriter } from './document-index.ts';
import { indexFolder, indexPathOf } from './index-folder.ts';
import { DocumentIndex } from './search-documents.ts';
import { openSqlite } from '../../sqlite.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'r5-index-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, content: string | Uint8Array): string => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
};

function find(question: string): { file: string; title: string; headings: readonly string[]; text: string }[] {
  const index = new DocumentIndex(indexPathOf(folder));
  try {
    return index.search(question).map(({ url, title, passages: [best] }) => ({ file: url.slice(pathToFileURL(folder).href.length + 1), title, headings: best?.headings ?? [], text: best?.text ?? '' }));
  } finally {
    index.close();
  }
}

const zip = (files: Record<string, string>): Uint8Array => zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));

const docx = (paragraphs: string): Uint8Array =>
  zip({
    '[Content_Types].xml':
      '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    '_rels/.rels':
      '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    'docProps/core.xml': '<?xml version="1.0"?><cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>Pumps &amp; heat</dc:title><dc:creator>Eve</dc:creator></cp:coreProperties>',
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${paragraphs}</w:body></w:document>`,
  });

const epub = (): Uint8Array =>
  zip({
    'mimetype': 'application/epub+zip',
    'META-INF/container.xml': '<?xml version="1.0"?><container><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    'OEBPS/book.opf':
      '<?xml version="1.0"?><package><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Lighthouse</dc:title><dc:creator>A. Keeper</dc:creator><dc:language>en</dc:language><dc:date>1901-05-02</dc:date></metadata><manifest><item id="two" href="text/ch%202.xhtml"/><item id="one" href="text/ch1.xhtml"/></manifest><spine><itemref idref="one"/><itemref idref="two"/></spine></package>',
    'OEBPS/text/ch1.xhtml': '<?xml version="1.0"?><html><head><title/></head><body><h1>Storm</h1><p>The lantern went out at midnight.</p></body></html>',
    'OEBPS/text/ch 2.xhtml': '<html><body><a id="x"/><h1>Calm</h1><p>Morning brought gulls.</p></body></html>',
  });

const PARAGRAPHS =
  '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Compressors</w:t></w:r></w:p><w:p><w:r><w:t>A scroll compressor hums.</w:t></w:r></w:p>';

test('documents of every format are found by what they say', async () => {
  write('notes.md', '---\nx: 1\n---\n# Orchids\n\n## Watering\n\nOrchids drink once a week.\n');
  write('page.html', '<html><head><title>Tides</title></head><body><article><h1>Tides</h1><p>The moon pulls the sea towards it, twice a day.</p></article></body></html>');
  write('plain.txt', 'Granite is an igneous rock.\n');
  write('deep/er/heat.docx', docx(PARAGRAPHS));
  write('table.csv', 'city;inhabitants\nUlm;129000\nJena;"111 000"\n');
  write('code.ts', 'export function parseRetryAfter(header: string): number {\n  return Number(header);\n}\n');
  write('book.epub', epub());
  const report = await indexFolder(folder);
  expect(report).toMatchObject({ added: 7, changed: 0, removed: 0, failed: [], documents: 7 });
  expect(find('watering orchids')).toMatchObject([{ file: 'notes.md', title: 'Orchids', headings: ['Orchids', 'Watering'], text: 'Orchids drink once a week.' }]);
  expect(find('moon')).toMatchObject([{ file: 'page.html', title: 'Tides' }]);
  expect(find('igneous')).toMatchObject([{ file: 'plain.txt' }]);
  expect(find('scroll')).toMatchObject([{ file: 'deep/er/heat.docx', title: 'Pumps & heat', headings: ['Compressors'], text: 'A scroll compressor hums.' }]);
  expect(find('inhabitants of Jena')[0]).toMatchObject({ file: 'table.csv', text: expect.stringContaining('city: Jena; inhabitants: 111 000') });
  expect(find('retry after')).toMatchObject([{ file: 'code.ts', title: 'code.ts' }]);
  expect(find('lantern')).toMatchObject([{ file: 'book.epub', title: 'The Lighthouse', headings: ['Storm'] }]);
  const index = new DocumentIndex(report.index);
  expect(index.read(pathToFileURL(join(folder, 'book.epub')).href)).toMatchObject({ byline: 'A. Keeper', publishedAt: '1901-05-02', text: 'Storm\n\nThe lantern went out at midnight.\n\nCalm\n\nMorning brought gulls.' });
  index.close();
});

test('a second run reads only what changed, and takes out what went', async () => {
  const [kept, edited, gone] = [write('kept.txt', 'alpha'), write('edited.txt', 'beta'), write('gone.txt', 'gamma')];
  await indexFolder(folder);
  rmSync(gone);
  writeFileSync(edited, 'delta and more');
  utimesSync(kept, new Date(), new Date(Date.now() + 5000));
  write('new.txt', 'epsilon');
  expect(await indexFolder(folder)).toMatchObject({ added: 1, changed: 1, unchanged: 1, removed: 1, documents: 3 });
  expect(find('beta')).toEqual([]);
  expect(find('gamma')).toEqual([]);
  expect(find('delta')).toHaveLength(1);
  expect(await indexFolder(folder)).toMatchObject({ added: 0, changed: 0, unchanged: 3, removed: 0 });
});

test('broken files are named with what is wrong, and the others are read', async () => {
  const broken = docx(PARAGRAPHS).slice(0, 300);
  write('broken.docx', broken);
  write('broken.pdf', 'this is text');
  write('empty.md', '');
  write('bad.json', '{"a": ');
  write('other.epub', zip({ 'a.txt': 'x' }));
  write('picture.png', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]));
  write('fine.txt', 'all is well');
  const report = await indexFolder(folder);
  expect(report.failed.map(({ path }) => path)).toEqual(expect.arrayContaining(['broken.docx', 'empty.md', 'other.epub']));
  expect(report.failed.find(({ path }) => path === 'broken.docx')?.reason).toMatch(/broken\.docx is a damaged archive/);
  expect(report.ignored).toEqual({ '.png': 1 });
  expect(find('well')).toHaveLength(1);
  // A document that was fine and broke is not found any more.
  write('fine.txt', Uint8Array.from([0, 1, 2, 3]));
  expect(await indexFolder(folder)).toMatchObject({ removed: 1 });
  expect(find('well')).toEqual([]);
});

test('links, hidden files and what npm installed are left out', async () => {
  write('real.txt', 'real');
  write('.git/config', 'real');
  write('node_modules/x/readme.md', 'real');
  symlinkSync('/etc', join(folder, 'etc'));
  expect(await indexFolder(folder)).toMatchObject({ added: 1 });
});

test.skipIf(process.getuid?.() === 0)('of a folder that cannot be listed nothing is taken out', async () => {
  write('sub/a.txt', 'alpha');
  await indexFolder(folder);
  chmodSync(join(folder, 'sub'), 0);
  expect(await indexFolder(folder)).toMatchObject({ removed: 0, failed: [{ path: 'sub' }] });
  chmodSync(join(folder, 'sub'), 0o755);
});

test('what a stopped run had read stays', async () => {
  for (const name of ['a', 'b', 'c']) write(`${name}.txt`, `text ${name}`);
  const controller = new AbortController();
  await expect(indexFolder(folder, { signal: controller.signal, onFile: (_, looked) => void (looked === 2 && controller.abort(new Error('stop'))) })).rejects.toThrow('stop');
  expect(find('text')).toHaveLength(2);
  expect(await indexFolder(folder)).toMatchObject({ added: 1, unchanged: 2 });
});

test('errors say what to do', async () => {
  await expect(indexFolder(join(folder, 'none'))).rejects.toThrow(R5Error);
  expect(() => new DocumentIndex(indexPathOf(folder))).toThrow(/There is no index at .* r5 index <folder>/);
  const other = write('other.sqlite', '');
  const database = openSqlite(other);
  database.exec('CREATE TABLE mine (x)');
  database.close();
  expect(() => new DocumentIndexWriter(other)).toThrow(/database of something else/);
  expect(() => new DocumentIndexWriter(write('text.sqlite', 'no database at all, '.repeat(100)))).toThrow(/is no index of r5/);
});

test('what is not looked at is counted', async () => {
  write('real.txt', 'real');
  write('.hidden.md', 'x');
  write('node_modules/x/readme.md', 'x');
  symlinkSync('real.txt', join(folder, 'link.txt'));
  write('picture.png', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0]));
  expect(await indexFolder(folder)).toMatchObject({ added: 1, passedOver: { hidden: 1, links: 1, programFolders: 1, special: 0 }, ignored: { '.png': 1 } });
  expect((await indexFolder(folder)).passedOver.hidden).toBe(1);
});

test('a locked or damaged index is an error that says what to do', async () => {
  for (let file = 0; file < 40; file++) write(`${file}.txt`, `alpha${file} `.repeat(500));
  const { index } = await indexFolder(folder);
  const other = openSqlite(index);
  other.exec('BEGIN IMMEDIATE');
  write('new.txt', 'beta');
  await expect(indexFolder(folder)).rejects.toThrow(/Another run of r5 is writing it; wait/);
  other.exec('ROLLBACK');
  other.close();
  expect(await indexFolder(folder)).toMatchObject({ added: 1 });
  const damaged = readFileSync(index);
  damaged.fill(7, 3 * 4096);
  writeFileSync(index, damaged);
  await expect(indexFolder(folder)).rejects.toThrow(/Delete it and run r5 index again/);
});

test('a search sees what another run has put into the index meanwhile', async () => {
  write('a.txt', 'alpha');
  await indexFolder(folder);
  const index = new DocumentIndex(indexPathOf(folder));
  expect(index.search('alpha')).toHaveLength(1);
  for (const name of ['b', 'c', 'd']) {
    write(`${name}.txt`, `beta alpha ${name}`);
    await indexFolder(folder);
  }
  expect(index.search('alpha')).toHaveLength(4);
  expect(index.search('beta')).toHaveLength(3);
  index.close();
});

test('a run that is killed leaves the index whole, and the next one goes on', async () => {
  for (let file = 0; file < 300; file++) write(`${file}.txt`, `text number${file} `.repeat(200));
  const program = `import { indexFolder } from ${JSON.stringify(new URL('index-folder.ts', import.meta.url).href)}; await indexFolder(process.argv[1], { onFile: (_, looked) => void (looked === 150 && process.kill(process.pid, 'SIGKILL')) });`;
  const { signal } = spawnSync(process.execPath, ['--conditions=r5-source', '--input-type=module', '-e', program, folder]);
  expect(signal).toBe('SIGKILL');
  expect(await indexFolder(folder)).toMatchObject({ documents: 300 });
  expect(find('number77')).toMatchObject([{ file: '77.txt' }]);
});
