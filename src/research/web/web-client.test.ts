import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isFresh, mayBeStored } from './cache-control.ts';
import { HostPace } from './host-pace.ts';
import { type Loopback, serveLoopback } from './loopback.fixture.ts';
import { WebClient, type WebClientSettings } from './web-client.ts';

const servers: Loopback[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function serve(listener: RequestListener, robots?: string): Promise<Loopback> {
  const server = await serveLoopback((request, response) => {
    if (request.url !== '/robots.txt') return listener(request, response);
    response.writeHead(robots === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(robots);
  });
  servers.push(server);
  return server;
}

const clientWith = (settings: WebClientSettings = {}): WebClient => new WebClient({ allowPrivate: ['127.0.0.1'], pace: { intervalMs: 0 }, firstWaitMs: 10, ...settings });

const { signal } = new AbortController();

const textOf = async (client: WebClient, address: string): Promise<string> => Buffer.from((await client.fetch(address, { signal })).body).toString();

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'r5-web-'));
  folders.push(folder);
  return folder;
}

test('robots.txt is asked for once and honoured, at redirects too', async () => {
  const robots = 'User-agent: *\nDisallow: /\n\nUser-agent: r5-research\nDisallow: /private\nAllow: /private/open\nDisallow: /*.cgi$\n';
  const server = await serve((request, response) => (request.url === '/moved' ? response.writeHead(302, { location: '/private/x' }).end() : response.end('page')), robots);
  const client = clientWith();
  expect(await textOf(client, `${server.origin}/a`)).toBe('page');
  expect(await textOf(client, `${server.origin}/private/open/b`)).toBe('page');
  for (const path of ['/private/c', '/d.cgi', '/moved']) {
    await expect(client.fetch(server.origin + path, { signal })).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('robots.txt forbids it to r5-research') });
  }
  expect(server.requests).toEqual(['GET /robots.txt', 'GET /a', 'GET /private/open/b', 'GET /moved']);
  expect(await textOf(clientWith({ honoursRobots: false }), `${server.origin}/private/c`)).toBe('page');
});

test.each([
  [404, 'allows'],
  [403, 'allows'],
  [500, 'forbids'],
  [503, 'forbids'],
  [429, 'forbids'],
])('robots.txt with status %d %s everything', async (status, meaning) => {
  const server = await serveLoopback((request, response) => response.writeHead(request.url === '/robots.txt' ? status : 200).end('page'));
  servers.push(server);
  const attempt = textOf(clientWith({ retries: 0 }), server.origin);
  if (meaning === 'allows') await expect(attempt).resolves.toBe('page');
  else await expect(attempt).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(`status ${status}`) });
});

test('robots.txt behind the guard: its redirects are checked too', async () => {
  const inside = await serve((_request, response) => response.end('secret'));
  const server = await serveLoopback((request, response) => (request.url === '/robots.txt' ? response.writeHead(302, { location: `${inside.origin}/robots.txt` }).end() : response.end('page')));
  servers.push(server);
  await expect(clientWith({ allowPrivate: [server.host] }).fetch(server.origin, { signal })).rejects.toMatchObject({ kind: 'blocked' });
  expect(inside.requests).toEqual([]);
});

test('429 with Retry-After: the host is left alone as long as it says, then asked again', async () => {
  const times: number[] = [];
  const server = await serve((_request, response) => {
    times.push(Date.now());
    if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.end('page');
  });
  expect(await textOf(clientWith(), server.origin)).toBe('page');
  expect(times).toHaveLength(2);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(950);
});

test('Retry-After as a date, and other requests to the host wait as well', async () => {
  const times: Record<string, number> = {};
  const server = await serve((request, response) => {
    const isFirst = Object.keys(times).length === 0;
    times[`${request.url} ${Object.keys(times).length}`] = Date.now();
    if (isFirst) response.writeHead(503, { 'retry-after': new Date(Date.now() + 2000).toUTCString() }).end();
    else response.end('page');
  });
  const client = clientWith({ pace: { intervalMs: 0, concurrency: 1 } });
  await Promise.all([textOf(client, `${server.origin}/a`), textOf(client, `${server.origin}/b`)]);
  const [first = 0, ...later] = Object.values(times);
  expect(later).toHaveLength(2);
  for (const time of later) expect(time - first).toBeGreaterThanOrEqual(900);
});

test('a wait that is too long is not waited: the error says when to come back', async () => {
  const server = await serve((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  const before = Date.now();
  await expect(clientWith().fetch(server.origin, { signal })).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 3_600_000 });
  expect(Date.now() - before).toBeLessThan(2000);
});

test('passing failures are tried again, others are not', async () => {
  let asked = 0;
  const server = await serve((request, response) => {
    asked++;
    if (request.url === '/gone') response.writeHead(404).end();
    else if (request.url === '/broken') response.writeHead(500).end();
    else if (asked < 3) response.writeHead(502).end();
    else response.end('page');
  });
  expect(await textOf(clientWith(), server.origin)).toBe('page');
  expect(asked).toBe(3);
  await expect(clientWith().fetch(`${server.origin}/gone`, { signal })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(clientWith().fetch(`${server.origin}/broken`, { signal })).rejects.toMatchObject({ kind: 'unavailable' });
  expect(asked).toBe(5);
  const always = await serve((_request, response) => response.writeHead(503).end());
  await expect(clientWith({ retries: 1 }).fetch(always.origin, { signal })).rejects.toMatchObject({ kind: 'unavailable' });
  expect(always.requests).toEqual(['GET /robots.txt', 'GET /', 'GET /']);
});

test('a host gets few requests at once, with pauses between them; the order is kept', async () => {
  const pace = new HostPace({ concurrency: 2, intervalMs: 40 });
  let running = 0;
  let most = 0;
  const starts: number[] = [];
  const order: number[] = [];
  const work = (index: number) => async () => {
    starts.push(Date.now());
    order.push(index);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 100));
    running--;
  };
  await Promise.all([0, 1, 2, 3, 4].map((index) => pace.run('a', work(index), signal)));
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  for (const [index, start] of starts.slice(1).entries()) expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(38);
});

test('work that comes just as a place is left does not push in', async () => {
  const pace = new HostPace({ concurrency: 1, intervalMs: 0 });
  let running = 0;
  let most = 0;
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(name);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
  };
  const first = pace.run('a', work('first'), signal).then(() => pace.run('a', work('late'), signal));
  await Promise.all([first, pace.run('a', work('waiting'), signal)]);
  expect(most).toBe(1);
  expect(order).toEqual(['first', 'waiting', 'late']);
});

test('work that is given up while it waits leaves its place to the next', async () => {
  const pace = new HostPace({ concurrency: 1, intervalMs: 0 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = pace.run('a', () => promise, signal);
  const controller = new AbortController();
  const second = pace.run('a', async () => 'second', controller.signal);
  const third = pace.run('a', async () => 'third', signal);
  controller.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  resolve('first');
  expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  expect(await pace.run('b', async () => 'other host', signal)).toBe('other host');
});

test('the cache asks again with the ETag, uses what is fresh, and forgets what is changed on disk', async () => {
  let version = 1;
  const server = await serve((request, response) => {
    const etag = `"v${version}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag, 'content-type': 'text/plain', 'cache-control': request.url === '/fresh' ? 'max-age=60' : 'no-cache' }).end(`version ${version}`);
  });
  const settings = { cacheFolder: makeFolder(), honoursRobots: false };
  expect(await textOf(clientWith(settings), server.origin)).toBe('version 1');
  expect(await textOf(clientWith(settings), server.origin)).toBe('version 1');
  expect(server.headers.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
  version = 2;
  expect(await textOf(clientWith(settings), server.origin)).toBe('version 2');
  expect(await textOf(clientWith(settings), server.origin)).toBe('version 2');
  expect(server.headers.at(-1)?.['if-none-match']).toBe('"v2"');
  const before = server.requests.length;
  for (let index = 0; index < 3; index++) expect(await textOf(clientWith(settings), `${server.origin}/fresh`)).toBe('version 2');
  expect(server.requests.length - before).toBe(1);
  for (const file of readdirSync(settings.cacheFolder)) writeFileSync(join(settings.cacheFolder, file), 'not what was written');
  expect(await textOf(clientWith(settings), `${server.origin}/fresh`)).toBe('version 2');
  expect(server.requests.length - before).toBe(2);
});

test('Last-Modified is asked with too, and no-store is not kept', async () => {
  const modified = new Date(Date.now() - 1000).toUTCString();
  const server = await serve((request, response) => {
    if (request.headers['if-modified-since'] === modified) response.writeHead(304).end();
    else response.writeHead(200, { 'last-modified': modified, ...(request.url === '/secret' && { 'cache-control': 'no-store' }) }).end('page');
  });
  const settings = { cacheFolder: makeFolder(), honoursRobots: false };
  for (let index = 0; index < 2; index++) expect(await textOf(clientWith(settings), `${server.origin}/secret`)).toBe('page');
  expect(readdirSync(settings.cacheFolder)).toEqual([]);
  await textOf(clientWith(settings), `${server.origin}/open`);
  expect(readdirSync(settings.cacheFolder)).toHaveLength(1);
});

test('what was kept from a private address is refused when such addresses are no longer allowed', async () => {
  const server = await serve((_request, response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end('inside'));
  const settings = { cacheFolder: makeFolder(), honoursRobots: false };
  expect(await textOf(clientWith(settings), server.origin)).toBe('inside');
  await expect(textOf(clientWith({ ...settings, allowPrivate: false }), server.origin)).rejects.toMatchObject({ kind: 'blocked' });
  expect(server.requests).toHaveLength(1);
});

test('freshness as RFC 9111 has it', () => {
  const [storedAt, date] = [Date.parse('2026-01-01T00:00:00Z'), 'Thu, 01 Jan 2026 00:00:00 GMT'];
  const fresh = (headers: Record<string, string>, afterS: number): boolean => isFresh({ date, ...headers }, { storedAt, now: storedAt + afterS * 1000 });
  expect(fresh({ 'cache-control': 'public, max-age=60' }, 59)).toBe(true);
  expect(fresh({ 'cache-control': 'public, max-age=60' }, 61)).toBe(false);
  expect(fresh({ 'cache-control': 'max-age=60', age: '50' }, 11)).toBe(false);
  expect(fresh({ 'cache-control': 'max-age=60, no-cache' }, 1)).toBe(false);
  expect(fresh({ expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }, 59)).toBe(true);
  expect(fresh({ expires: '0' }, 1)).toBe(false);
  expect(fresh({ 'last-modified': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 350)).toBe(true);
  expect(fresh({ 'last-modified': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 370)).toBe(false);
  expect(fresh({}, 0)).toBe(false);
  expect(mayBeStored({ 'cache-control': 'No-Store' })).toBe(false);
  expect(mayBeStored({ vary: '*' })).toBe(false);
  expect(mayBeStored({ vary: 'accept-encoding' })).toBe(true);
});
