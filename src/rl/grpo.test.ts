import { describe, expect, test } from 'vitest';
import { openTinyEngine, type TinyEngineOptions } from '../engine/local/tiny-engine.fixture.ts';
import type { Datum, Engine } from '../engine/engine.ts';
import { evenEpisodes, TOOL_RESULT } from './even-episodes.fixture.ts';
import { evenSettings, evenTokens } from './even-tokens.fixture.ts';
import { trainGrpo, type GrpoSettings, type GrpoStep } from './grpo.ts';
import type { CompletionSource, RolloutSource } from './rollouts.ts';
import { pickRows } from './row-order.ts';

async function train(engine: Engine, settings: GrpoSettings, source: RolloutSource = evenTokens, firstStep = 1): Promise<GrpoStep[]> {
  const steps: GrpoStep[] = [];
  await trainGrpo(engine, source, settings, { firstStep, onStep: (step) => void steps.push(step) });
  return steps;
}

async function rewards(settings: Partial<GrpoSettings>, options: TinyEngineOptions = {}): Promise<{ first: number; last: number }> {
  const steps = await train(await openTinyEngine(options), evenSettings(settings));
  return { first: steps[0]?.reward ?? NaN, last: steps.at(-1)?.reward ?? NaN };
}

describe('a model learns what is rewarded', () => {
  test.each<[string, Partial<GrpoSettings>]>([
    ['importance sampling', {}],
    ['PPO', { loss: 'ppo' }],
    ['CISPO', { loss: 'cispo' }],
    ['GSPO', { loss: 'gspo', clip: { low: 0.2, high: 0.2 } }],
    ['standardized advantages', { advantage: 'standardized' }],
    ['RLOO', { advantage: 'rloo' }],
    ['sequence-mean', { normalization: 'sequence-mean' }],
    ['token-sum', { normalization: 'token-sum' }],
    ['two updates a batch', { loss: 'ppo', updates: 2 }],
    ['resampling flat groups', { flatGroups: 'resample' }],
  ])('with %s', async (_, settings) => {
    const { first, last } = await rewards(settings);
    expect(first).toBeLessThan(0.7);
    expect(last).toBeGreaterThan(0.9);
  });

  test('with low-rank adapters', async () => {
    const schedule = { ...evenSettings({}, 30).schedule, learningRate: 3e-2 };
    const { first, last } = await rewards({ schedule }, { lora: { rank: 8, alpha: 16 } });
    expect(first).toBeLessThan(0.7);
    // The frozen output layer bounds what adapters of a model this small can reach.
    expect(last).toBeGreaterThan(0.78);
  });
});

test('a strong KL term holds the model near its start', async () => {
  const free = await rewards({}, { reference: true });
  const held = await rewards({ klCoefficient: 5, klEstimator: 'k3' }, { reference: true });
  expect(held.last).toBeLessThan(free.last - 0.1);
});

test('the same seed gives the same run, also when it goes on from the middle', async () => {
  const whole = await train(await openTinyEngine(), evenSettings({}, 4));
  const again = await train(await openTinyEngine(), evenSettings({}, 4));
  expect(again.map(({ reward, loss }) => [reward, loss])).toEqual(whole.map(({ reward, loss }) => [reward, loss]));
  const engine = await openTinyEngine();
  await train(engine, { ...evenSettings({}, 4), schedule: { ...evenSettings({}, 4).schedule, totalSteps: 2 } });
  const rest = await train(engine, evenSettings({}, 4), evenTokens, 3);
  expect(rest.map(({ reward }) => reward)).toEqual(whole.slice(2).map(({ reward }) => reward));
});

test('completions that hit the limit are left out of the loss when they are masked', async () => {
  const [step] = await train(await openTinyEngine(), evenSettings({ truncated: 'mask' }, 1));
  expect(step?.truncatedShare).toBe(1);
  expect(step?.trainedTokens).toBe(0);
});

test('groups whose rewards are all equal teach nothing', async () => {
  const half: CompletionSource = {
    ...evenTokens,
    score: async (row, completion) => (row % 2 === 0 ? { reward: 1, verdict: 'correct', text: '' } : evenTokens.score(row, completion)),
  };
  const [step] = await train(await openTinyEngine(), evenSettings({ prompts: 16 }, 1), half);
  expect(step?.flatShare).toBeGreaterThanOrEqual(0.5);
  expect(step?.trainedTokens).toBeLessThanOrEqual((step?.sampledTokens ?? 0) / 2);
});

describe('episodes of several calls', () => {
  test('teach the model, and are the same for the same seed', async () => {
    const train18 = async () => {
      const engine = await openTinyEngine();
      return train(engine, evenSettings({ prompts: 4, schedule: { ...evenSettings().schedule, learningRate: 2e-2 } }, 12), evenEpisodes(engine));
    };
    const steps = await train18();
    expect(steps[0]?.reward).toBeLessThan(0.7);
    expect(steps.at(-1)?.reward).toBeGreaterThan(0.85);
    expect((await train18()).map(({ loss }) => loss)).toEqual(steps.map(({ loss }) => loss));
  });

  test('only tokens that the model wrote are in the loss: prompts and results of tools are not', async () => {
    const engine = await openTinyEngine();
    const data: Datum[] = [];
    const watched = new Proxy<Engine>(engine, {
      get: (target, key) => {
        if (key !== 'forwardBackward') {
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return (...[batch, ...rest]: Parameters<Engine['forwardBackward']>) => {
          data.push(...batch);
          return target.forwardBackward(batch, ...rest);
        };
      },
    });
    const [step] = await train(watched, evenSettings({ prompts: 2 }, 1), evenEpisodes(engine));
    expect(step).toMatchObject({ meanLength: 6, sampledTokens: 2 * 8 * 6 });
    expect(data.length).toBeGreaterThan(0);
    for (const { tokens, inputs } of data) {
      expect(tokens.slice(5, 8)).toEqual(TOOL_RESULT);
      // Entry i speaks of token i + 1.
      expect([...(inputs.weights ?? [])]).toEqual([0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
      expect([...(inputs.logprobs ?? [])].map((logprob) => Number(logprob !== 0))).toEqual([...(inputs.weights ?? [])]);
      expect([0, 4, 5, 6].map((entry) => inputs.advantages?.[entry])).toEqual([0, 0, 0, 0]);
    }
    expect(step?.trainedTokens).toBe(6 * data.length);
  });
});

test('rows come in whole passes, each in an order of its own', () => {
  const picked = Array.from({ length: 6 }, (_, i) => pickRows(9, 3, 1, i + 1)).flat();
  expect(picked.slice(0, 9).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(picked.slice(9).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(picked.slice(0, 9)).not.toEqual(picked.slice(9));
});

test.each<[string, Partial<GrpoSettings>]>([
  ['group-size is 1', { groupSize: 1 }],
  ['prompts is 0', { prompts: 0 }],
  ['updates is 0.5', { updates: 0.5 }],
  ['learning rate is NaN', { schedule: { ...evenSettings().schedule, learningRate: NaN } }],
])('a setting that makes no sense is refused: %s', async (message, settings) => {
  await expect(train(await openTinyEngine(), evenSettings(settings))).rejects.toThrow(message);
});
