import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateText, isStepCount, tool, type ModelMessage } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import type { GrpoStep } from '../rl/grpo.ts';
import { latestCheckpoint } from '../run/checkpoint-folder.ts';
import type { NewEvent } from '../run/event.ts';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { eventsPath, type Run } from '../run/run-folder.ts';
import { trainAgent, type AgentTraining } from './train-agent.ts';
import { writeTinyChatModel } from './tiny-chat-model.fixture.ts';

const rows = ['one', 'two', 'three', 'four'];

/** An agent that says something twice. The grader is never of one mind, so that there is always something to learn. */
async function training(changes: Partial<AgentTraining<string, string>> = {}): Promise<AgentTraining<string, string>> {
  return {
    name: 'chatter', model: await writeTinyChatModel(), runsDirectory: testFolder(), rows,
    steps: 3, prompts: 2, groupSize: 4, maxTokens: 24, learningRate: 1e-2, checkpointEvery: 1, threads: 1,
    agent: async (model, row) => {
      const messages: ModelMessage[] = [{ role: 'user', content: row }];
      // How it wants to sample does not count while it is trained; the checks of sampler and trainer would say so.
      const settings = { model, messages, maxOutputTokens: 10, maxRetries: 0, temperature: 0.3, seed: 7 };
      const first = await generateText(settings);
      messages.push(...first.response.messages, { role: 'user', content: 'And?' });
      return first.text + (await generateText(settings)).text;
    },
    score: (_row, text) => (text.length % 17) / 17,
    ...changes,
  };
}

async function eventsOf(run: Run): Promise<NewEvent[]> {
  return effectiveEvents((await loadEvents(eventsPath(run))).events);
}

async function weightsOf(run: Run): Promise<string> {
  const checkpoint = await latestCheckpoint(run);
  return readFileSync(join(checkpoint?.directory ?? '', 'model.safetensors')).toString('base64');
}

describe('trainAgent', () => {
  it('trains on what the agent did, token for token', async () => {
    let running = 0;
    let most = 0;
    const steps: GrpoStep[] = [];
    const settings = await training({ heldOut: ['five'] });
    const result = await trainAgent({
      ...settings,
      truncated: 'keep',
      onStep: (step) => { steps.push(step); },
      agent: async (...given) => {
        most = Math.max(most, ++running);
        const text = await settings.agent(...given);
        running--;
        return text;
      },
    });
    expect(result).toMatchObject({ finished: true, steps: 3, before: { n: 1 }, after: { n: 1 } });
    // All rollouts of a step at once, so that they decode together.
    expect(most).toBe(8);
    const events = await eventsOf(result.run);
    const same = events.find((event) => event.type === 'check' && event.name === 'sampler = trainer');
    expect(same).toMatchObject({ passed: true });
    expect(events.find((event) => event.type === 'episode')).toMatchObject({
      prompt: expect.stringMatching(/^(one|two|three|four)$/), turns: 2, segments: [{ source: 'prompt' }, { source: 'model' }, { source: 'prompt' }, { source: 'model' }],
    });
    const [episode] = steps.flatMap(({ groups }) => groups.flat()).map((rollout) => rollout.episode);
    expect(episode).toMatchObject({ end: 'max-tokens', turns: [{ sequence: 0, segment: 1 }, { sequence: 0, segment: 3 }] });
    expect(episode?.sequences.map(({ segments }) => segments.map(({ source }) => source))).toEqual([['prompt', 'model', 'prompt', 'model']]);
  });

  it('keeps the tokens of a tool loop as one sequence, results of tools apart from what the model wrote', async () => {
    const steps: GrpoStep[] = [];
    const pet = tool({ description: 'Pets a beast.', inputSchema: z.object({ name: z.enum(['Rex', 'Tom']), times: z.int().max(9).default(1) }), execute: async ({ name }) => `${name} likes that` });
    await trainAgent(await training({
      model: await writeTinyChatModel(1024), steps: 1, maxTokens: 400, truncated: 'keep', onStep: (step) => { steps.push(step); },
      // A model of random weights calls a tool only where it must.
      agent: async (model, prompt) => {
        const { steps: taken } = await generateText({ model, prompt, tools: { pet }, toolChoice: 'required', stopWhen: isStepCount(2), providerOptions: { r5: { parallelToolCalls: false } } });
        return JSON.stringify(taken.map(({ toolCalls }) => toolCalls));
      },
    }));
    for (const { episode, sequences } of steps.flatMap(({ groups }) => groups.flat())) {
      expect(episode?.sequences.map(({ segments }) => segments.map(({ source }) => source))).toEqual([['prompt', 'model', 'tool', 'model']]);
      expect(episode?.toolResults).toMatchObject([{ name: 'pet', result: expect.stringMatching(/(Rex|Tom) likes that/) }]);
      expect(sequences).toHaveLength(1);
    }
  });

  it('goes on without the rollout whose agent threw, and counts it', async () => {
    const steps: GrpoStep[] = [];
    const settings = await training({ steps: 1, prompts: 4, onStep: (step) => { steps.push(step); } });
    let thrown = false;
    const { finished, run } = await trainAgent({
      ...settings,
      agent: async (...given) => {
        const text = await settings.agent(...given);
        if (thrown) return text;
        thrown = true;
        throw new Error('no luck');
      },
    });
    expect(finished).toBe(true);
    expect(steps[0]?.groups.flat()).toHaveLength(15);
    expect((await eventsOf(run)).find(({ type }) => type === 'step')).toMatchObject({ lost: { threw: 1 } });
  });

  it('takes a result that JSON cannot show', async () => {
    const steps: GrpoStep[] = [];
    const settings = await training();
    await trainAgent({
      ...settings, score: (_row, { text }: { text: string }) => (text.length % 17) / 17, steps: 1, onStep: (step) => { steps.push(step); },
      agent: async (...given) => {
        const result: { text: string; itself?: unknown } = { text: await settings.agent(...given) };
        result.itself = result;
        return result;
      },
    });
    expect(steps[0]?.lost).toEqual([]);
    expect(steps[0]?.groups[0]?.[0]?.text).toContain('[object Object]');
  });

  it('goes on with a run that was stopped, to the weights of one that was not', async () => {
    const whole = await trainAgent(await training({ steps: 4 }));
    const stop = new AbortController();
    const settings = await training({ steps: 4 });
    const half = await trainAgent({ ...settings, signal: stop.signal, onStep: ({ step }) => { if (step === 2) stop.abort(); } });
    expect(half).toMatchObject({ finished: false, steps: 2 });
    const { run, finished } = await trainAgent({ ...settings, resume: half.run.name });
    expect(finished).toBe(true);
    expect(await weightsOf(run)).toBe(await weightsOf(whole.run));
    await expect(trainAgent({ ...settings, rows: ['other'], resume: half.run.name })).rejects.toThrow('rows are not those');
  });

  it('says which setting does not fit', async () => {
    await expect(trainAgent(await training({ groupSize: 1 }))).rejects.toThrow('groupSize');
    await expect(trainAgent(await training({ rows: [] }))).rejects.toThrow('no rows');
    await expect(trainAgent(Object.assign(await training(), { stepz: 4 }))).rejects.toThrow('stepz');
  });
});
