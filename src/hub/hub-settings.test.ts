/** Which environment variables name the hub, its cache and the token. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubSettings } from './hub-settings.ts';

test('without variables everything is where huggingface_hub has it', () => {
  const home = join(homedir(), '.cache', 'huggingface');
  expect(hubSettings({ HF_TOKEN: 't' })).toMatchObject({ endpoint: 'https://huggingface.co', home, cacheDirectory: join(home, 'hub'), offline: false });
});

test('HF_HOME, XDG_CACHE_HOME and HF_HUB_CACHE move the cache, the nearer one first', () => {
  expect(hubSettings({ XDG_CACHE_HOME: '/x' }).cacheDirectory).toBe(join('/x', 'huggingface', 'hub'));
  expect(hubSettings({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }).cacheDirectory).toBe(join('/h', 'hub'));
  expect(hubSettings({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }).cacheDirectory).toBe('/old');
  expect(hubSettings({ HF_HOME: '/h', HF_HUB_CACHE: '~/c', HUGGINGFACE_HUB_CACHE: '/old' }).cacheDirectory).toBe(`${homedir()}/c`);
  expect(hubSettings({ HF_HOME: '$BASE/h', BASE: '/b' }).home).toBe('/b/h');
});

test('the token comes from HF_TOKEN, else from the file that `hf auth login` writes', () => {
  const home = mkdtempSync(join(tmpdir(), 'r5-home-'));
  expect(hubSettings({ HF_HOME: home }).token).toBeUndefined();
  writeFileSync(join(home, 'token'), 'of-file\n');
  mkdirSync(join(home, 'sub'));
  writeFileSync(join(home, 'sub', 'other'), 'of-path');
  expect(hubSettings({ HF_HOME: home }).token).toBe('of-file');
  expect(hubSettings({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'sub', 'other') }).token).toBe('of-path');
  expect(hubSettings({ HF_HOME: home, HF_TOKEN: ' of-variable ' }).token).toBe('of-variable');
  expect(hubSettings({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
  expect(() => hubSettings({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'sub') })).toThrow(/Cannot read the token file .*it is a folder/);
  rmSync(home, { recursive: true });
});

test('offline by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE', () => {
  for (const value of ['1', 'true', 'Yes', 'ON']) expect(hubSettings({ HF_HUB_OFFLINE: value }).offline).toBe(true);
  expect(hubSettings({ TRANSFORMERS_OFFLINE: '1' }).offline).toBe(true);
  expect(hubSettings({ HF_HUB_OFFLINE: '0' }).offline).toBe(false);
});

test('values that make no sense are refused by name', () => {
  expect(hubSettings({ HF_ENDPOINT: 'https://mirror.example/' }).endpoint).toBe('https://mirror.example');
  expect(() => hubSettings({ HF_ENDPOINT: 'mirror.example' })).toThrow("HF_ENDPOINT is 'mirror.example', which is no address");
  expect(hubSettings({ HF_HUB_DOWNLOAD_TIMEOUT: '5' }).timeoutMs).toBe(5000);
  expect(() => hubSettings({ HF_HUB_DOWNLOAD_TIMEOUT: 'soon' })).toThrow("HF_HUB_DOWNLOAD_TIMEOUT is 'soon'");
});
