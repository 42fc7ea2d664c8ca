import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTinyEngine } from '../engine/local/tiny-engine.fixture.ts';
import { hashWords } from '../random.ts';
import type { CheckResult } from './checks.ts';
import { evenEpisodes } from './even-episodes.fixture.ts';
import { evenSettings, evenTokens } from './even-tokens.fixture.ts';
import { trainGrpo, type GrpoHooks, type GrpoSettings, type GrpoStep } from './grpo.ts';
import { policyLoss, updatePolicy } from './policy-update.ts';
import { pickRows } from './row-order.ts';
import type { EpisodeSource, Group, RolloutSource } from './rollouts.ts';
import type { Engine } from '../engine/engine.ts';

async function train(engine: Engine, source: RolloutSource, settings: GrpoSettings, hooks: GrpoHooks = {}): Promise<GrpoStep[]> {
  const steps: GrpoStep[] = [];
  await trainGrpo(engine, source, settings, { ...hooks, onStep: (step) => void steps.push(step) });
  return steps;
}

async function weightsOf(engine: Engine): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'r5-overlap-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  await engine.save(directory);
  return readFileSync(join(directory, 'model.safetensors'));
}

/** GRPO in turn, written out: all rollouts of a step, then the update, then the next step. */
async function trainInTurn(engine: Engine, source: EpisodeSource, settings: GrpoSettings): Promise<void> {
  const { prompts, groupSize, sampling, seed, schedule } = settings;
  const play = async (row: number, step: number, position: number): Promise<Group> =>
    Promise.all(
      Array.from({ length: groupSize }, async (_, index) => {
        const context = { index, sampling: { ...sampling, seed: hashWords(hashWords(seed, step, 0), position, index) }, signal: new AbortController().signal };
        return { ...(await source.rollout(row, context)), row, index };
      }),
    );
  for (let step = 1; step <= schedule.totalSteps; step++) {
    const rows = pickRows(source.rowCount, prompts, seed, step);
    const groups = await Promise.all(rows.map((row, position) => play(row, step, position)));
    await updatePolicy(engine, groups, policyLoss(settings), settings, step, ({ value }) => value);
  }
}

test('with a bound of 0 the weights are those of training in turn, bit for bit', async () => {
  const settings = evenSettings({ prompts: 4, loss: 'ppo', maxStaleness: 0 }, 3);
  const [inTurn, scheduled] = [await openTinyEngine(), await openTinyEngine()];
  await trainInTurn(inTurn, evenEpisodes(inTurn), settings);
  await train(scheduled, evenEpisodes(scheduled), settings);
  expect((await weightsOf(scheduled)).equals(await weightsOf(inTurn))).toBe(true);
});

describe('with a bound of 2', { timeout: 120_000 }, () => {
  const bound = (change: Partial<GrpoSettings> = {}, steps = 34) => evenSettings({ loss: 'ppo', maxStaleness: 2, ...change }, steps);

  test('the model learns, and no rollout is older than that', async () => {
    const engine = await openTinyEngine();
    const checks: CheckResult[] = [];
    const steps = await train(engine, evenEpisodes(engine), bound(), { onCheck: (check) => void checks.push(check) });
    expect(steps[0]?.reward).toBeLessThan(0.7);
    expect(steps.at(-1)?.reward).toBeGreaterThan(0.85);
    expect(Math.max(...steps.map(({ largestStaleness }) => largestStaleness))).toBe(2);
    expect(steps[0]?.largestStaleness).toBe(0);
    // What is drawn from other weights has other probabilities, and the report says how far they are.
    expect(steps[0]?.kl).toBeLessThan(1e-6);
    expect(Math.max(...steps.map(({ kl }) => kl))).toBeGreaterThan(1e-4);
    expect(checks.every(({ passed }) => passed)).toBe(true);
  });

  test('single completions can be drawn ahead as well', async () => {
    const steps = await train(await openTinyEngine(), evenTokens, bound({ loss: 'cispo' }));
    expect(steps.at(-1)?.reward).toBeGreaterThan(0.85);
    expect(Math.max(...steps.map(({ largestStaleness }) => largestStaleness))).toBe(2);
  });

  test.each<[string, Partial<GrpoSettings>]>([
    ['PPO with two updates a step', { loss: 'ppo', updates: 2, maxStaleness: 4 }],
    ['GSPO', { loss: 'gspo', clip: { low: 0.2, high: 0.2 } }],
  ])('clipping holds the policy near the weights of the step, not near the older ones: %s', async (_, change) => {
    const engine = await openTinyEngine();
    const steps = await train(engine, evenEpisodes(engine), bound(change));
    expect(steps.at(-1)?.reward).toBeGreaterThan(0.8);
    // Before the first update there is nothing to clip, however stale the rollouts are.
    expect(Math.max(...steps.map(({ clippedShare }) => clippedShare))).toBe(0);
    expect(Math.max(...steps.map(({ kl }) => kl))).toBeGreaterThan(1e-3);
  });

  test('rollouts go on while the engine trains', async () => {
    const engine = await openTinyEngine();
    let training = false;
    let drawn = 0;
    const watched: Engine = new Proxy<Engine>(engine, {
      get: (target, key) => {
        if (key === 'forwardBackward') {
          return async (...given: Parameters<Engine['forwardBackward']>) => {
            training = true;
            return target.forwardBackward(...given).finally(() => {
              training = false;
            });
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const source = evenEpisodes(engine, {
      tool: async () => {
        if (training) drawn++;
      },
    });
    await train(watched, source, bound({}, 4));
    expect(drawn).toBeGreaterThan(0);
  });

  test('a sampler that lags behind by more than the bound stops the run', async () => {
    const engine = await openTinyEngine();
    const source = evenEpisodes(engine);
    const lagging: EpisodeSource = {
      ...source,
      rollout: async (row, context) => {
        const outcome = await source.rollout(row, context);
        return { ...outcome, sequences: outcome.sequences.map((sequence) => ({ ...sequence, weightsVersion: 0 })) };
      },
    };
    await expect(train(engine, lagging, bound({}, 6))).rejects.toThrow(/'weights version' failed at step 4.*other weights than versions 1 to 3/);
  });
});

test('a slow episode holds no step with groups to spare', async () => {
  const engine = await openTinyEngine();
  const source = evenEpisodes(engine, {
    tool: (row, { signal }) => {
      if (row !== 5) return Promise.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const steps = await train(engine, source, evenSettings({ prompts: 4, oversample: 0.25, maxStaleness: 1 }, 8));
  expect(steps).toHaveLength(8);
  expect(steps.reduce((total, { abandoned }) => total + abandoned, 0)).toBeGreaterThanOrEqual(8);
  expect(steps.flatMap(({ groups }) => groups.map(([first]) => first?.row))).not.toContain(5);
});

test('a bound below the updates of one step is refused', async () => {
  const engine = await openTinyEngine();
  await expect(train(engine, evenEpisodes(engine), evenSettings({ maxStaleness: 1, updates: 2 }))).rejects.toThrow('need at least 2');
});
