import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { swiftShader } from './test-swiftshader.ts';

const MINUTE_MS = 60_000;
const SCRIPT = join(import.meta.dirname, 'test-webgpu.ts');

describe('webgpu', () => {
  test('gives what cpu gives, with buffers in host memory', { timeout: 5 * MINUTE_MS }, (context) => {
    const found = swiftShader();
    if ('missing' in found) return context.skip(found.missing);
    const child = spawnSync(process.execPath, [SCRIPT], { env: found.environment, encoding: 'utf8' });
    expect(child.stderr).toBe('');
    const { cpu, webgpu }: { cpu: number[]; webgpu: number[] } = JSON.parse(child.stdout);
    expect(webgpu).toHaveLength(4 * (8 * 16 + 1));
    expect(Math.max(...webgpu.map((value, index) => Math.abs(value - (cpu[index] ?? Number.NaN))))).toBeLessThan(1e-5);
  });

  test('says what to do where no GPU can be used', { timeout: MINUTE_MS }, (context) => {
    if (process.platform !== 'linux') return context.skip('only on Linux can a GPU be hidden by a variable');
    const hidden = join(import.meta.dirname, 'no-such-driver.json');
    const env = { ...process.env, VK_ICD_FILENAMES: hidden, VK_DRIVER_FILES: hidden };
    const child = spawnSync(process.execPath, [SCRIPT], { env, encoding: 'utf8' });
    expect(child.stderr).toMatch(/RuntimeError: could not compile session "webgpu": .*open the runtime with device "cpu"/s);
    expect(child.status).toBe(1);
  });
});
