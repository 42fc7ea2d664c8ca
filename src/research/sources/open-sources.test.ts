import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { R5Error } from '../../error.ts';
import type { SearchHit, SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { mcpSource } from './mcp-source.ts';
import { openSources, usableSources } from './open-sources.ts';
import { searchTogether } from './search-together.ts';

const signal = AbortSignal.timeout(60_000);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'r5-sources-'));
  writeFileSync(join(folder, 'whales.md'), '# Whales\n\nWhales breathe air through a blowhole.\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is searched with no key at all, and gives the documents that it found itself', async () => {
  const [source] = await openSources([folder], { environment: {} });
  const { hits } = (await source?.search({ query: 'how do whales breathe' }, { signal })) ?? { hits: [] };
  const url = pathToFileURL(join(folder, 'whales.md')).href;
  expect(hits).toMatchObject([{ url, title: 'Whales', snippet: 'Whales breathe air through a blowhole.', origin: 'file', source: folder }]);
  expect(await source?.read?.({ url }, { signal })).toMatchObject({ url, finalUrl: url, title: 'Whales', text: 'Whales\n\nWhales breathe air through a blowhole.', origin: 'file', mediaType: 'text/markdown' });
  expect(await source?.read?.({ url: 'file:///etc/passwd' }, { signal })).toBeUndefined();
  expect((await source?.search({ query: 'whales', publishedBefore: '2001-01-01' }, { signal }))?.hits).toEqual([]);
});

test('names are checked, and missing keys named', async () => {
  await expect(openSources(['wikpedia'])).rejects.toThrow('Did you mean wikipedia?');
  await expect(openSources(['exa'], { environment: {} })).rejects.toMatchObject({ kind: 'auth' });
  await expect(openSources([','])).rejects.toThrow(R5Error);
  await expect(openSources([join(folder, 'none')])).rejects.toThrow('no folder of that name');
  const opened = await openSources(['exa,wikipedia', 'arxiv'], { environment: { EXA_API_KEY: 'x' } });
  expect(opened.map(({ name }) => name)).toEqual(['exa', 'wikipedia', 'arxiv']);
  expect(usableSources({ TAVILY_API_KEY: 'x', EXA_API_KEY: ' ' })).toEqual(['tavily', 'wikipedia', 'arxiv', 'openalex', 'pubmed']);
});

const hit = (url: string, source: string, more: Partial<SearchHit> = {}): SearchHit => ({ url, title: url, snippet: '', source, origin: 'web', ...more });
const scripted = (name: string, result: SearchHit[] | Error, cost?: number): SearchSource => ({
  name,
  search: () => (result instanceof Error ? Promise.reject(result) : Promise.resolve({ hits: result, ...(cost !== undefined && { cost }) })),
});

test('several sources become one list, each document once, and a failed source is told', async () => {
  const sources = [
    scripted('a', [hit('https://x.org/1', 'a'), hit('https://arxiv.org/abs/1706.03762', 'a')], 0.01),
    scripted('b', [hit('https://arxiv.org/pdf/1706.03762v5', 'b', { snippet: 'abstract', text: 'whole' }), hit('https://x.org/2', 'b')], 0.02),
    scripted('c', new SourceError('quota', 'used up')),
  ];
  const { hits, failures, cost } = await searchTogether(sources, { query: 'q' }, { signal });
  expect(hits.map(({ url }) => url)).toEqual(['https://arxiv.org/abs/1706.03762', 'https://x.org/1', 'https://x.org/2']);
  expect(hits[0]).toMatchObject({ source: 'a', snippet: 'abstract', text: 'whole' });
  expect(failures).toMatchObject([{ source: 'c', error: { kind: 'quota' } }]);
  expect(cost).toBeCloseTo(0.03);
  await expect(searchTogether([scripted('c', new SourceError('quota', 'used up'))], { query: 'q' }, { signal })).rejects.toThrow('used up');
  await expect(searchTogether([scripted('d', new TypeError('a defect'))], { query: 'q' }, { signal })).rejects.toThrow(TypeError);
});

test('an MCP server is searched by its tool, in whatever form it answers', async () => {
  process.env['TEST_API_KEY'] = 'a key of the user';
  const fixture = fileURLToPath(new URL('mcp-server.fixture.ts', import.meta.url));
  const source = mcpSource({ name: 'mcp:library', server: `"${process.execPath}" "${fixture}"` });
  const search = async (query: string): Promise<readonly SearchHit[]> => (await source.search({ query, count: 3 }, { signal })).hits;
  try {
    expect(await search('whales')).toEqual([{ url: 'https://example.org/w', title: 'Whales 3', snippet: 'Large', publishedAt: '2020-02-03', source: 'mcp:library', origin: 'mcp' }]);
    expect(await search('nothing')).toEqual([]);
    expect(await search('plain')).toMatchObject([{ url: expect.stringMatching(/^mcp:\/\/mcp%3Alibrary\/search_books\/[0-9a-f]{16}$/), text: 'Whales are mammals.\nThey breathe air.' }]);
    expect(await search('links')).toMatchObject([{ url: 'https://example.org/1', title: 'First', snippet: expect.stringContaining('about one') }, { url: 'https://example.org/2' }]);
    expect(await search('environment')).toMatchObject([{ title: 'no key' }]);
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(source.search({ query: 'whales' }, { signal: aborted })).rejects.toThrow('enough');
    expect(await search('whales')).toHaveLength(1);
    await expect(search('fail')).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('the shelf is on fire') });
  } finally {
    await source.close();
    delete process.env['TEST_API_KEY'];
  }
  const wrong = mcpSource({ name: 'mcp:library', server: `"${process.execPath}" "${fixture}"`, tool: 'delete_everything' });
  await expect(wrong.search({ query: 'x' }, { signal })).rejects.toMatchObject({ kind: 'bad-request', message: expect.stringContaining('search_books') });
  const late = mcpSource({ name: 'mcp:library', server: `"${process.execPath}" "${fixture}"` });
  await expect(late.search({ query: 'whales' }, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  expect((await late.search({ query: 'whales' }, { signal })).hits).toHaveLength(1);
  await late.close();
  await expect(mcpSource({ name: 'mcp:none', server: 'no-such-command-anywhere' }).search({ query: 'x' }, { signal })).rejects.toMatchObject({ kind: 'unavailable' });
});

test('an MCP server that cannot list its tools is ended, and not left running', async () => {
  const fixture = fileURLToPath(new URL('mcp-server.fixture.ts', import.meta.url));
  const noneRuns = (): Promise<void> => vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap'), { timeout: 10_000 });
  await noneRuns();
  const source = mcpSource({ name: 'mcp:library', server: `"${process.execPath}" "${fixture}" without-tools` });
  await expect(source.search({ query: 'x' }, { signal })).rejects.toMatchObject({ kind: 'unavailable' });
  await noneRuns();
});

test('a date in words of an MCP server is held to the bounds as a date', async () => {
  const fixture = fileURLToPath(new URL('mcp-server.fixture.ts', import.meta.url));
  const source = mcpSource({ name: 'mcp:library', server: `"${process.execPath}" "${fixture}"` });
  try {
    const { hits } = await source.search({ query: 'words', publishedBefore: '2021-01-01' }, { signal });
    expect(hits).toMatchObject([{ url: 'https://example.org/d', publishedAt: '2020-02-03' }]);
  } finally {
    await source.close();
  }
});
