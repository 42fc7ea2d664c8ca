import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { afterAll, afterEach, expect, test } from 'vitest';
import { findChromium } from './chromium-path.ts';
import { type Loopback, serveLoopback } from './loopback.fixture.ts';
import { writePdf } from './pdf.fixture.ts';
import { PageReader, readPage } from './read-page.ts';

const servers: Loopback[] = [];
const readers: PageReader[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  for (const reader of readers) await reader.close();
});

async function serve(pages: Readonly<Record<string, string | Uint8Array | RequestListener>>): Promise<Loopback> {
  const server = await serveLoopback((request, response) => {
    const page = pages[new URL(request.url ?? '', 'http://a').pathname];
    if (typeof page === 'function') return page(request, response);
    if (page === undefined) return response.writeHead(404).end();
    return response.end(page);
  });
  servers.push(server);
  return server;
}

function readerFor(server: Loopback): PageReader {
  const reader = new PageReader({ allowPrivate: [server.host], pace: { intervalMs: 0 }, retries: 0 });
  readers.push(reader);
  return reader;
}

const { signal } = new AbortController();

const STORY = `<p>${'The committee met on Tuesday to discuss the new bridge, its cost and its length. '.repeat(6)}</p>`;

test('a page becomes a snapshot: where it was asked for, where it was found, what its bytes were', async () => {
  const source = `<!doctype html><html lang="en"><head><title>Bridge</title></head><body><nav>Menu</nav><article><h1>Bridge</h1>${STORY}</article></body></html>`;
  const server = await serve({ '/': (_request, response) => response.writeHead(301, { location: '/story' }).end(), '/story': source });
  const snapshot = await readerFor(server).read(server.origin, { signal });
  expect(snapshot).toMatchObject({
    url: `${server.origin}/`, finalUrl: `${server.origin}/story`, mediaType: 'text/html', origin: 'web', title: 'Bridge', language: 'en',
    contentHash: createHash('sha256').update(source).digest('hex'), id: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(Math.abs(Date.parse(snapshot.retrievedAt) - Date.now())).toBeLessThan(10_000);
  expect(snapshot.text).toContain('The committee met on Tuesday');
  expect(snapshot.text).not.toContain('Menu');
});

test('a PDF keeps its page numbers, and what is neither text nor PDF is refused by its name', async () => {
  const pdf = writePdf({ info: { Title: 'Report' }, pages: [[[11, 700, 'First page.']], [[11, 700, 'Second page.']]] });
  const server = await serve({ '/report': pdf, '/picture': Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\r<script>', 'latin1') });
  const reader = readerFor(server);
  const { text, passages, mediaType } = await reader.read(`${server.origin}/report`, { signal });
  expect(mediaType).toBe('application/pdf');
  expect(passages.map(({ start, end, page }) => [text.slice(start, end), page])).toEqual([['First page.', 1], ['Second page.', 2]]);
  await expect(reader.read(`${server.origin}/picture`, { signal })).rejects.toThrow('is a PNG image');
});

test('readPage refuses private addresses unless they are allowed', async () => {
  const server = await serve({ '/': `<article>${STORY}</article>` });
  await expect(readPage(server.origin, { signal })).rejects.toMatchObject({ kind: 'blocked' });
  await expect(readPage(server.origin, { signal, allowPrivate: true, pace: { intervalMs: 0 } })).resolves.toMatchObject({ origin: 'web' });
});

test('without a browser a page that is empty without its scripts says so', async () => {
  const server = await serve({ '/': '<html><body><div id="root"></div><script src="/app.js"></script></body></html>' });
  const reader = new PageReader({ allowPrivate: true, pace: { intervalMs: 0 }, chromium: '/nowhere/chromium' });
  await expect(reader.read(server.origin, { signal, javaScript: 'never' })).rejects.toMatchObject({ kind: 'unreadable' });
  await expect(reader.read(server.origin, { signal })).rejects.toMatchObject({ kind: 'unavailable' });
});

const hasBrowser = findChromium() !== undefined;
const inBrowser = (name: string): string => (hasBrowser ? name : `${name} (skipped: no Chromium on this machine)`);

test(inBrowser('a page that is empty without its scripts is run in the browser'), { skip: !hasBrowser }, async () => {
  const server = await serve({
    '/': '<html><head><title>Shell</title><style>.ghost{display:none}</style></head><body><div id="root"></div><script src="/app.js"></script></body></html>',
    '/app.js': (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(`
        fetch('/data.json').then((answer) => answer.json()).then(({ text }) => {
          document.getElementById('root').innerHTML = '<article><h1>Loaded</h1>' + text + '<p class="ghost">SECRET</p><p id="pale">SECRET</p></article>';
          document.getElementById('pale').style.cssText = 'color: rgb(255,255,255)';
        });`),
    '/data.json': JSON.stringify({ text: STORY }),
  });
  const snapshot = await readerFor(server).read(server.origin, { signal });
  expect(snapshot.text).toContain('The committee met on Tuesday');
  expect(snapshot.text).not.toContain('SECRET');
  expect(server.requests).toEqual(['GET /robots.txt', 'GET /', 'GET /robots.txt', 'GET /app.js', 'GET /data.json']);
});

test(inBrowser('scripts reach nothing that the guard refuses'), { skip: !hasBrowser }, async () => {
  const inside = await serve({ '/': 'secret', '/robots.txt': '', '/i.js': 'document.title = "taken"' });
  const attacks = `
    const to = '${inside.origin}';
    const got = [];
    const settle = Promise.allSettled([
      fetch(to).then((a) => a.text()).then((t) => got.push(t)),
      fetch(to, { mode: 'no-cors' }), fetch(to, { method: 'POST', body: 'x' }),
      fetch('/redirect').then((a) => a.text()).then((t) => got.push(t)),
      fetch('http://169.254.169.254/latest/meta-data/'), fetch('http://localhost:${inside.port}/'), fetch('http://[::1]:${inside.port}/'),
      new Promise((resolve) => { const s = new WebSocket(to.replace('http', 'ws')); s.onmessage = (m) => got.push(m); s.onerror = s.onclose = resolve; setTimeout(resolve, 300); }),
      new Promise((resolve) => { const x = new XMLHttpRequest(); x.onloadend = resolve; x.open('GET', to); x.send(); }),
    ]);
    navigator.sendBeacon(to + '/beacon', 'x');
    new Image().src = to + '/image';
    const add = (html) => document.body.insertAdjacentHTML('beforeend', html);
    add('<iframe src="' + to + '"></iframe><link rel="stylesheet" href="' + to + '/s.css"><link rel="prefetch" href="' + to + '/p"><link rel="preconnect" href="' + to + '"><video src="' + to + '/v"></video>');
    const script = document.createElement('script'); script.src = to + '/i.js'; document.body.append(script);
    const es = new EventSource(to + '/events');
    try { navigator.serviceWorker.register('/sw.js'); } catch {}
    try { const pc = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${inside.port}' }] }); pc.createDataChannel('x'); pc.createOffer().then((o) => pc.setLocalDescription(o)); } catch {}
    window.open(to + '/popup');
    settle.then((results) => { document.getElementById('root').innerHTML = '<article>' + ${JSON.stringify(STORY)} + '<p>results ' + results.length + ' got [' + got.join() + ']</p></article>'; });`;
  const server = await serve({
    '/': `<html><body><div id="root"></div><script>${attacks}</script></body></html>`,
    '/redirect': (_request, response) => response.writeHead(302, { location: inside.origin }).end(),
    '/sw.js': '',
  });
  const snapshot = await readerFor(server).read(server.origin, { signal });
  expect(snapshot.text).toContain('results 9 got []');
  expect(snapshot.title).not.toBe('taken');
  expect(inside.requests).toEqual([]);
});

test(inBrowser('a page whose scripts never end is stopped, and one that is aborted ends at once'), { skip: !hasBrowser }, async () => {
  const server = await serve({ '/': '<html><body><div id="root"></div><script>for (;;) {}</script></body></html>' });
  const reader = new PageReader({ allowPrivate: [server.host], pace: { intervalMs: 0 }, renderTimeoutMs: 3000 });
  readers.push(reader);
  await expect(reader.read(server.origin, { signal })).rejects.toMatchObject({ kind: 'timeout' });
  await expect(reader.read(server.origin, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({ name: 'TimeoutError' });
});
