/** What a person may type for a model. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HubServer } from '../hub/hub-server.fixture.ts';
import { resolveModel } from './resolve-model.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'r5-resolve-')));
const before = process.cwd();
let hub: HubServer;
beforeAll(async () => {
  hub = await HubServer.start();
  hub.serve('models/some/model', { 'config.json': '{}', 'model.safetensors': 'abc' });
  vi.stubEnv('HF_HOME', home);
  vi.stubEnv('HF_HUB_CACHE', '');
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  process.chdir(home);
});
afterAll(async () => {
  process.chdir(before);
  vi.unstubAllEnvs();
  await hub.stop();
  rmSync(home, { recursive: true });
});

test('a name of the hub is downloaded into the cache of Hugging Face, unless a path of that name exists', async () => {
  expect(await resolveModel('some/model', 'runs')).toMatch(/hub[/\\]models--some--model[/\\]snapshots[/\\][0-9a-f]{40}$/);
  mkdirSync(join(home, 'some', 'model'), { recursive: true });
  hub.reset();
  expect(await resolveModel('some/model', 'runs')).toBe(join(home, 'some', 'model'));
  expect(hub.requests).toEqual([]);
});

test('what is neither here nor on the hub is refused with all that was tried', async () => {
  await expect(resolveModel('no/model', 'runs')).rejects.toThrow(
    /There is no model 'no\/model' here: it is no directory, no run in runs, and none of the embedded r5-tiny, r5-tiny-search, r5-tiny-research, r5-tiny-research-base\. The model no\/model does not exist on http/,
  );
  await expect(resolveModel('nothing', 'runs')).rejects.toThrow(/There is no model 'nothing': .*A model of the hub has the form owner\/name/);
});
