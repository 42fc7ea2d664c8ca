import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LocalEngine } from '../engine/local/local-engine.ts';
import { openTinyEngine } from '../engine/local/tiny-engine.fixture.ts';
import { LostRollout } from '../task/lost-rollout.ts';
import { evenEpisodes } from './even-episodes.fixture.ts';
import { evenSettings, evenTokens } from './even-tokens.fixture.ts';
import { trainGrpo, type GrpoSettings, type GrpoStep } from './grpo.ts';
import type { CompletionSource, EpisodeSource, RolloutContext } from './rollouts.ts';
import type { Rest } from './step-rollouts.ts';
import type { Engine } from '../engine/engine.ts';

interface Trained {
  steps: GrpoStep[];
  rest: Rest;
  failure: unknown;
}

async function train(engine: Engine, source: EpisodeSource | CompletionSource, change: Partial<GrpoSettings> = {}, steps = 2): Promise<Trained> {
  const trained: Trained = { steps: [], rest: { unused: [], lost: [] }, failure: undefined };
  const settings = evenSettings({ prompts: 8, groupSize: 8, ...change }, steps);
  await trainGrpo(engine, source, settings, {
    onStep: (step) => void trained.steps.push(step),
    onRest: (rest) => {
      trained.rest = rest;
    },
  }).catch((error: unknown) => {
    trained.failure = error;
  });
  return trained;
}

/** Does something to one rollout of so many, and nothing to the others. */
const inOneOf = (many: number, fault: (context: RolloutContext) => Promise<void> | void) => {
  let count = 0;
  return async (_row: number, context: RolloutContext): Promise<void> => {
    if (count++ % many === 11) await fault(context);
  };
};

/** Few rollouts of a model whose graphs are compiled, so that none takes long but the one that is to. */
const WAITING = { prompts: 4, groupSize: 4, rolloutTimeoutMs: 3000 };

async function openWarmEngine(): Promise<LocalEngine> {
  const engine = await openTinyEngine();
  await engine.generate({ prompt: [3, 40], params: { maxTokens: 2 } });
  return engine;
}

const lossesOf = ({ steps }: Trained): string[][] => steps.map(({ lost }) => lost.map(({ reason }) => reason));

describe.each([0, 1])('with rollouts that may be %s steps old, the run goes on without', (maxStaleness) => {
  test('an agent that throws in one rollout of 64', async () => {
    const engine = await openTinyEngine();
    const source = evenEpisodes(engine, {
      tool: inOneOf(64, () => {
        throw new Error('the page has no such button');
      }),
    });
    const trained = await train(engine, source, { maxStaleness });
    expect(trained.failure).toBeUndefined();
    expect(lossesOf(trained)).toEqual([['threw'], ['threw']]);
    const [step] = trained.steps;
    expect(step?.lost[0]?.message).toBe('the page has no such button');
    expect(step?.groups.map((group) => group.length).toSorted()).toEqual([7, 8, 8, 8, 8, 8, 8, 8]);
    // Advantages are those of the seven that are left.
    for (const advantages of step?.advantages ?? []) expect(advantages.reduce((total, advantage) => total + advantage, 0)).toBeCloseTo(0, 10);
  });

  test('a tool that hangs and does not heed its signal', async () => {
    const engine = await openWarmEngine();
    const source = evenEpisodes(engine, { tool: inOneOf(16, () => new Promise<void>(() => {})) });
    const trained = await train(engine, source, { ...WAITING, maxStaleness }, 1);
    expect(trained.failure).toBeUndefined();
    expect(lossesOf(trained)).toEqual([['timeout']]);
    expect(trained.steps[0]?.lost[0]?.message).toBe('It took longer than 3 s.');
  });
});

test('the thread that an episode works in is killed: the episode is lost', async () => {
  const engine = await openTinyEngine();
  const source = evenEpisodes(engine, {
    tool: inOneOf(64, async () => {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      const exited = new Promise<void>((_, reject) => worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`))));
      worker.once('online', () => void worker.terminate());
      await exited;
    }),
  });
  const trained = await train(engine, source, {}, 1);
  expect(trained.failure).toBeUndefined();
  expect(trained.steps[0]?.lost).toMatchObject([{ reason: 'threw', message: 'the worker ended with 1' }]);
});

test('the process that an episode waits for is killed: the episode times out', async () => {
  const engine = await openWarmEngine();
  const source = evenEpisodes(engine, {
    tool: inOneOf(16, async () => {
      const child = fork('-e', ['setInterval(() => {}, 1000)'], { execArgv: [], stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
      child.once('spawn', () => child.kill('SIGKILL'));
      // What it would have said.
      await new Promise((resolve) => child.once('message', resolve));
    }),
  });
  const trained = await train(engine, source, WAITING, 1);
  expect(trained.failure).toBeUndefined();
  expect(lossesOf(trained)).toEqual([['timeout']]);
});

describe('a grader that cannot say what an answer is worth', () => {
  const unsure = (share: number): CompletionSource => {
    let count = 0;
    return {
      ...evenTokens,
      score: async (row, completion) => {
        if (count++ % 10 < 10 * share) throw new LostRollout('the judge answered 429 for a minute');
        return evenTokens.score(row, completion);
      },
    };
  };

  test('loses rollouts, whose tokens are kept for the log', async () => {
    const trained = await train(await openTinyEngine(), unsure(0.1));
    expect(trained.failure).toBeUndefined();
    expect(trained.steps[0]?.lost).toHaveLength(7);
    expect(trained.steps[0]?.lost[0]).toMatchObject({ reason: 'unscored', message: 'the judge answered 429 for a minute' });
    expect(trained.steps[0]?.lost[0]?.played?.sequences[0]?.tokens).toHaveLength(8);
  });

  test('stops the run past the stated share, with what happened; what had finished is handed over', async () => {
    const trained = await train(await openTinyEngine(), unsure(0.3));
    expect(String(trained.failure)).toMatch(/21 of the latest 64 rollouts were lost, more than the share of 0\.2.*--max-lost-share.*: 21 could not be scored\..*429 for a minute/);
    expect(trained.rest.unused).toHaveLength(43);
    expect(trained.rest.lost).toHaveLength(21);
  });

  test('does not stop a run that puts up with it', async () => {
    const trained = await train(await openTinyEngine(), unsure(0.3), { maxLostShare: 0.5 });
    expect(trained.failure).toBeUndefined();
    expect(trained.steps).toHaveLength(2);
  });
});

test('a source that fails always stops the run at its first step', async () => {
  const engine = await openTinyEngine();
  const trained = await train(engine, { rowCount: 16, rollout: () => Promise.reject(new Error('no route to host')) }, { prompts: 1, groupSize: 2 });
  expect(String(trained.failure)).toMatch(/2 of the latest 2 rollouts were lost.*2 threw an error\..*no route to host/);
});

test('a group that has one rollout left teaches nothing', async () => {
  const engine = await openTinyEngine();
  const source = evenEpisodes(engine, {
    tool: async (_row, { index }) => {
      if (index > 0) throw new Error('out of order');
    },
  });
  const trained = await train(engine, source, { maxLostShare: 1, prompts: 2 }, 1);
  expect(String(trained.failure)).toMatch(/groups not flat/);
});
