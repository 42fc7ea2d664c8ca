import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { SearchQuery, SearchResult, SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { type Loopback, serveLoopback } from '../web/loopback.fixture.ts';
import { arxivSource } from './arxiv.ts';
import { braveSource } from './brave.ts';
import { exaSource } from './exa.ts';
import { openalexSource } from './openalex.ts';
import { pubmedSource } from './pubmed.ts';
import * as recorded from './recorded-answers.fixture.ts';
import { searxngSource } from './searxng.ts';
import { serperSource } from './serper.ts';
import { tavilySource } from './tavily.ts';
import { wikipediaSource } from './wikipedia.ts';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: object | string;
}
interface Asked {
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

const KEY = 'secret-key-0123456789';
let running: Loopback | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** A service on this machine that gives the answers one after the other, the last again and again. */
async function serve(...answers: readonly Answer[]): Promise<{ baseUrl: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => void (body += part));
    await once(request, 'end');
    asked.push({ url: new URL(request.url ?? '', 'http://x'), headers: request.headers, body });
    const { status = 200, headers = {}, body: said } = answers[Math.min(asked.length, answers.length) - 1] ?? { body: '' };
    const isText = typeof said === 'string';
    response.writeHead(status, { 'content-type': isText ? (said.startsWith('<?xml') ? 'application/xml' : 'text/html') : 'application/json', ...headers }).end(isText ? said : JSON.stringify(said));
  };
  running = await serveLoopback((request, response) => void answer(request, response));
  return { baseUrl: running.origin, asked };
}

type Open = (settings: { baseUrl: string; key: string }) => SearchSource;
const OPEN: Record<string, Open> = { exa: exaSource, tavily: tavilySource, brave: braveSource, serper: serperSource, searxng: searxngSource, wikipedia: wikipediaSource, arxiv: arxivSource, openalex: openalexSource, pubmed: pubmedSource };

async function search(name: string, answers: readonly Answer[], query: Partial<SearchQuery> = {}): Promise<SearchResult & { asked: Asked[] }> {
  const { baseUrl, asked } = await serve(...answers);
  const source = OPEN[name]?.({ baseUrl, key: KEY });
  const result = await source?.search({ query: 'What is the moon?', ...query }, { signal: AbortSignal.timeout(10_000) });
  return { hits: [], ...result, asked };
}

async function failure(name: string, answer: Answer): Promise<SourceError> {
  const error: unknown = await search(name, [answer]).then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof SourceError)) throw new Error(`${name} did not fail with a SourceError`, { cause: error });
  expect(error.message).not.toContain(KEY);
  return error;
}

const BOUNDS = { publishedAfter: '2010-01-02', publishedBefore: '2030-03-04' };

test('Exa', async () => {
  const { hits, cost, asked } = await search('exa', [{ body: recorded.EXA }], { ...BOUNDS, category: 'papers', includeDomains: ['arxiv.org', 'example.org'] });
  expect(hits).toEqual([
    { url: 'https://arxiv.org/abs/1706.03762', title: 'Attention Is All You Need', snippet: 'The dominant sequence models.', publishedAt: '2017-06-12T00:00:00.000Z', text: 'The dominant sequence models.', authors: ['Ashish Vaswani'], source: 'exa', origin: 'web' },
    { url: 'https://example.org/x', title: 'https://example.org/x', snippet: 'Plain text of the page.', text: 'Plain text of the page.', source: 'exa', origin: 'web' },
  ]);
  expect(cost).toBe(0.007);
  expect(asked[0]).toMatchObject({ url: { pathname: '/search' }, headers: { 'x-api-key': KEY, 'content-type': 'application/json' } });
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ query: 'What is the moon?', numResults: 10, category: 'publication', includeDomains: ['arxiv.org', 'example.org'], startPublishedDate: '2010-01-02T00:00:00.000Z', endPublishedDate: '2030-03-04T23:59:59.999Z' });
});

test('a long query is cut to what the service takes', async () => {
  const query = 'moon '.repeat(200);
  const { asked } = await search('tavily', [{ body: recorded.TAVILY }], { query });
  expect(JSON.parse(asked[0]?.body ?? '').query).toHaveLength(400);
  await running?.close();
  const { asked: brave } = await search('brave', [{ body: recorded.BRAVE }], { query });
  expect(brave[0]?.url.searchParams.get('q')?.split(' ')).toHaveLength(50);
});

test('Brave: a long query is cut so that its domains stay in it', async () => {
  const domains = { includeDomains: ['tides.example.org', 'moons.example.org'], excludeDomains: ['x.org'] };
  for (const query of ['moon '.repeat(200), 'moonlight'.repeat(100)]) {
    const { asked } = await search('brave', [{ body: recorded.BRAVE }], { query, ...domains });
    const said = asked[0]?.url.searchParams.get('q') ?? '';
    expect(said).toMatch(/^moon.* \(site:tides\.example\.org OR site:moons\.example\.org\) -site:x\.org$/);
    expect(said.length).toBeLessThanOrEqual(400);
    expect(said.split(' ').length).toBeLessThanOrEqual(50);
    await running?.close();
  }
});

test.each([['ja', 'jp'], ['zh-TW', 'zh-hant'], ['zh', 'zh-hans'], ['pt', 'pt-br'], ['pt-PT', 'pt-pt'], ['no', 'nb'], ['de-CH', 'de'], ['en-GB', 'en-gb'], ['eo', null]])('Brave calls the language %s %s', async (language, expected) => {
  const { asked } = await search('brave', [{ body: recorded.BRAVE }], { language });
  expect(asked[0]?.url.searchParams.get('search_lang')).toBe(expected);
});

test('Tavily', async () => {
  const { hits, cost, asked } = await search('tavily', [{ body: recorded.TAVILY }], { ...BOUNDS, category: 'news', excludeDomains: ['x.org'] });
  expect(hits).toEqual([{ url: 'https://news.example.org/a', title: 'Heat pumps sell', snippet: 'Sales rose.', text: 'Sales rose by a third in 2024.', publishedAt: '2024-03-12T10:00:00.000Z', source: 'tavily', origin: 'web' }]);
  expect(cost).toBeCloseTo(0.008);
  expect(asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ topic: 'news', max_results: 10, exclude_domains: ['x.org'], start_date: '2010-01-02', end_date: '2030-03-04' });
});

test('Brave', async () => {
  const { hits, asked } = await search('brave', [{ body: recorded.BRAVE }], { ...BOUNDS, includeDomains: ['tides.example.org'], language: 'en-GB', count: 50 });
  expect(hits).toMatchObject([{ url: 'https://tides.example.org/', title: 'Tides & moons', snippet: 'The moon pulls. Twice a day.', source: 'brave' }]);
  expect(asked[0]).toMatchObject({ url: { pathname: '/res/v1/web/search' }, headers: { 'x-subscription-token': KEY } });
  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toMatchObject({ q: 'What is the moon? site:tides.example.org', count: '20', freshness: '2010-01-02to2030-03-04', search_lang: 'en-gb' });
});

test('news and papers', async () => {
  expect(await search('brave', [{ body: recorded.BRAVE_NEWS }], { category: 'news' })).toMatchObject({ hits: [{ url: 'https://news.example.org/m', snippet: 'A probe landed.', publishedAt: expect.stringContaining('2026-01-02') }], cost: 0.005 });
  await running?.close();
  const { hits, asked } = await search('serper', [{ body: recorded.SERPER_SCHOLAR }], { category: 'papers' });
  expect(hits).toMatchObject([{ url: 'https://arxiv.org/abs/1706.03762', publishedAt: '2017' }]);
  expect(asked[0]?.url.pathname).toBe('/scholar');
});

test('Serper', async () => {
  const { hits, cost, asked } = await search('serper', [{ body: recorded.SERPER }], BOUNDS);
  expect(hits).toEqual([{ url: 'https://www.apple.com/', title: 'Apple', snippet: 'Discover the iPhone.', publishedAt: '2024-03-05', source: 'serper', origin: 'web' }]);
  expect(cost).toBeCloseTo(0.001);
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ q: 'What is the moon?', num: 10, tbs: 'cdr:1,cd_min:1/2/2010,cd_max:3/4/2030' });
});

test('SearXNG', async () => {
  const { hits, asked } = await search('searxng', [{ body: recorded.SEARXNG }], { category: 'papers' });
  expect(hits).toMatchObject([{ url: 'https://example.org/s', title: 'Found', snippet: 'Something' }]);
  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toMatchObject({ format: 'json', categories: 'science' });
});

test('Wikipedia asks for all telling words, then for any', async () => {
  const { hits, asked } = await search('wikipedia', [{ body: { batchcomplete: true, query: { searchinfo: { totalhits: 0 }, search: [] } } }, { body: recorded.WIKIPEDIA }], { query: 'What is the C++ language?', language: 'de-CH' });
  expect(hits).toEqual([{ url: 'https://de.wikipedia.org/wiki/C%2B%2B_(language)', title: 'C++ (language)', snippet: 'C++ is a language & more', source: 'wikipedia', origin: 'web' }]);
  expect(asked.map(({ url }) => url.searchParams.get('srsearch'))).toEqual(['C language', 'C OR language']);
});

test('arXiv', async () => {
  const { hits, asked } = await search('arxiv', [{ body: recorded.ARXIV }], { ...BOUNDS, query: 'the attention models' });
  expect(hits).toEqual([{ url: 'https://arxiv.org/abs/1706.03762v7', title: 'Attention Is All You Need', snippet: 'The dominant models < all.', publishedAt: '2017-06-12T17:57:34Z', authors: ['Ashish Vaswani', 'Noam Shazeer'], source: 'arxiv', origin: 'web' }]);
  expect(asked[0]?.url.searchParams.get('search_query')).toBe('(all:attention OR all:models) AND submittedDate:[201001020000 TO 203003042359]');
  expect(await failure('arxiv', { body: recorded.ARXIV_ERROR })).toMatchObject({ kind: 'bad-request', message: expect.stringContaining('incorrect id format') });
});

test('OpenAlex', async () => {
  const { hits, asked } = await search('openalex', [{ body: recorded.OPENALEX }], BOUNDS);
  expect(hits).toEqual([{ url: 'https://peerj.com/articles/4375.pdf', title: 'The state of OA', snippet: 'Despite growing interest in interest', publishedAt: '2018-02-13', authors: ['Heather Piwowar'], source: 'openalex', origin: 'web' }]);
  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toMatchObject({ search: 'moon', filter: 'from_publication_date:2010-01-02,to_publication_date:2030-03-04', api_key: KEY });
});

test('PubMed', async () => {
  const { hits, asked } = await search('pubmed', [{ body: recorded.PUBMED_IDS }, { body: recorded.PUBMED_ARTICLES }], BOUNDS);
  expect(hits).toEqual([{ url: 'https://pubmed.ncbi.nlm.nih.gov/31452104/', title: 'Sleep and memory.', snippet: 'BACKGROUND: Sleep helps. RESULTS: It does.', publishedAt: '2019-08-07', authors: ['Jane Doe'], source: 'pubmed', origin: 'web' }]);
  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toMatchObject({ term: 'moon', mindate: '2010/01/02', maxdate: '2030/03/04' });
  expect(asked[1]?.url.searchParams.get('id')).toBe('31452104');
  await running?.close();
  expect(await failure('pubmed', { body: { esearchresult: {} } })).toMatchObject({ kind: 'unreadable' });
  await running?.close();
  expect(await failure('pubmed', { body: { esearchresult: { ERROR: 'Search Backend failed' } } })).toMatchObject({ kind: 'bad-request', message: expect.stringContaining('Backend') });
});

test('PubMed gives chapters of books too', async () => {
  const { hits } = await search('pubmed', [{ body: recorded.PUBMED_IDS }, { body: recorded.PUBMED_BOOK }]);
  expect(hits).toEqual([{ url: 'https://pubmed.ncbi.nlm.nih.gov/29261985/', title: 'Sleep Apnea', snippet: 'Apnea is common.', publishedAt: '2024-01', authors: ['The Sleep Group'], source: 'pubmed', origin: 'web' }]);
});

test('arXiv is asked once in three seconds', async () => {
  const { baseUrl, asked } = await serve({ body: recorded.ARXIV });
  const source = arxivSource({ baseUrl });
  const controller = new AbortController();
  const second = source.search({ query: 'moon' }, { signal: controller.signal }).then(() => source.search({ query: 'sun' }, { signal: controller.signal }));
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await expect(second).rejects.toThrow('enough');
  expect(asked).toHaveLength(1);
});

test.each(Object.keys(OPEN))('%s: what is not an answer is an error, never an empty list', async (name) => {
  const html: Answer = { body: '<!doctype html><title>Log in</title>' };
  expect(await failure(name, html)).toMatchObject({ kind: 'unreadable' });
  await running?.close();
  expect(await failure(name, { body: '' })).toMatchObject({ kind: 'unreadable' });
  await running?.close();
  expect((await failure(name, { body: { something: 'else' } })).kind).toBe('unreadable');
  await running?.close();
  expect(await failure(name, { status: 503, body: 'busy' })).toMatchObject({ kind: 'unavailable' });
  await running?.close();
  expect(await failure(name, { status: 429, headers: { 'retry-after': '7' }, body: {} })).toMatchObject({ kind: 'rate-limited', retryAfterMs: 7000 });
  await running?.close();
  expect(await failure(name, { status: 401, body: { error: `bad key ${KEY}` } })).toMatchObject({ kind: 'auth' });
  await running?.close();
  expect((await failure(name, { status: 418, body: 'x' })).kind).toBe('bad-request');
});

test.each<[string, Answer, Partial<SourceError>]>([
  ['exa', { status: 402, body: { requestId: 'r', error: 'You have exceeded your credits limit', tag: 'NO_MORE_CREDITS' } }, { kind: 'quota', message: expect.stringContaining('credits limit') }],
  ['exa', { status: 401, body: { requestId: 'r', error: 'Invalid API key', tag: 'INVALID_API_KEY' } }, { kind: 'auth', message: expect.stringContaining('EXA_API_KEY') }],
  ['tavily', { status: 432, body: { detail: { error: "This request exceeds your plan's set usage limit." } } }, { kind: 'quota', message: expect.stringContaining('usage limit') }],
  ['tavily', { status: 401, body: { detail: { error: 'Unauthorized: missing or invalid API key.' } } }, { kind: 'auth', message: expect.stringContaining('TAVILY_API_KEY') }],
  ['brave', { status: 422, body: { type: 'ErrorResponse', error: { id: 'i', status: 422, detail: 'The provided subscription token is invalid.', code: 'SUBSCRIPTION_TOKEN_INVALID' }, time: 1 } }, { kind: 'auth' }],
  ['brave', { status: 429, headers: { 'x-ratelimit-remaining': '0, 1999', 'x-ratelimit-reset': '1, 1419704' }, body: { type: 'ErrorResponse', error: { status: 429, code: 'RATE_LIMITED', detail: 'Request rate limit exceeded for plan.' } } }, { kind: 'rate-limited', retryAfterMs: 1000 }],
  ['brave', { status: 429, headers: { 'x-ratelimit-remaining': '1, 0', 'x-ratelimit-reset': '1, 1419704' }, body: { type: 'ErrorResponse', error: { status: 429, code: 'QUOTA_LIMITED' } } }, { kind: 'quota' }],
  ['serper', { status: 403, body: { message: 'Unauthorized.', statusCode: 403 } }, { kind: 'auth' }],
  ['serper', { status: 400, body: { message: 'Not enough credits', statusCode: 400 } }, { kind: 'quota' }],
  ['searxng', { status: 403, body: '<!doctype html><title>403 Forbidden</title>' }, { kind: 'refused', message: expect.stringMatching(/settings\.yml.*add json to the list formats/) }],
  ['searxng', { body: { ...recorded.SEARXNG, results: [] } }, { kind: 'unavailable', message: expect.stringContaining('google: CAPTCHA') }],
  ['wikipedia', { body: { error: { code: 'ratelimited', info: "You've exceeded your rate limit." } } }, { kind: 'rate-limited' }],
  ['wikipedia', { status: 403, body: 'Please set a user-agent and respect our robot policy https://w.wiki/4wJS.' }, { kind: 'refused', message: expect.stringContaining('R5_CONTACT') }],
  ['openalex', { status: 429, body: { error: 'Too many requests', message: 'Insufficient budget: this request costs $0.001 but only $0 remaining of the daily allowance.' } }, { kind: 'quota', message: expect.stringContaining('OPENALEX_API_KEY') }],
  ['openalex', { status: 403, body: { error: 'Forbidden', message: 'Rate limit exceeded' } }, { kind: 'rate-limited' }],
  ['pubmed', { status: 429, body: { error: 'API rate limit exceeded', 'api-key': KEY, count: '4', limit: '3' } }, { kind: 'rate-limited' }],
  ['pubmed', { status: 400, body: { error: 'API key invalid', 'api-key': KEY } }, { kind: 'auth' }],
])('%s explains its own errors: %j', async (name, answer, expected) => {
  expect(await failure(name, answer)).toMatchObject(expected);
});

test('a service without its key says where to get one; the key is in no message even when the connection fails', async () => {
  for (const open of [exaSource, tavilySource, braveSource, serperSource]) expect(() => open({})).toThrow(/_API_KEY \(get one at https/);
  expect(() => searxngSource({})).toThrow('SEARXNG_URL');
  const { baseUrl } = await serve({ body: '' });
  await running?.close();
  for (const open of Object.values(OPEN)) {
    const error: unknown = await open({ baseUrl, key: KEY }).search({ query: 'moon' }, { signal: AbortSignal.timeout(10_000) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'unavailable' });
    expect(String(error)).not.toContain(KEY);
  }
});

test('a key that is part of the address is in no message of the fetch', async () => {
  expect(await failure('openalex', { status: 302, headers: { location: '/works' }, body: '' })).toMatchObject({ message: expect.stringContaining('api_key=[key]') });
});

test('hits of other domains and dates are left out where the service does not do it', async () => {
  expect((await search('exa', [{ body: recorded.EXA }], { excludeDomains: ['arxiv.org'] })).hits.map(({ url }) => url)).toEqual(['https://example.org/x']);
  await running?.close();
  expect((await search('exa', [{ body: recorded.EXA }], { publishedAfter: '2018-01-01' })).hits.map(({ url }) => url)).toEqual(['https://example.org/x']);
});
