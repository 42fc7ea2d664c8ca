import { spawnSync } from 'node:child_process';
import { NoSuchModelError } from '@ai-sdk/provider';
import { generateObject, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createR5, type R5Provider } from './r5-provider.ts';
import { writeTinyChatModel } from './tiny-chat-model.fixture.ts';

function provider(): R5Provider {
  const opened = createR5({ threads: 1 });
  onTestFinished(() => opened.release());
  return opened;
}

describe('the provider', () => {
  it('opens a model with its first call, and once', async () => {
    const r5 = provider();
    const directory = await writeTinyChatModel();
    const prompt = 'What is r5?';
    const [one, two] = await Promise.all([1, 2].map((seed) => generateText({ model: r5(directory), prompt, seed, maxOutputTokens: 8 })));
    expect(one).toMatchObject({ finishReason: 'length', usage: { outputTokens: 8 }, response: { modelId: directory } });
    expect(one?.text).not.toBe(two?.text);
    const again = await generateText({ model: r5.languageModel(directory), prompt, seed: 1, maxOutputTokens: 8 });
    expect(again.text).toBe(one?.text);
    // The keys and values of the prompt are still there from before.
    expect(again.usage.inputTokenDetails.cacheReadTokens).toBeGreaterThan(0);
  });

  it('streams the same text', async () => {
    const r5 = provider();
    const model = r5(await writeTinyChatModel());
    const call = { model, prompt: 'What is r5?', seed: 4, maxOutputTokens: 12 };
    const { text } = await generateText(call);
    let streamed = '';
    for await (const delta of streamText(call).textStream) streamed += delta;
    expect(streamed).toBe(text);
  });

  it('gives objects of a schema, whatever the weights', async () => {
    const model = provider()(await writeTinyChatModel());
    const schema = z.object({ mood: z.enum(['calm', 'wild']), legs: z.number().int().min(0).max(9), tame: z.boolean() });
    for (const seed of [1, 2, 3]) {
      const { object } = await generateObject({ model, schema, prompt: 'A beast, please.', seed });
      expect(schema.parse(object)).toEqual(object);
    }
    const { output } = await generateText({ model, output: Output.object({ schema }), prompt: 'A beast, please.', seed: 4 });
    expect(schema.parse(output)).toEqual(output);
    const chosen = await generateText({ model, output: Output.choice({ options: ['yes', 'no'] }), prompt: 'Is it?', seed: 5 });
    expect(['yes', 'no']).toContain(chosen.output);
  });

  it('calls a tool that must be called, with arguments that fit', async () => {
    const model = provider()(await writeTinyChatModel(1024));
    const calls: unknown[] = [];
    const pet = tool({ description: 'Pets a beast.', inputSchema: z.object({ name: z.enum(['Rex', 'Tom']), times: z.number().int().min(1).max(3) }), execute: async (input) => { calls.push(input); return 'it likes that'; } });
    const { steps } = await generateText({ model, prompt: 'Be kind.', tools: { pet }, toolChoice: 'required', stopWhen: isStepCount(1), seed: 6, providerOptions: { r5: { parallelToolCalls: false } } });
    expect(steps[0]?.toolCalls.map(({ toolName, invalid = false }) => [toolName, invalid])).toEqual([['pet', false]]);
    expect(calls).toHaveLength(1);
  });

  it('says what it cannot open, and tries again the next time', async () => {
    const r5 = provider();
    await expect(generateText({ model: r5('./no-such-model'), prompt: 'Hello', maxRetries: 0 })).rejects.toThrow("There is no model './no-such-model'");
    const directory = await writeTinyChatModel();
    await generateText({ model: r5(directory), prompt: 'Hello', maxOutputTokens: 1 });
    await r5.release();
    expect((await generateText({ model: r5(directory), prompt: 'Hello', maxOutputTokens: 1 })).finishReason).toBe('length');
  });

  it('has language models and nothing else', () => {
    expect(() => provider().embeddingModel('r5-tiny')).toThrow(NoSuchModelError);
    expect(() => provider().imageModel('r5-tiny')).toThrow(NoSuchModelError);
  });

  it('does not keep a program from ending', async () => {
    const program = `
      import { generateText } from 'ai';
      import { r5 } from 'r5-rl';
      const { finishReason } = await generateText({ model: r5(process.argv[1]), prompt: 'Hello', maxOutputTokens: 2 });
      console.log(finishReason);
    `;
    const { stdout, status } = spawnSync(process.execPath, ['--conditions=r5-source', '--input-type=module', '--eval', program, await writeTinyChatModel()], { encoding: 'utf8', timeout: 20_000 });
    expect({ stdout, status }).toEqual({ stdout: 'length\n', status: 0 });
  });
});
