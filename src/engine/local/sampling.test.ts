import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { Random } from '../../random.ts';
import type { Completion, Datum, SampleRequest, SamplingParams } from '../engine.ts';
import type { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomData, randomTokens, weightedLogprob } from './tiny-engine.fixture.ts';

const VOCABULARY = 300;
/** No end token, so that lengths are those asked for; prompts of many lengths, the shortest and mixed ones included. */
const promptLengths = [1, 2, 2, 3, 5, 1, 17, 9, 31, 4];

function makeRequests(count = 1, seed = 5): SampleRequest[] {
  const random = new Random(seed);
  return promptLengths.map((length) => ({ prompt: randomTokens(length, VOCABULARY, random), count }));
}

interface Pair {
  prompt: readonly number[];
  completion: Completion;
}

const pairsOf = (requests: readonly SampleRequest[], completions: readonly Completion[][]): Pair[] =>
  requests.flatMap(({ prompt }, i) => (completions[i] ?? []).map((completion) => ({ prompt, completion })));

/** Largest difference between what the sampler reported and what reading the whole sequences gives. */
async function samplerTrainerGap(engine: LocalEngine, pairs: readonly Pair[], temperature: number): Promise<number> {
  const batch: Datum[] = pairs.map(({ prompt, completion }) => ({ tokens: [...prompt, ...completion.tokens], inputs: {} }));
  const logprobs = await engine.forward(batch, { temperature });
  return Math.max(...pairs.map(({ prompt, completion }, i) => largestDifference(logprobs[i]?.slice(prompt.length - 1) ?? [], completion.logprobs)));
}

const tokensOf = (completions: readonly Completion[][]): number[][] => completions.flat().map(({ tokens }) => tokens);

describe('log-probabilities of the sampler are those of forward', () => {
  test.each(['llama', 'qwen2', 'qwen3'] as const)('%s, groups of 8, more rollouts than rows, ends at differing lengths', async (family) => {
    const engine = await openTinyEngine({ family, decodeRows: 12, change: { eos_token_id: [3, 40, 41, 42, 43, 44, 45] } });
    const requests = makeRequests(8);
    const completions = await engine.sample(requests, { maxTokens: 24, seed: 1 });
    const pairs = pairsOf(requests, completions);
    expect(pairs).toHaveLength(80);
    expect(new Set(pairs.map(({ completion }) => completion.tokens.length)).size).toBeGreaterThan(3);
    expect(await samplerTrainerGap(engine, pairs, 1)).toBeLessThan(1e-5);
  });

  test.each<[string, Partial<SamplingParams>, number]>([
    ['at temperature 0.6', { temperature: 0.6 }, 0.6],
    ['at temperature 1.7', { temperature: 1.7 }, 1.7],
    ['greedy, where they are those of temperature 1', { temperature: 0 }, 1],
    ['before top-k, top-p and min-p', { temperature: 0.8, topK: 20, topP: 0.7, minP: 0.1 }, 0.8],
  ])('%s', async (_, params, temperature) => {
    const engine = await openTinyEngine();
    const requests = makeRequests(2);
    const completions = await engine.sample(requests, { maxTokens: 12, ...params });
    // Below 1 the temperature multiplies the logits, their rounding included.
    expect(await samplerTrainerGap(engine, pairsOf(requests, completions), temperature)).toBeLessThan(1e-5 / Math.min(1, temperature));
  });

  test('with adapters that have been trained', async () => {
    const engine = await openTinyEngine({ lora: { rank: 3, alpha: 6 } });
    const requests = makeRequests();
    await engine.forwardBackward(randomData([20, 20], VOCABULARY), weightedLogprob);
    await engine.optimStep({ learningRate: 0.05 });
    const completions = await engine.sample(requests, { maxTokens: 12 });
    expect(completions.flat().every(({ weightsVersion }) => weightsVersion === 1)).toBe(true);
    expect(await samplerTrainerGap(engine, pairsOf(requests, completions), 1)).toBeLessThan(1e-5);
  });

  test('after the weights have moved: nothing of a prompt that was read before is kept', async () => {
    const engine = await openTinyEngine();
    const requests = makeRequests();
    await engine.sample(requests, { maxTokens: 4 });
    await engine.forwardBackward(randomData([20, 20], VOCABULARY), weightedLogprob);
    await engine.optimStep({ learningRate: 0.05 });
    const completions = await engine.sample(requests, { maxTokens: 12 });
    expect(await samplerTrainerGap(engine, pairsOf(requests, completions), 1)).toBeLessThan(1e-5);
  });
});

describe('what is drawn', () => {
  test('depends on the seed and on nothing else', async () => {
    const engine = await openTinyEngine();
    const requests = makeRequests();
    const draw = async (seed?: number) => tokensOf(await engine.sample(requests, seed === undefined ? { maxTokens: 16 } : { maxTokens: 16, seed }));
    const first = await draw(7);
    expect(await draw(7)).toEqual(first);
    const other = await draw(8);
    expect(other.filter((tokens, i) => tokens.join() === first[i]?.join()).length).toBeLessThan(2);
    expect(await draw()).toEqual(await draw(0));
  });

  test('differs between the completions of a group', async () => {
    const engine = await openTinyEngine();
    const [group = []] = await engine.sample([{ prompt: [5, 6, 7], count: 16 }], { maxTokens: 12 });
    expect(new Set(group.map(({ tokens }) => tokens.join())).size).toBeGreaterThan(12);
  });

  test('does not depend on what a rollout is batched with', async () => {
    const engine = await openTinyEngine({ decodeRows: 64 });
    const requests = makeRequests().map((request, i) => ({ ...request, rollout: 100 + i }));
    const params = { maxTokens: 16, seed: 3 };
    const together = tokensOf(await engine.sample(requests, params));
    const alone: number[][] = [];
    for (const request of requests) alone.push(...tokensOf(await engine.sample([request], params)));
    const others = makeRequests(7, 99).map((request, i) => ({ ...request, rollout: 1000 + 10 * i }));
    const crowded = tokensOf(await engine.sample([...others, ...requests], params)).slice(-requests.length);
    const narrow = await openTinyEngine({ decodeRows: 3 });
    const inFewRows = tokensOf(await narrow.sample(requests, params));
    for (const [name, tokens] of Object.entries({ alone, crowded, inFewRows })) {
      // Sums are rounded in another order, which may turn a draw at the edge between two tokens; that is rare.
      const same = tokens.filter((list, i) => list.join() === together[i]?.join()).length;
      expect(same, name).toBeGreaterThanOrEqual(requests.length - 1);
    }
  });

  test('is the likeliest token at temperature 0', async () => {
    const engine = await openTinyEngine();
    const prompt = [9, 4, 11];
    const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 5, temperature: 0 });
    let sequence = prompt;
    for (const token of completion?.tokens ?? []) {
      const candidates = Array.from({ length: VOCABULARY }, (_, next) => ({ tokens: [...sequence, next], inputs: {} }));
      const logprobs = (await engine.forward(candidates)).map((row) => row[sequence.length - 1] ?? -Infinity);
      expect(token).toBe(logprobs.indexOf(Math.max(...logprobs)));
      sequence = [...sequence, token];
    }
    expect(sequence).toHaveLength(8);
  });

  test('calls that overlap do not disturb each other', async () => {
    const engine = await openTinyEngine({ decodeRows: 8 });
    const [few, many] = [makeRequests(1), makeRequests(3, 77)];
    const params = { maxTokens: 12, seed: 2 };
    const oneByOne = [await engine.sample(few, params), await engine.sample(many, params)];
    expect(await Promise.all([engine.sample(few, params), engine.sample(many, params)])).toEqual(oneByOne);
  });
});

describe('how completions end', () => {
  test("at the model's end tokens unless others are named, with the token kept", async () => {
    const engine = await openTinyEngine({ change: { eos_token_id: Array.from({ length: 30 }, (_, i) => 10 * i) } });
    const [group = []] = await engine.sample([{ prompt: [5], count: 20 }], { maxTokens: 40 });
    for (const { tokens, stopReason, logprobs } of group) {
      expect(tokens.findIndex((token) => token % 10 === 0)).toBe(stopReason === 'stop' ? tokens.length - 1 : -1);
      expect(tokens.length === 40 || stopReason === 'stop').toBe(true);
      expect(logprobs).toHaveLength(tokens.length);
    }
    const [free = []] = await engine.sample([{ prompt: [5], count: 20 }], { maxTokens: 40, stopTokens: [] });
    expect(free.every(({ tokens, stopReason }) => tokens.length === 40 && stopReason === 'length')).toBe(true);
    free.forEach(({ tokens }, i) => expect(tokens.slice(0, group[i]?.tokens.length)).toEqual(group[i]?.tokens));
  });

  test('at the end of the context, with "length"', async () => {
    const engine = await openTinyEngine({ contextLength: 20 });
    const requests = [1, 2, 18, 19].map((length) => ({ prompt: Array.from({ length }, (_, i) => i + 1) }));
    const completions = await engine.sample(requests, { maxTokens: 1000 });
    expect(completions.flat().map(({ tokens }) => tokens.length)).toEqual([19, 18, 2, 1]);
    expect(completions.flat().every(({ stopReason }) => stopReason === 'length')).toBe(true);
    expect(await samplerTrainerGap(engine, pairsOf(requests, completions), 1)).toBeLessThan(1e-5);
    await expect(engine.sample([{ prompt: [1] }, { prompt: Array.from({ length: 20 }, () => 1) }], { maxTokens: 5 })).rejects.toThrow(/request 1 has 20 tokens/);
  });

  test('a token that ends a completion at its last place counts as "stop"', async () => {
    const engine = await openTinyEngine();
    const [[free] = []] = await engine.sample([{ prompt: [5] }], { maxTokens: 1 });
    const [[stopped] = []] = await engine.sample([{ prompt: [5] }], { maxTokens: 1, stopTokens: free?.tokens ?? [] });
    expect(stopped).toEqual({ ...free, stopReason: 'stop' });
  });

  test('and are told of one by one, each once, in the order in which they end', async () => {
    const engine = await openTinyEngine({ decodeRows: 100, change: { eos_token_id: Array.from({ length: 30 }, (_, i) => 10 * i) } });
    const told: { request: number; index: number; completion: Completion }[] = [];
    const completions = await engine.sample(makeRequests(4), { maxTokens: 30 }, (request, index, completion) => told.push({ request, index, completion }));
    expect(told).toHaveLength(40);
    for (const { request, index, completion } of told) expect(completions[request]?.[index]).toBe(completion);
    const lengths = told.map(({ completion }) => completion.tokens.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(new Set(told.map(({ request, index }) => `${request} ${index}`)).size).toBe(40);
  });

  test('no requests are no completions', async () => {
    const engine = await openTinyEngine();
    expect(await engine.sample([], { maxTokens: 4 })).toEqual([]);
  });
});

describe('bad requests', () => {
  test('are refused with the request, and the engine goes on', async () => {
    const engine = await openTinyEngine();
    const good = { prompt: [1, 2] };
    await expect(engine.sample([good, { prompt: [] }], { maxTokens: 4 })).rejects.toThrow(R5Error);
    await expect(engine.sample([good, { prompt: [VOCABULARY] }], { maxTokens: 4 })).rejects.toThrow(/request 1 has the token 300/);
    await expect(engine.sample([good], { maxTokens: 4, topP: 2 })).rejects.toThrow(/topP is 2/);
    expect(await engine.sample([good], { maxTokens: 4 })).toHaveLength(1);
  });
});

test('a model whose heads no decoding kernel fits is refused', async () => {
  const engine = await openTinyEngine({ change: { head_dim: 4 } });
  await expect(engine.sample([{ prompt: [1] }], { maxTokens: 2 })).rejects.toThrow(/heads have size 4.*multiple of 8/);
});

describe('opening an engine', () => {
  test.each([
    [{ decodeRows: 0 }, /decodeRows is 0/],
    [{ decodeRows: NaN }, /decodeRows is NaN/],
    [{ microBatchTokens: 0 }, /microBatchTokens is 0/],
    [{ microBatchTokens: NaN }, /microBatchTokens is NaN/],
    [{ contextLength: 1 }, /contextLength is 1/],
    [{ lora: { rank: 0, alpha: 1 } }, /LoRA rank is 0/],
  ])('refuses %o', async (options, message) => {
    await expect(openTinyEngine(options)).rejects.toThrow(R5Error);
    await expect(openTinyEngine(options)).rejects.toThrow(message);
  });
});
