import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scriptedModel } from '../chat/chat-model.fixture.ts';
import { trainingSequences } from '../task/episode.ts';
import { defineTask } from '../task/task.ts';
import { defineTool, type Tool } from '../task/tool.ts';
import { runEpisode, type EpisodeRequest } from './run-episode.ts';
import { episodeAnswer, taskEpisode } from './task-episode.ts';

const lookUp = defineTool({ name: 'look_up', description: 'Looks a word up.', parameters: z.object({ word: z.string() }), run: ({ word }) => `${word}: a tool` });
const call = (name: string, args: unknown): string => `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(args)}}\n</tool_call>`;

/** Plays a scripted model of the Hermes family. */
async function play(texts: readonly string[], request: Partial<EpisodeRequest> = {}, options: { contextLength?: number; unended?: boolean } = {}) {
  const scripted = await scriptedModel('hermes', texts, options);
  const episode = await runEpisode({ model: scripted.model, messages: [{ role: 'user', content: 'What is r5?' }], tools: [lookUp], maxTokens: 500, ...request });
  return { ...scripted, episode };
}

describe('an episode', () => {
  it('goes on until the model answers without a call, and keeps every token', async () => {
    const { episode, engine, tokenizer } = await play([call('look_up', { word: 'r5' }), 'r5 is a tool.']);
    expect(episode).toMatchObject({ end: 'answered', toolResults: [{ name: 'look_up', result: 'r5: a tool' }] });
    expect(episode.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    expect(episodeAnswer(episode)).toMatchObject({ text: 'r5 is a tool.', stopReason: 'stop' });
    const [sequence, ...others] = trainingSequences(episode);
    expect(others).toEqual([]);
    // What the engine saw before its second answer is the beginning of what is learned from, token for token.
    const seen = engine.prompts[1] ?? [];
    expect(sequence?.tokens.slice(0, seen.length)).toEqual(seen);
    const written = sequence?.tokens.filter((_, i) => sequence.mask[i] === 1) ?? [];
    expect(tokenizer.decode(written, { specialTokens: 'keep' })).toBe(`${call('look_up', { word: 'r5' })}<|im_end|>r5 is a tool.<|im_end|>`);
    expect(episodeAnswer(episode).tokens).toBe(written.length);
  });

  it('runs the calls of a turn at the same time and gives their results in order', async () => {
    const running: string[] = [];
    const slow = defineTool({
      name: 'wait', description: 'Waits.', parameters: z.object({ ms: z.number() }),
      run: async ({ ms }) => {
        running.push(`start ${ms}`);
        await delay(ms);
        running.push(`end ${ms}`);
        return `waited ${ms}`;
      },
    });
    const { episode } = await play([[40, 5].map((ms) => call('wait', { ms })).join('\n'), 'done'], { tools: [slow] });
    expect(running).toEqual(['start 40', 'start 5', 'end 5', 'end 40']);
    expect(episode.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual(['waited 40', 'waited 5']);
  });

  it('gives the model an error to read where a tool fails, and ends after too many', async () => {
    const broken: Tool = { name: 'look_up', description: 'Breaks.', parameters: z.object({}), run: () => { throw new Error('no network'); } };
    const { episode } = await play([call('look_up', {}), call('nothing', {}), 'I do not know.'], { tools: [broken] });
    expect(episode.end).toBe('answered');
    expect(episode.toolResults.map(({ error, result }) => [error, result])).toEqual([
      ['threw', 'Error: no network'], ['unknown-tool', 'Error: there is no tool "nothing"; there is: look_up'],
    ]);
    expect(episode.messages[2]?.content).toBe('Error: no network');
    const stopped = await play([call('look_up', {}), call('look_up', {}), 'not reached'], { tools: [broken], limits: { toolErrors: 1 } });
    expect(stopped.episode).toMatchObject({ end: 'tool-errors', turns: [{}, {}] });
  });

  it('ends at its limits', async () => {
    const again = Array.from({ length: 9 }, () => call('look_up', { word: 'r5' }));
    expect((await play(again, { limits: { turns: 3 } })).episode).toMatchObject({ end: 'max-turns', turns: [{}, {}, {}], toolResults: [{}, {}] });
    expect((await play(again)).episode.turns).toHaveLength(8);

    const short = await play(again, { maxTokens: 60 });
    expect(short.episode.end).toBe('max-tokens');
    expect(episodeAnswer(short.episode)).toMatchObject({ tokens: 60, stopReason: 'length' });

    const full = await play(again, {}, { contextLength: 420 });
    expect(full.episode.end).toBe('context-full');
    expect(full.episode.sequences[0]?.segments.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBeLessThanOrEqual(420);

    const hangs: Tool = { name: 'look_up', description: 'Hangs.', parameters: z.object({ word: z.string() }), run: () => new Promise(() => {}) };
    const late = await play(again, { tools: [hangs], limits: { timeoutMs: 80 } });
    expect(late.episode).toMatchObject({ end: 'timeout', toolResults: [{ error: 'timeout' }] });
    expect(late.episode.seconds).toBeLessThan(5);
  });

  it('ends when it is no longer wanted', async () => {
    const controller = new AbortController();
    const stops: Tool = { name: 'look_up', description: 'Stops.', parameters: z.object({ word: z.string() }), run: () => controller.abort() };
    expect((await play([call('look_up', { word: 'r5' }), 'late'], { tools: [stops], signal: controller.signal })).episode.end).toBe('aborted');
  });

  it('says which prompt was too long from the start', async () => {
    await expect(play(['hello'], {}, { contextLength: 40 })).rejects.toThrow(/The prompt has \d+ tokens/);
  });
});

it('plays a row of a task, with its tools or without', async () => {
  const task = defineTask<string>({
    name: 'words', description: 'Words.', train: () => ['r5'], test: () => ['r6'], prompt: (word) => `What is ${word}?`, system: 'Be brief.', maxTokens: 300,
    tools: () => [lookUp], score: () => ({ reward: 1, verdict: 'correct' }), limits: { turns: 2 },
  });
  expect(taskEpisode(task, 'r5')).toMatchObject({ messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'What is r5?' }], tools: [lookUp], maxTokens: 300, limits: { turns: 2 } });
  expect(taskEpisode(task, 'r5', { tools: 'off', maxTokens: 5 })).toMatchObject({ tools: [], maxTokens: 5 });
});
