import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import type { Out, Pointer } from './function-table.ts';
import { libraryPath, openLibrary, packageDirectory } from './library.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'r5-library-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the library', () => {
  test.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['win32', 'arm64'],
  ])('is found in the installed package for %s %s', (platform, architecture) => {
    expect(existsSync(libraryPath(packageDirectory(), platform, architecture))).toBe(true);
  });

  test('that is not there is named with its place and what to do', () => {
    expect(() => libraryPath(directory)).toThrow(R5Error);
    expect(() => libraryPath(directory, 'linux', 'x64')).toThrow(
      `no ONNX Runtime library for linux x64 under ${join(directory, 'bin')}. onnxruntime-node ships it for`,
    );
    expect(() => libraryPath(packageDirectory(), 'sunos', 'x64')).toThrow('no ONNX Runtime library for sunos x64');
    const empty = join(directory, 'bin', 'napi-v6', 'linux', 'x64');
    mkdirSync(empty, { recursive: true });
    expect(() => libraryPath(directory, 'linux', 'x64')).toThrow('reinstall with `npm install onnxruntime-node');
  });

  test('that is no library is named with the reason', () => {
    const file = join(directory, 'libonnxruntime.so.1');
    writeFileSync(file, 'not a library');
    expect(() => openLibrary(file)).toThrow(R5Error);
    expect(() => openLibrary(file)).toThrow(`could not load ONNX Runtime from ${file}: `);
  });

  test('stays loaded through garbage collections', async () => {
    const library = openLibrary(libraryPath(packageDirectory()));
    setFlagsFromString('--expose-gc');
    for (let round = 0; round < 10; round += 1) {
      runInNewContext('gc()');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Were it unloaded, this call would end the process.
    const { getAllocatorWithDefaultOptions } = library.functions;
    const allocator = library.result('could not get an allocator', (out: Out<Pointer>) => getAllocatorWithDefaultOptions(out));
    expect(allocator).not.toBe(0n);
  });

  test('is not opened on stacks that are too small for it', { timeout: 60_000 }, () => {
    // koffi cannot change its stacks once it has loaded something, so this takes a process of its own.
    const script = `
      import koffi from 'koffi';
      import { libraryPath, packageDirectory, openLibrary } from './library.ts';
      koffi.load(libraryPath(packageDirectory()));
      openLibrary(libraryPath(packageDirectory()));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(child.stderr).toContain('R5Error: koffi was used before r5');
    expect(child.stderr).toContain('before the first koffi.load');
  });
});
