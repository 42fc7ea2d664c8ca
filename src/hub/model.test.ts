/** Models from a hub on loopback: what is downloaded, kept, resumed, refused. */
import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { mountTinyDisk } from '../run/tiny-disk.ts';
import { blobHash, HubServer, TOKEN } from './hub-server.fixture.ts';
import type { HubSettings } from './hub-settings.ts';
import { fetchModel } from './model.ts';
import type { HubProgress } from './progress.ts';
import { parseRepository } from './repository.ts';

const SIZE = 300_000;
/** Bytes without a period, so that a piece in the wrong place shows. */
const weights = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => Math.imul(i + 1, 2_654_435_761)).buffer);
const small = {
  'config.json': '{"model_type": "llama"}',
  'tokenizer.json': '{}',
  'chat_template.jinja': '{{ messages }}',
  'additional_chat_templates/tools.jinja': '{{ tools }}',
};
const files = { ...small, 'model.safetensors': weights };
const clutter = { 'README.md': 'x', 'pytorch_model.bin': weights, 'model.gguf': weights, 'onnx/model.onnx': weights, 'original/model.safetensors': weights };

let hub: HubServer;
let notices: string[] = [];
let events: HubProgress[] = [];

beforeAll(async () => {
  hub = await HubServer.start();
  hub.serve('models/some/model', { ...files, ...clutter });
  hub.serve('models/secret/model', files, 'private');
  hub.serve('models/gated/model', files, 'gated');
  hub.serve('models/only/gguf', { 'config.json': '{}', 'weights.gguf': weights });
});
afterAll(() => hub.stop());
beforeEach(() => {
  hub.reset();
  notices = [];
  events = [];
});

async function get(name: string, settings: HubSettings): Promise<string> {
  const repository = parseRepository('model', name);
  if (!repository) throw new Error(`not a name: ${name}`);
  return fetchModel(repository, {
    settings,
    onProgress: (progress) => {
      events.push(progress);
      if (progress.type === 'notice') notices.push(progress.message);
    },
  });
}

const namesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

const storage = (settings: HubSettings, folder = 'models--some--model'): string => join(settings.cacheDirectory, folder);
/** Quicker than a comparison by the test's own means, which goes byte by byte. */
const holdsWeights = (folder: string): boolean => readFileSync(join(folder, 'model.safetensors')).equals(weights);
const partialOf = (settings: HubSettings): string => join(storage(settings), 'blobs', `${blobHash(weights)}.incomplete`);
const nothingLooksWhole = (settings: HubSettings): void => {
  const blob = blobHash(weights);
  expect(readdirSync(join(storage(settings), 'blobs'))).not.toContain(blob);
  const commits = readdirSync(storage(settings)).includes('snapshots') ? namesIn(join(storage(settings), 'snapshots')) : [];
  expect(commits.filter((name) => name.endsWith('.safetensors'))).toEqual([]);
};

describe('a download', () => {
  test('takes what r5 needs and no copies in other formats, in the layout of the shared cache', async () => {
    const settings = hub.settings();
    const folder = await get('some/model', settings);
    const commit = hub.serve('models/some/model', { ...files, ...clutter });
    expect(folder).toBe(join(storage(settings), 'snapshots', commit));
    expect(namesIn(folder)).toEqual(Object.keys(files).toSorted());
    expect(holdsWeights(folder)).toBe(true);
    expect(readFileSync(join(storage(settings), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(readlinkSync(join(folder, 'model.safetensors'))).toBe(join('..', '..', 'blobs', blobHash(weights)));
    expect(readlinkSync(join(folder, 'additional_chat_templates', 'tools.jinja'))).toMatch(/^\.\.[/\\]\.\.[/\\]\.\.[/\\]blobs/);
    expect(namesIn(join(storage(settings), 'blobs'))).toEqual(Object.values(files).map((content) => blobHash(Buffer.from(content))).toSorted());
  });

  test('tells the plan, the bytes of each file, and when each is done', async () => {
    await get('some/model', hub.settings());
    const total = Object.values(files).reduce((sum, content) => sum + content.length, 0);
    expect(events[0]).toMatchObject({ type: 'plan', repository: 'some/model', files: 5, totalBytes: total, missingBytes: total });
    expect(events.filter((event) => event.type === 'file' && event.done)).toHaveLength(5);
    expect(events).toContainEqual({ type: 'file', path: 'model.safetensors', receivedBytes: SIZE, totalBytes: SIZE, done: true });
  });

  test('sends no byte of a file the second time', async () => {
    const settings = hub.settings();
    const first = await get('some/model', settings);
    hub.reset();
    expect(await get('some/model', settings)).toBe(first);
    expect(hub.sentBytes).toBe(0);
    expect(hub.requests.every(({ path }) => path.startsWith('/api/'))).toBe(true);
  });

  test('of a new commit brings only the files that changed', async () => {
    const settings = hub.settings();
    hub.serve('models/moving/model', files);
    await get('moving/model', settings);
    hub.reset();
    const commit = hub.serve('models/moving/model', { ...files, 'config.json': '{"new": true}' });
    const folder = await get('moving/model', settings);
    expect(folder.endsWith(commit)).toBe(true);
    expect(namesIn(folder)).toEqual(Object.keys(files).toSorted());
    expect(hub.sentBytes).toBe('{"new": true}'.length);
  });

  test('takes the shards that the index names', async () => {
    const index = JSON.stringify({ weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } });
    const shards = { 'model-00001-of-00002.safetensors': weights, 'model-00002-of-00002.safetensors': weights.subarray(4) };
    hub.serve('models/big/model', { ...small, 'model.safetensors.index.json': index, ...shards, 'consolidated.safetensors': weights });
    const folder = await get('big/model', hub.settings());
    expect(namesIn(folder).filter((name) => name.includes('safetensors'))).toEqual([...Object.keys(shards), 'model.safetensors.index.json']);
  });

  test('opens in the local engine', async () => {
    const tiny = fileURLToPath(new URL('../../models/r5-tiny/', import.meta.url));
    hub.serve('models/r5/tiny', Object.fromEntries(readdirSync(tiny).map((name) => [name, readFileSync(join(tiny, name))])));
    const engine = await LocalEngine.open(await get('r5/tiny', hub.settings()));
    expect(engine.tokenizer?.vocabularySize).toBeGreaterThan(0);
    await engine.release();
  });

  test('of a pinned commit stays at it, and asks the hub for nothing once it is there', async () => {
    const settings = hub.settings();
    const old = hub.serve('models/pinned/model', files);
    hub.serve('models/pinned/model', { ...files, 'config.json': '{"newer": 1}' });
    const folder = await get(`pinned/model@${old}`, settings);
    expect(folder.endsWith(old)).toBe(true);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(small['config.json']);
    hub.reset();
    await get(`pinned/model@${old}`, settings);
    expect(hub.requests).toEqual([]);
  });

  test('uses a snapshot whose links lead nowhere as a place to put the file again', async () => {
    const settings = hub.settings();
    const folder = await get('some/model', settings);
    rmSync(realpathSync(join(folder, 'model.safetensors')));
    await get('some/model', settings);
    expect(holdsWeights(folder)).toBe(true);
  });
});

describe('a connection that breaks', () => {
  test('is taken up again where it broke, within the same call', async () => {
    hub.reset({ cuts: 2, cutAfterBytes: 100_000 });
    const folder = await get('some/model', hub.settings());
    expect(holdsWeights(folder)).toBe(true);
    const ranges = hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range);
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
    expect(notices.every((notice) => notice.startsWith('model.safetensors: the connection broke'))).toBe(true);
  });

  test('for good leaves what has arrived, and the next call brings only the rest', async () => {
    const settings = hub.settings();
    hub.reset({ cuts: 100, cutAfterBytes: 0 });
    mkdirSync(join(storage(settings), 'blobs'), { recursive: true });
    writeFileSync(partialOf(settings), weights.subarray(0, 120_000));
    await expect(get('some/model', settings)).rejects.toThrow(/model\.safetensors broke off at 120000 of 300000 bytes.*goes on from there/s);
    nothingLooksWhole(settings);
    hub.reset();
    const folder = await get('some/model', settings);
    expect(hub.sentBytes).toBeLessThanOrEqual(SIZE - 120_000 + 200);
    expect(holdsWeights(folder)).toBe(true);
    expect(namesIn(join(storage(settings), 'blobs')).some((name) => name.endsWith('.incomplete'))).toBe(false);
  });

  test('that falls silent counts as broken', async () => {
    hub.reset({ cuts: 1, cutAfterBytes: 50_000, stall: true });
    const folder = await get('some/model', hub.settings({ timeoutMs: 300 }));
    expect(holdsWeights(folder)).toBe(true);
    expect(notices).toEqual([expect.stringMatching(/nothing came for 0\.3 s/)]);
  });

  test('starts over with a server that knows no ranges', async () => {
    hub.reset({ cuts: 1, cutAfterBytes: 100_000, ignoreRanges: true });
    const folder = await get('some/model', hub.settings());
    expect(holdsWeights(folder)).toBe(true);
  });

  test('of a process that was killed is resumed by the next one', async () => {
    const settings = hub.settings();
    hub.reset({ cuts: 1, cutAfterBytes: 150_000, stall: true });
    const child = startFetch('some/model', settings);
    await child.saw('"receivedBytes":150000');
    child.process.kill('SIGKILL');
    await child.ended;
    nothingLooksWhole(settings);
    hub.reset();
    const folder = await get('some/model', settings);
    expect(holdsWeights(folder)).toBe(true);
    expect(hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range)).toEqual(['bytes=150000-']);
  });
});

describe('wrong bytes', () => {
  test('of the right number are refused by their hash, and nothing is left that looks whole', async () => {
    const settings = hub.settings();
    hub.reset({ wrongBytes: true });
    await expect(get('some/model', settings)).rejects.toThrow(/other bytes than the hub announced/);
    nothingLooksWhole(settings);
    expect(readdirSync(join(storage(settings), 'blobs'))).not.toContain(`${blobHash(weights)}.incomplete`);
    hub.reset();
    expect(holdsWeights(await get('some/model', settings))).toBe(true);
  });

  test('of another number are refused before they are read', async () => {
    const settings = hub.settings();
    hub.reset({ extraBytes: 7 });
    await expect(get('some/model', settings)).rejects.toThrow('model.safetensors should have 300000 bytes, but the server sends 300007');
    nothingLooksWhole(settings);
  });

  test('that an earlier download left are replaced', async () => {
    for (const left of [Buffer.alloc(1000), Buffer.alloc(SIZE), Buffer.alloc(SIZE + 1)]) {
      const settings = hub.settings();
      mkdirSync(join(storage(settings), 'blobs'), { recursive: true });
      writeFileSync(partialOf(settings), left);
      expect(holdsWeights(await get('some/model', settings))).toBe(true);
    }
  });
});

test('a disk without room is told before anything is downloaded', async ({ skip }) => {
  const disk = mountTinyDisk(128);
  if ('reason' in disk) return skip(disk.reason);
  const settings = hub.settings({ home: disk.directory, cacheDirectory: join(disk.directory, 'hub') });
  await expect(get('some/model', settings)).rejects.toThrow(/There is no room for some\/model: 0.3 MB are missing, and the disk of .* has 0.1 MB free.*HF_HOME/);
  expect(hub.sentBytes).toBe(0);
  disk.unmount();
});

describe('without the hub', () => {
  test('the cache serves, and a line says so', async () => {
    const settings = hub.settings();
    const folder = await get('some/model', settings);
    hub.reset();
    expect(await get('some/model', { ...settings, offline: true })).toBe(folder);
    expect(hub.requests).toEqual([]);
    expect(await get('some/model', { ...settings, endpoint: 'http://127.0.0.1:1' })).toBe(folder);
    hub.reset({ failures: 1 });
    expect(await get('some/model', settings)).toBe(folder);
    expect(notices).toEqual([
      expect.stringMatching(/^HF_HUB_OFFLINE is set; using some\/model from the cache, at commit [0-9a-f]{7}\.$/),
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 cannot be reached: .*; using some\/model from the cache/),
      expect.stringMatching(/status 503: down for repairs; using some\/model from the cache/),
    ]);
  });

  test('a model that is not in the cache, or only in part, is refused', async () => {
    const settings = hub.settings();
    await expect(get('some/model', { ...settings, offline: true })).rejects.toThrow(/HF_HUB_OFFLINE is set, and some\/model is not in the cache/);
    const folder = await get('some/model', settings);
    rmSync(join(folder, 'tokenizer.json'));
    await expect(get('some/model', { ...settings, offline: true })).rejects.toThrow(/only a part of some\/model: tokenizer\.json is missing/);
  });

  test('a snapshot that another program made is used', async () => {
    const settings = hub.settings();
    const commit = 'c'.repeat(40);
    for (const folder of ['blobs', 'refs', `snapshots/${commit}`]) mkdirSync(join(storage(settings), folder), { recursive: true });
    writeFileSync(join(storage(settings), 'refs', 'main'), commit);
    for (const [name, content] of [['config.json', '{}'], ['model.safetensors', 'abc']] as const) {
      writeFileSync(join(storage(settings), 'blobs', `${name}-hash`), content);
      symlinkSync(join('..', '..', 'blobs', `${name}-hash`), join(storage(settings), 'snapshots', commit, name));
    }
    expect(await get('some/model', { ...settings, offline: true })).toBe(join(storage(settings), 'snapshots', commit));
  });
});

describe('access', () => {
  test('the token goes to the hub alone, not to the host that it redirects to', async () => {
    await get('secret/model', hub.settings({ token: TOKEN }));
    const sent = (server: string): Set<string | undefined> => new Set(hub.requests.filter((request) => request.server === server).map(({ authorization }) => authorization));
    expect(sent('hub')).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(sent('cdn')).toEqual(new Set([undefined]));
  });

  test('what the hub refuses is said with what to do', async () => {
    const settings = hub.settings();
    await expect(get('secret/model', settings)).rejects.toThrow(/secret\/model does not exist on http.*, or it is private\. .*HF_TOKEN/);
    await expect(get('secret/model', { ...settings, token: 'wrong' })).rejects.toThrow(/the token in use was not accepted/);
    await expect(get('no/model', { ...settings, token: TOKEN })).rejects.toThrow(/There is no model no\/model on http/);
    await expect(get('gated/model', settings)).rejects.toThrow(/gated\/model is gated: accept its terms on http.*\/gated\/model, then put an access token/);
    await expect(get('some/model@v9', settings)).rejects.toThrow(/some\/model has no revision 'v9'/);
    await expect(get('only/gguf', settings)).rejects.toThrow('only/gguf has no model.safetensors, which r5 reads: it holds weights as .gguf.');
  });

  test('paths that lead out of the cache are refused', async () => {
    hub.serve('models/evil/model', { ...files, '../../evil.json': '{}' });
    await expect(get('evil/model', hub.settings())).rejects.toThrow(/leads out of the repository/);
  });

  test('a server that is no hub is named', async () => {
    await expect(get('some/model', hub.settings({ endpoint: `${hub.endpoint}/elsewhere` }))).rejects.toThrow(R5Error);
  });
});

describe('two processes', () => {
  test('that want the same model at once send for each file once, and both have it whole', async () => {
    const settings = hub.settings();
    // Slow enough that the second one comes while the first is at it.
    hub.reset({ cuts: 1, cutAfterBytes: 150_000 });
    const children = [startFetch('some/model', settings), startFetch('some/model', settings)];
    const results = await Promise.all(children.map(({ ended }) => ended));
    for (const { code, stdout } of results) {
      expect(code).toBe(0);
      expect(holdsWeights(stdout)).toBe(true);
      expect(lstatSync(join(stdout, 'config.json')).isSymbolicLink()).toBe(true);
    }
    expect(hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range)).toEqual([undefined, 'bytes=150000-']);
    expect(namesIn(join(settings.cacheDirectory, '.locks'))).toEqual([]);
  });
});

const script = fileURLToPath(new URL('fetch-model.fixture.ts', import.meta.url));

interface Child {
  process: ReturnType<typeof spawn>;
  ended: Promise<{ code: number | null; stdout: string }>;
  /** Resolves when the text is on stderr. */
  saw(text: string): Promise<void>;
}

function startFetch(name: string, settings: HubSettings): Child {
  const child = spawn(process.execPath, [script, name], { env: { ...process.env, HF_HOME: settings.home, HF_ENDPOINT: settings.endpoint, HF_TOKEN: '' } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => void child.on('close', (code) => resolve({ code, stdout })));
  const saw = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => void (stderr.includes(text) && resolve());
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`the process ended: ${stderr}`)));
      look();
    });
  return { process: child, ended, saw };
}
