import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { swiftShader } from '../../runtime/test-swiftshader.ts';

const resultSchema = z.object({
  steps: z.array(z.object({ loss: z.number(), gradientNorm: z.number() })),
  completions: z.array(z.object({ tokens: z.array(z.number()), logprobs: z.array(z.number()) })),
});

function runOn(device: 'cpu' | 'webgpu', env: NodeJS.ProcessEnv): z.infer<typeof resultSchema> {
  const program = fileURLToPath(new URL('./device-comparison.fixture.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, device], { env, encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) throw new Error(`${device} ended with ${status}: ${stderr}`);
  return resultSchema.parse(JSON.parse(stdout));
}

test('on webgpu, in software, an engine trains and samples as on cpu', { timeout: 180_000 }, (context) => {
  const software = swiftShader();
  if ('missing' in software) return context.skip(software.missing);
  const cpu = runOn('cpu', software.environment);
  const gpu = runOn('webgpu', software.environment);
  cpu.steps.forEach(({ loss, gradientNorm }, step) => {
    expect(gpu.steps[step]?.loss).toBeCloseTo(loss, 3);
    expect((gpu.steps[step]?.gradientNorm ?? NaN) / gradientNorm).toBeCloseTo(1, 3);
  });
  expect(gpu.completions.map(({ tokens }) => tokens)).toEqual(cpu.completions.map(({ tokens }) => tokens));
  gpu.completions.forEach(({ logprobs }, i) => logprobs.forEach((logprob, k) => expect(logprob).toBeCloseTo(cpu.completions[i]?.logprobs[k] ?? NaN, 3)));
});
