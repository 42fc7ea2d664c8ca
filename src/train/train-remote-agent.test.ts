import { fork } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import type { GrpoStep } from '../rl/grpo.ts';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { eventsPath } from '../run/run-folder.ts';
import { readEpisodes } from '../serve/episodes/episode-replay.ts';
import { writeTinyChatModel } from './tiny-chat-model.fixture.ts';
import { trainRemoteAgent } from './train-remote-agent.ts';

const CHILD_TIMEOUT_MS = 120_000;

/** Agents in processes of their own; they are ended with the test. */
function startAgents(url: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const child = fork(join(import.meta.dirname, 'remote-agent.fixture.ts'), [url]);
    onTestFinished(() => void child.kill());
  }
}

const settings = async () => ({
  name: 'elsewhere', model: await writeTinyChatModel(), runsDirectory: testFolder(), rows: [{ ask: 'one' }, { ask: 'two' }, { ask: 'three' }],
  steps: 2, prompts: 2, groupSize: 4, maxTokens: 24, learningRate: 1e-2, threads: 1, truncated: 'keep' as const,
});

test('trains on what agents in other processes did, token for token, and keeps it', async () => {
  const steps: GrpoStep[] = [];
  const { run, ...result } = await trainRemoteAgent({ ...(await settings()), heldOut: [{ ask: 'four' }], onStep: (step) => void steps.push(step), onListening: (url) => startAgents(url, 2) });
  expect(result).toMatchObject({ finished: true, steps: 2, before: { n: 1 }, after: { n: 1 } });
  const events = effectiveEvents((await loadEvents(eventsPath(run))).events);
  expect(events.find((event) => event.type === 'check' && event.name === 'sampler = trainer')).toMatchObject({ passed: true });
  const rollouts = steps.flatMap(({ groups }) => groups.flat());
  expect(rollouts).toHaveLength(16);
  for (const { episode, text, reward, parts } of rollouts) {
    expect(episode?.turns).toHaveLength(2);
    expect(reward).toBeCloseTo(((episode?.turns.map(({ message }) => message.content ?? '').join('').length ?? 0) % 17) / 17, 9);
    expect(parts).toMatchObject({ length: expect.any(Number) });
    expect(text).toBe(episode?.turns.at(-1)?.message.content);
  }
  const kept = await readEpisodes(join(run.directory, 'recorded'));
  expect(kept).toHaveLength(16 + 2);
  expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['rewarded']));
}, CHILD_TIMEOUT_MS);

test('rollouts that no agent takes are lost, and the run says so', async () => {
  await expect(trainRemoteAgent({ ...(await settings()), limits: { timeoutMs: 100 } })).rejects.toThrow(/No agent ended the rollout|lost/);
});
