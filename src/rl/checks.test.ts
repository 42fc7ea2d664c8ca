import { describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { openTinyEngine } from '../engine/local/tiny-engine.fixture.ts';
import { CheckFailure, type CheckResult } from './checks.ts';
import { evenSettings, evenTokens } from './even-tokens.fixture.ts';
import { trainGrpo, type GrpoSettings } from './grpo.ts';
import type { CompletionSource } from './rollouts.ts';

/** Trains two steps on an engine that has been tampered with. */
async function train(change: { engine?: (engine: Engine) => Partial<Engine>; source?: Partial<CompletionSource>; settings?: Partial<GrpoSettings> }) {
  const engine = await openTinyEngine();
  const tampered = new Proxy<Engine>(engine, {
    get: (target, key) => {
      const replaced: unknown = Reflect.get(change.engine?.(target) ?? {}, key);
      const value: unknown = replaced ?? Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const checks: CheckResult[] = [];
  const run = trainGrpo(tampered, { ...evenTokens, ...change.source }, evenSettings(change.settings, 2), { onCheck: (check) => void checks.push(check) });
  return run.then(
    () => ({ failure: undefined, checks }),
    (failure: unknown) => ({ failure, checks }),
  );
}

/** The check that stopped the run. */
async function failed(change: Parameters<typeof train>[0]): Promise<CheckFailure> {
  const { failure } = await train(change);
  if (!(failure instanceof CheckFailure)) throw new Error(`no check failed, but: ${String(failure)}`);
  return failure;
}

test('a sound run passes every check, and they all take place', async () => {
  const { failure, checks } = await train({});
  expect(failure).toBeUndefined();
  expect(checks.every(({ passed }) => passed)).toBe(true);
  expect(new Set(checks.map(({ name }) => name))).toEqual(
    new Set(['weights version', 'answers readable', 'groups not flat', 'loss finite', 'sampler = trainer', 'parameters moved']),
  );
  expect(checks.find(({ name }) => name === 'sampler = trainer')?.value).toBeLessThan(1e-4);
});

describe('each check stops a run in which what it guards is broken', () => {
  test('a sampler at another temperature than the trainer', async () => {
    const failure = await failed({ engine: (engine) => ({ sample: (requests, params) => engine.sample(requests, { ...params, temperature: 0.8 }) }) });
    expect(failure.message).toMatch(/'sampler = trainer' failed at step 1.*temperature/);
  });

  test('tokens that are not the ones that were sampled', async () => {
    const failure = await failed({
      engine: (engine) => ({
        sample: async (requests, params) => {
          const groups = await engine.sample(requests, params);
          return groups.map((group) => group.map((completion) => ({ ...completion, tokens: completion.tokens.with(2, 7) })));
        },
      }),
    });
    expect(failure.result.name).toBe('sampler = trainer');
  });

  test('log-probabilities that are shifted by one', async () => {
    const failure = await failed({
      engine: (engine) => ({
        sample: async (requests, params) => {
          const groups = await engine.sample(requests, params);
          return groups.map((group) => group.map((completion) => ({ ...completion, logprobs: [0, ...completion.logprobs.slice(0, -1)] })));
        },
      }),
    });
    expect(failure.result.name).toBe('sampler = trainer');
  });

  test('a sampler that is left behind on the weights of an earlier step', async () => {
    const failure = await failed({
      engine: (engine) => ({
        sample: async (requests, params) => {
          const groups = await engine.sample(requests, params);
          return groups.map((group) => group.map((completion) => ({ ...completion, weightsVersion: 0 })));
        },
      }),
    });
    expect(failure.message).toMatch(/'weights version' failed at step 2/);
  });

  test('an optimizer step that changes nothing', async () => {
    const failure = await failed({ engine: (engine) => ({ optimStep: (params) => engine.optimStep({ ...params, learningRate: 0 }) }) });
    expect(failure.message).toMatch(/'parameters moved' failed at step 2.*did not move/);
  });

  test('a frozen parameter that moves', async () => {
    const failure = await failed({
      engine: (engine) => ({ parameterChanges: () => engine.parameterChanges().map((change, i) => (i === 3 ? { ...change, trained: false } : change)) }),
    });
    expect(failure.message).toMatch(/frozen but moved/);
  });

  test('a parameter that is no longer a number', async () => {
    const failure = await failed({
      engine: (engine) => ({ parameterChanges: () => engine.parameterChanges().map((change, i) => (i === 3 ? { ...change, largest: NaN } : change)) }),
    });
    expect(failure.message).toMatch(/no longer a number/);
  });

  test('rewards that are all the same', async () => {
    const failure = await failed({ source: { score: async () => ({ reward: 0, verdict: 'wrong', text: '' }) } });
    expect(failure.message).toMatch(/'groups not flat' failed at step 1.*too hard/);
  });

  test('a grader that reads nothing', async () => {
    const failure = await failed({ source: { score: async () => ({ reward: 0, verdict: 'unparsable', text: 'gibberish' }) } });
    expect(failure.message).toMatch(/'answers readable' failed at step 1.*gibberish/);
  });

  test('a loss that is not a number', async () => {
    const failure = await failed({ engine: (engine) => ({ forwardBackward: async (batch, loss) => ({ ...(await engine.forwardBackward(batch, loss)), loss: NaN }) }) });
    expect(failure.result.name).toBe('loss finite');
  });
});
