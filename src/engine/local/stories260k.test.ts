import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { LocalEngine } from './local-engine.ts';
import { largestDifference } from './tiny-engine.fixture.ts';

const directory = fileURLToPath(new URL('../../../../shared/data/stories260k', import.meta.url));
const reason = existsSync(join(directory, 'model.safetensors')) ? '' : ' (skipped: ../shared/data/stories260k is not there)';

const referenceSchema = z.object({ greedy_tokens_from_bos: z.array(z.int()), greedy_text: z.string() });

function readReference(): { tokens: number[]; text: string } {
  const reference = referenceSchema.parse(JSON.parse(readFileSync(join(directory, 'greedy_reference.json'), 'utf8')));
  return { tokens: reference.greedy_tokens_from_bos, text: reference.greedy_text };
}

async function open(decodeRows = 64): Promise<LocalEngine> {
  const engine = await LocalEngine.open(directory, { decodeRows });
  onTestFinished(() => engine.release());
  return engine;
}

describe.skipIf(reason !== '')(`the real model stories260k${reason}`, () => {
  test('writes the greedy story of an independent decoder, token for token and text for text', async () => {
    const engine = await open();
    const { tokens, text } = readReference();
    const [begin = NaN, ...story] = tokens;
    const [[completion] = []] = await engine.sample([{ prompt: [begin] }], { maxTokens: story.length, temperature: 0 });
    expect(completion?.tokens).toEqual(story);
    expect(completion?.stopReason).toBe('length');
    expect(engine.tokenizer?.decode(story)).toBe(text);
  });

  test('writes it from any point on, among other prompts, in rows that are refilled', async () => {
    const engine = await open(5);
    const { tokens } = readReference();
    const cuts = [1, 2, 3, 7, 33, 64, 65, 100, tokens.length - 1];
    const requests = cuts.flatMap((cut) => [{ prompt: tokens.slice(0, cut) }, { prompt: [1, ...tokens.slice(cut, cut + 9)] }]);
    const completions = await engine.sample(requests, { maxTokens: tokens.length, temperature: 0 });
    cuts.forEach((cut, i) => {
      const rest = completions[2 * i]?.[0]?.tokens.slice(0, tokens.length - cut);
      expect(rest, `after ${cut} tokens`).toEqual(tokens.slice(cut));
    });
  });

  test('is as sure of the story when it reads it as a whole', async () => {
    const engine = await open();
    const { tokens } = readReference();
    const [begin = NaN, ...story] = tokens;
    const [[completion] = []] = await engine.sample([{ prompt: [begin] }], { maxTokens: story.length, temperature: 0 });
    const [logprobs = []] = await engine.forward([{ tokens, inputs: {} }]);
    expect(largestDifference(logprobs, completion?.logprobs ?? [])).toBeLessThan(1e-4);
  });
});
