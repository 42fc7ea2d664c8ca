import { spawnSync } from 'node:child_process';
import { NoSuchModelError } from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import { describe, expect, it, onTestFinished } from 'vitest';
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
