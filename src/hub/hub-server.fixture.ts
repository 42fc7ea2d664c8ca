/**
 * A small hub on loopback that answers as huggingface.co does: repository information, file trees in pages, `resolve` with a redirect to a
 * second server (another origin, as the real one's CDN) for large files, ranges, tokens. It can be told to misbehave, and notes what it is asked.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubSettings } from './hub-settings.ts';

export interface SeenRequest {
  server: 'hub' | 'cdn';
  path: string;
  authorization: string | undefined;
  range: string | undefined;
  /** Bytes of a file that went out. */
  sentBytes: number;
}

interface ServedRepository {
  files: Map<string, Buffer>;
  commit: string;
  access: 'public' | 'private' | 'gated';
}

/** How large files are sent. */
export interface Behaviour {
  /** Cut the connection of the next so many requests for a large file. */
  cuts: number;
  /** Bytes that go out before a cut. */
  cutAfterBytes: number;
  /** Instead of cutting, send nothing more. */
  stall: boolean;
  /** Send other bytes of the same number. */
  wrongBytes: boolean;
  /** Say and send so many bytes more than there are. */
  extraBytes: number;
  /** Answer the next so many requests to the hub with 503. */
  failures: number;
  /** Answer ranges with the whole file. */
  ignoreRanges: boolean;
}

const WELL: Behaviour = { cuts: 0, cutAfterBytes: 0, stall: false, wrongBytes: false, extraBytes: 0, failures: 0, ignoreRanges: false };

const PAGE = 3;
const LARGE_BYTES = 100_000;
export const TOKEN = 'secret-token';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const gitHash = (bytes: Buffer): string => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Name of a file's blob in the cache. */
export const blobHash = (bytes: Buffer): string => (bytes.length >= LARGE_BYTES ? sha256(bytes) : gitHash(bytes));

export class HubServer {
  readonly requests: SeenRequest[] = [];
  behaviour: Behaviour = { ...WELL };
  readonly #repositories = new Map<string, ServedRepository>();
  readonly #hub: Server = createServer((request, response) => this.#answer('hub', request, response));
  readonly #cdn: Server = createServer((request, response) => this.#answer('cdn', request, response));
  readonly #folders: string[] = [];

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    await Promise.all([server.#hub, server.#cdn].map((each) => new Promise<void>((done) => void each.listen(0, '127.0.0.1', done))));
    return server;
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      await new Promise((done) => void server.close(done));
    }
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  /** Serves the files as the repository (`models/owner/name`); each call is a new commit. Gives back the commit. */
  serve(repository: string, files: Readonly<Record<string, Buffer | string>>, access: ServedRepository['access'] = 'public'): string {
    const contents = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
    const commit = createHash('sha1').update(repository).update(JSON.stringify([...contents].map(([path, bytes]) => [path, sha256(bytes)]))).digest('hex');
    this.#repositories.set(repository, { files: contents, commit, access });
    this.#repositories.set(`${repository}@${commit}`, { files: contents, commit, access });
    return commit;
  }

  /** Settings of a client with an empty cache of its own. */
  settings(change: Partial<HubSettings> = {}): HubSettings {
    const home = mkdtempSync(join(tmpdir(), 'r5-hub-'));
    this.#folders.push(home);
    const cacheDirectory = join(home, 'hub');
    return { endpoint: this.endpoint, home, cacheDirectory, token: undefined, offline: false, symlinks: true, timeoutMs: 10_000, retryDelayMs: 1, ...change };
  }

  /** Forgets the requests so far and behaves well, or as told. */
  reset(behaviour: Partial<Behaviour> = {}): void {
    this.requests.length = 0;
    this.behaviour = { ...WELL, ...behaviour };
  }

  get sentBytes(): number {
    return this.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  }

  #answer(server: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname);
    const { authorization, range } = request.headers;
    const seen: SeenRequest = { server, path, authorization, range, sentBytes: 0 };
    this.requests.push(seen);
    if (server === 'hub' && this.behaviour.failures > 0) {
      this.behaviour.failures--;
      return refuse(response, 503, '', 'down for repairs');
    }
    const raw = /^\/(?:raw)\/(models|datasets)\/([^/]+\/[^/]+)\/([0-9a-f]{40})\/(.+)$/.exec(path);
    if (raw) return this.#send(`${raw[1]}/${raw[2]}@${raw[3]}`, raw[4] ?? '', seen, response);
    const info = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(path);
    if (info) return this.#withRepository(`${info[1]}/${info[2]}`, info[3] ?? '', seen, response, (repository) => sendInfo(repository, info[2] ?? '', response));
    const tree = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(path);
    if (tree) return this.#withRepository(`${tree[1]}/${tree[2]}`, tree[3] ?? '', seen, response, (repository) => this.#sendTree(repository, url, response));
    const resolve = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(path);
    if (!resolve) return refuse(response, 404, '', 'no such page');
    const name = `${resolve[1] === undefined ? 'models' : 'datasets'}/${resolve[2]}`;
    this.#withRepository(name, resolve[3] ?? '', seen, response, (repository) => this.#resolve(repository, name, resolve[4] ?? '', response));
  }

  #withRepository(name: string, revision: string, seen: SeenRequest, response: ServerResponse, answer: (repository: ServedRepository) => void): void {
    const main = this.#repositories.get(name);
    const mayRead = seen.authorization === `Bearer ${TOKEN}`;
    // The hub does not tell strangers which private repositories there are.
    if (!main || (main.access === 'private' && !mayRead)) {
      return mayRead ? refuse(response, 404, 'RepoNotFound', 'Repository not found') : refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    }
    if (main.access === 'gated' && !mayRead && seen.path.includes('/resolve/')) return refuse(response, 401, 'GatedRepo', `Access to ${name} is restricted.`);
    const repository = revision === 'main' ? main : this.#repositories.get(`${name}@${revision}`);
    if (repository) answer(repository);
    else refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  }

  #sendTree({ files }: ServedRepository, url: URL, response: ServerResponse): void {
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const folders = new Set([...files.keys()].filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))));
    const entries = [
      ...[...folders].map((path) => ({ type: 'directory', oid: gitHash(Buffer.from(path)), size: 0, path })),
      ...[...files].map(([path, bytes]) => {
        const lfs = bytes.length >= LARGE_BYTES ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {};
        return { type: 'file', oid: gitHash(bytes), size: bytes.length, path, ...lfs };
      }),
    ];
    url.searchParams.set('cursor', String(start + PAGE));
    const link = start + PAGE < entries.length ? { link: `<${this.endpoint}${url.pathname}${url.search}>; rel="next"` } : {};
    sendJson(response, 200, entries.slice(start, start + PAGE), link);
  }

  #resolve({ files, commit }: ServedRepository, name: string, path: string, response: ServerResponse): void {
    const bytes = files.get(path);
    if (!bytes) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    const large = bytes.length >= LARGE_BYTES;
    const target = `/raw/${name}/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
    response.writeHead(large ? 302 : 307, {
      'x-repo-commit': commit,
      location: large ? `${addressOf(this.#cdn)}${target}` : target,
      ...(large ? { 'x-linked-size': bytes.length, 'x-linked-etag': `"${sha256(bytes)}"` } : {}),
    });
    response.end();
  }

  #send(repository: string, path: string, seen: SeenRequest, response: ServerResponse): void {
    const whole = this.#repositories.get(repository)?.files.get(path);
    if (!whole) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    const large = seen.server === 'cdn';
    const { wrongBytes, extraBytes, ignoreRanges, cutAfterBytes, stall } = large ? this.behaviour : WELL;
    const bytes = Buffer.concat([wrongBytes ? whole.map((byte) => byte ^ 1) : whole, Buffer.alloc(extraBytes)]);
    const start = ignoreRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(seen.range ?? '')?.[1] ?? 0);
    const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { etag: `"${blobHash(whole)}"`, 'accept-ranges': 'bytes', 'x-repo-commit': repository.split('@')[1], 'content-length': bytes.length - start, ...range });
    const cut = large && this.behaviour.cuts > 0;
    if (cut) this.behaviour.cuts--;
    const body = cut ? bytes.subarray(start, start + cutAfterBytes) : bytes.subarray(start);
    seen.sentBytes += body.length;
    if (!cut) return void response.end(body);
    response.write(body, () => {
      if (!stall) setTimeout(() => response.destroy(), 50);
    });
  }
}

function sendInfo({ commit, access }: ServedRepository, name: string, response: ServerResponse): void {
  const counts = { downloads: 1, likes: 0, lastModified: '2025-01-01T00:00:00.000Z' };
  sendJson(response, 200, { _id: '1', id: name, private: access === 'private', gated: access === 'gated' ? 'auto' : false, sha: commit, ...counts });
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: message }, code === '' ? {} : { 'x-error-code': code, 'x-error-message': message });
}

function sendJson(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return `http://127.0.0.1:${address.port}`;
}
