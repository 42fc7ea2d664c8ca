import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { SourceErrorKind } from '../source-error.ts';
import { SECURE_EXAMPLE } from './certificate.fixture.ts';
import { guardedFetch, type GuardedFetchOptions, requestGuarded } from './guarded-fetch.ts';
import { type Loopback, serveLoopback } from './loopback.fixture.ts';
import { requireSuccess, retryAfterOf } from './response-status.ts';

const servers: Loopback[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(listener: RequestListener): Promise<Loopback> {
  const server = await serveLoopback(listener);
  servers.push(server);
  return server;
}

const fetchFrom = (address: string, options: Partial<GuardedFetchOptions> = {}) =>
  guardedFetch(address, { signal: AbortSignal.timeout(20_000), allowPrivate: servers.map(({ host }) => host), ...options });

const textOf = async (address: string, options: Partial<GuardedFetchOptions> = {}): Promise<string> => Buffer.from((await fetchFrom(address, options)).body).toString();

const ofKind = (kind: SourceErrorKind) => expect.objectContaining({ name: 'SourceError', kind });

test('fetches an allowed host, and says who asks', async () => {
  const server = await serve((request, response) => response.end(`host ${request.headers.host}, agent ${request.headers['user-agent']}`));
  const response = await fetchFrom(`${server.origin}/a?b=c#d`);
  expect(response).toMatchObject({ status: 200, url: `${server.origin}/a?b=c`, finalUrl: `${server.origin}/a?b=c`, address: '127.0.0.1' });
  expect(Buffer.from(response.body).toString()).toBe(`host ${server.host}, agent r5-research`);
  expect(server.requests).toEqual(['GET /a?b=c']);
});

test('loopback is refused unless it is allowed, and nothing reaches the server', async () => {
  const server = await serve((_request, response) => response.end('secret'));
  for (const address of [server.origin, `http://localhost:${server.port}/`, `http://[::ffff:127.0.0.1]:${server.port}/`, `http://2130706433:${server.port}/`]) {
    await expect(fetchFrom(address, { allowPrivate: false })).rejects.toEqual(ofKind('blocked'));
  }
  expect(server.requests).toEqual([]);
});

test('a name that resolves to a private address is refused', async () => {
  const server = await serve((_request, response) => response.end('secret'));
  const resolve = async (): Promise<string[]> => ['127.0.0.1'];
  await expect(fetchFrom(`http://rebound.example:${server.port}/`, { allowPrivate: false, resolve })).rejects.toThrow('leads to 127.0.0.1 outside the public internet (loopback)');
  expect(server.requests).toEqual([]);
});

test('the connection goes to the address that was checked, whatever the name resolves to afterwards', async () => {
  const trusted = await serve((request, response) => response.end(`from the checked address, host ${request.headers.host}`));
  // The name answers with another address each time it is asked: the first is checked, and must be the one that is connected to.
  const answers = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  let asked = 0;
  const resolve = async (): Promise<string[]> => [answers[asked++] ?? '127.0.0.9'];
  const address = `http://rebound.example:${trusted.port}/`;
  expect(await textOf(address, { allowPrivate: [`rebound.example:${trusted.port}`], resolve })).toBe(`from the checked address, host rebound.example:${trusted.port}`);
  expect(asked).toBe(1);
});

test('DNS rebinding: a name that is public when checked and private later leads to the public address only', async () => {
  const inside = await serve((_request, response) => response.end('secret'));
  const dialled: string[] = [];
  // Sockets say where they are about to connect; they are ended there, since tests have no network.
  const watch = (message: unknown): void => {
    const socket = Object(message).socket;
    if (!(socket instanceof Socket)) return;
    socket.on('lookup', (_error, address) => {
      dialled.push(address);
      socket.destroy();
    });
  };
  subscribe('net.client.socket', watch);
  let asked = 0;
  const resolve = async (): Promise<string[]> => (asked++ === 0 ? ['8.8.8.8'] : ['127.0.0.1']);
  const address = 'http://rebound.example:8080/';
  await expect(fetchFrom(address, { allowPrivate: false, resolve })).rejects.toEqual(ofKind('unavailable'));
  expect(dialled).toEqual(['8.8.8.8']);
  await expect(fetchFrom(address, { allowPrivate: false, resolve })).rejects.toEqual(ofKind('blocked'));
  unsubscribe('net.client.socket', watch);
  expect(dialled).toEqual(['8.8.8.8']);
  expect(asked).toBe(2);
  expect(inside.requests).toEqual([]);
});

test('every redirect is checked anew', async () => {
  const inside = await serve((_request, response) => response.end('secret'));
  const targets = [inside.origin, `//127.0.0.1:${inside.port}/`, 'http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/', 'file:///etc/passwd', 'http://a:b@example.org/', 'gopher://example.org/', `http://2130706433:${inside.port}/`];
  const outside = await serve((request, response) => response.writeHead(302, { location: targets[Number(request.url?.slice(1))] ?? '/' }).end());
  for (const [index] of targets.entries()) {
    await expect(fetchFrom(`${outside.origin}/${index}`, { allowPrivate: [outside.host] })).rejects.toEqual(ofKind('blocked'));
  }
  expect(inside.requests).toEqual([]);
});

test('a name that turns private between two redirects is refused', async () => {
  const server = await serve((_request, response) => response.writeHead(302, { location: '/next' }).end());
  let asked = 0;
  const resolve = async (): Promise<string[]> => (asked++ === 0 ? ['127.0.0.1'] : ['10.0.0.1']);
  const hops: string[] = [];
  const attempt = fetchFrom(`http://turning.example:${server.port}/`, {
    resolve,
    // The first hop is let through by name; the second must stand on its own.
    hop: async (request) => {
      hops.push(request.url.pathname);
      return requestGuarded(request, { resolve, ...(hops.length === 1 && { allowPrivate: ['turning.example'] }) });
    },
  });
  await expect(attempt).rejects.toThrow('leads to 10.0.0.1');
  expect(hops).toEqual(['/', '/next']);
});

test('redirects are followed, relative ones too, up to the limit', async () => {
  const server = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(307, { location: `./${left - 1}` }).end();
    else response.end('there');
  });
  expect(await fetchFrom(`${server.origin}/8`)).toMatchObject({ status: 200, url: `${server.origin}/8`, finalUrl: `${server.origin}/0` });
  await expect(fetchFrom(`${server.origin}/9`)).rejects.toThrow('redirects more than 8 times');
});

test('secrets and bodies do not follow a redirect to another origin', async () => {
  const other = await serve((request, response) => response.end(JSON.stringify(request.headers)));
  const server = await serve((request, response) => response.writeHead(request.url === '/see' ? 303 : 307, { location: other.origin }).end());
  const headers = { Authorization: 'Bearer x', 'X-Api-Key': 'y', cookie: 'z', 'x-kept': 'k' };
  const received: unknown = JSON.parse(await textOf(server.origin, { headers }));
  expect(received).toMatchObject({ 'x-kept': 'k' });
  expect(Object.keys(Object(received))).not.toEqual(expect.arrayContaining(['authorization']));
  expect(JSON.stringify(received)).not.toMatch(/Bearer|"y"|"z"/);
  await expect(fetchFrom(server.origin, { method: 'POST', body: 'private' })).rejects.toEqual(ofKind('blocked'));
  await fetchFrom(`${server.origin}/see`, { method: 'POST', body: 'private' });
  expect(other.requests).toEqual(['GET /', 'GET /']);
});

test.each([
  ['gzip', gzipSync],
  ['br', (data: Buffer) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ['zstd', zstdCompressSync],
])('unpacks %s, and stops a bomb at the limit', async (encoding, pack) => {
  const bomb = pack(Buffer.alloc(16 * 1024 * 1024));
  const server = await serve((request, response) => {
    response.setHeader('content-encoding', encoding);
    response.end(request.url === '/bomb' ? bomb : pack(Buffer.from('hello')));
  });
  expect(await textOf(server.origin)).toBe('hello');
  const before = process.memoryUsage().arrayBuffers;
  await expect(fetchFrom(`${server.origin}/bomb`, { limits: { maxBytes: 256 * 1024 } })).rejects.toEqual(ofKind('too-large'));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
});

test('layers, foreign encodings and broken packings are refused by name', async () => {
  const packings: Record<string, [string, Buffer]> = {
    '/layers': ['gzip, gzip, gzip', gzipSync('x')],
    '/foreign': ['compress', Buffer.from('x')],
    '/broken': ['gzip', Buffer.from('not packed')],
    '/cut': ['gzip', gzipSync('x'.repeat(5000)).subarray(0, 20)],
  };
  const server = await serve((request, response) => {
    const [encoding, body] = packings[request.url ?? ''] ?? ['', Buffer.alloc(0)];
    response.setHeader('content-encoding', encoding);
    response.end(body);
  });
  for (const path of Object.keys(packings)) await expect(fetchFrom(server.origin + path)).rejects.toEqual(ofKind('unreadable'));
});

test('a body without an announced length is stopped at the limit, and an announced one before it comes', async () => {
  let written = 0;
  const server = await serve((request, response) => {
    if (request.url === '/announced') {
      response.writeHead(200, { 'content-length': 50_000_000 }).write('x');
      return;
    }
    const more = (): void => {
      written += 65_536;
      if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
    };
    more();
  });
  const limits = { maxBytes: 500_000 };
  await expect(fetchFrom(server.origin, { limits })).rejects.toEqual(ofKind('too-large'));
  expect(written).toBeLessThan(20_000_000);
  await expect(fetchFrom(`${server.origin}/announced`, { limits })).rejects.toEqual(ofKind('too-large'));
});

test('time limits: headers, body, and a server that never speaks', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/body') response.writeHead(200).write('a little, then nothing');
  });
  await expect(fetchFrom(`${server.origin}/headers`, { limits: { headersTimeoutMs: 100 } })).rejects.toThrow('did not answer for /headers within 0.1 s');
  await expect(fetchFrom(`${server.origin}/body`, { limits: { timeoutMs: 200 } })).rejects.toEqual(ofKind('timeout'));
  const slowName = fetchFrom('http://slow.example/', { resolve: () => new Promise(() => {}), limits: { connectTimeoutMs: 100 } });
  await expect(slowName).rejects.toEqual(ofKind('timeout'));
});

test('an aborted signal ends a request with its own reason', async () => {
  const server = await serve(() => {});
  const controller = new AbortController();
  const attempt = fetchFrom(server.origin, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(attempt).rejects.toThrow('enough');
  await expect(fetchFrom(server.origin, { signal: controller.signal })).rejects.toThrow('enough');
});

test('a closed port and a broken answer are unavailable, said with the host', async () => {
  const server = await serve((_request, response) => response.end());
  await server.close();
  servers.length = 0;
  await expect(fetchFrom(server.origin, { allowPrivate: true })).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining(server.host) });
  const raw = createServer((socket) => socket.end('this is not HTTP\r\n\r\n')).listen(0, '127.0.0.1');
  await once(raw, 'listening');
  const address = raw.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await expect(fetchFrom(`http://127.0.0.1:${port}/`, { allowPrivate: true })).rejects.toEqual(ofKind('unavailable'));
  raw.close();
});

test('a server that switches protocols without being asked gives no answer, at once', async () => {
  const raw = createServer((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')).listen(0, '127.0.0.1');
  await once(raw, 'listening');
  const address = raw.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await expect(fetchFrom(`http://127.0.0.1:${port}/`, { allowPrivate: true })).rejects.toEqual(ofKind('unavailable'));
  raw.close();
});

test('statuses become kinds, and Retry-After is read as seconds and as a date', () => {
  const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: new Uint8Array(), address: '', url: 'http://a/', finalUrl: 'http://a/' });
  const kinds: [number, SourceErrorKind][] = [[400, 'bad-request'], [401, 'auth'], [402, 'quota'], [403, 'refused'], [404, 'not-found'], [410, 'not-found'], [429, 'rate-limited'], [451, 'refused'], [206, 'unavailable'], [500, 'unavailable'], [503, 'unavailable']];
  for (const [status, kind] of kinds) expect(() => requireSuccess(answer(status))).toThrow(ofKind(kind));
  expect(() => requireSuccess(answer(200))).not.toThrow();
  expect(() => requireSuccess(answer(429, { 'retry-after': '7' }))).toThrow(expect.objectContaining({ retryAfterMs: 7000 }));
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterOf({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, now)).toBe(30_000);
  expect(retryAfterOf({ 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' }, now)).toBe(0);
  expect(retryAfterOf({ 'retry-after': 'soon' }, now)).toBeUndefined();
  expect(retryAfterOf({}, now)).toBeUndefined();
});

test('https: the certificate must be of the name that was asked for, though the connection goes to a pinned address', async () => {
  const names: string[] = [];
  const server = createSecureServer({ ...SECURE_EXAMPLE, SNICallback: (name, done) => (names.push(name), done(null)) }, (request, response) => response.end(`secure ${request.headers.host}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const trusted = getCACertificates('default');
  const options = { allowPrivate: true, resolve: async () => ['127.0.0.1'] };
  try {
    // Nobody vouches for it yet.
    await expect(fetchFrom(`https://secure.example:${port}/`, options)).rejects.toEqual(ofKind('unavailable'));
    setDefaultCACertificates([...trusted, SECURE_EXAMPLE.cert]);
    expect(await textOf(`https://secure.example:${port}/`, options)).toBe(`secure secure.example:${port}`);
    expect(names).toContain('secure.example');
    await expect(fetchFrom(`https://other.example:${port}/`, options)).rejects.toThrow(/does not match|altnames/);
  } finally {
    setDefaultCACertificates(trusted);
    server.closeAllConnections();
    server.close();
  }
});
