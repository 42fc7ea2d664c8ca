import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { Random } from '../../random.ts';
import type { Datum, GeneratedToken, GenerateRequest, Generation, TokenConstraint } from '../engine.ts';
import type { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomData, randomTokens, weightedLogprob } from './tiny-engine.fixture.ts';

const VOCABULARY = 300;
const NO_STOP = { stopTokens: [] };

function prompts(count: number, seed = 5): number[][] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => randomTokens(random.integer(1, 40), VOCABULARY, random));
}

/** Largest difference between what was reported and what reading the whole sequences gives. */
async function gap(engine: LocalEngine, pairs: readonly { prompt: readonly number[]; generation: Generation }[], temperature = 1): Promise<number> {
  const batch: Datum[] = pairs.map(({ prompt, generation }) => ({ tokens: [...prompt, ...generation.tokens], inputs: {} }));
  const logprobs = await engine.forward(batch, { temperature });
  return Math.max(...pairs.map(({ prompt, generation }, i) => largestDifference(logprobs[i]?.slice(prompt.length - 1) ?? [], generation.logprobs)));
}

/** Sums are rounded in another order in other company, which may turn a draw at the edge between two tokens; that is rare. */
function expectNearlyAllSame(found: readonly (readonly number[])[], expected: readonly (readonly number[])[], name = ''): void {
  const same = found.filter((tokens, i) => tokens.join() === expected[i]?.join()).length;
  expect(same, name).toBeGreaterThanOrEqual(expected.length - Math.ceil(expected.length / 50));
}

const generateAll = (engine: LocalEngine, requests: readonly GenerateRequest[]): Promise<Generation[]> => Promise.all(requests.map((request) => engine.generate(request)));
const tokensOf = (generations: readonly Generation[]): number[][] => generations.map(({ tokens }) => tokens);

/** Requests that draw in every way, each with a seed of its own. */
function mixedRequests(count: number): GenerateRequest[] {
  const ways = [{ temperature: 0 }, {}, { temperature: 0.7, topK: 20 }, { topP: 0.8 }, { minP: 0.05, temperature: 1.3 }, { topK: 50, topP: 0.9, minP: 0.01 }];
  return prompts(count).map((prompt, i) => ({ prompt, params: { maxTokens: 5 + (i % 13), seed: i, ...NO_STOP, ...ways[i % ways.length] } }));
}

describe('generate', () => {
  test.each(['llama', 'qwen3', 'qwen2'] as const)('gives what sample gives, alone and among many others: %s', async (family) => {
    const engine = await openTinyEngine({ family, decodeRows: 7 });
    const requests = mixedRequests(40);
    const expected: number[][] = [];
    for (const { prompt, params } of requests) expected.push(...(await engine.sample([{ prompt, rollout: 0 }], params)).flat().map(({ tokens }) => tokens));
    expectNearlyAllSame(tokensOf(await generateAll(engine, requests)), expected, 'together');
    const alone: Generation[] = [];
    for (const request of requests) alone.push(await engine.generate(request));
    expectNearlyAllSame(tokensOf(alone), expected, 'one by one');
  });

  test('reports the log-probabilities of the whole sequences at the temperature, before filters', async () => {
    const engine = await openTinyEngine({ decodeRows: 16 });
    const groups = Map.groupBy(mixedRequests(48), ({ params }) => params.temperature ?? 1);
    const all = await generateAll(engine, [...groups.values()].flat());
    let i = 0;
    for (const [temperature, requests] of groups) {
      const pairs = requests.map(({ prompt }) => ({ prompt, generation: all[i++]! }));
      expect(await gap(engine, pairs, temperature || 1)).toBeLessThan(3e-5);
    }
  });

  test('tells of each token as it is drawn, with the likeliest at its place', async () => {
    const engine = await openTinyEngine();
    const told: GeneratedToken[] = [];
    const prompt = [5, 6, 7];
    const [withTop, without] = await generateAll(engine, [
      { prompt, params: { maxTokens: 6, seed: 3, ...NO_STOP }, topLogprobs: 5, onToken: (token) => told.push(token) },
      { prompt, params: { maxTokens: 6, seed: 3, ...NO_STOP } },
    ]);
    expect(withTop?.tokens).toEqual(without?.tokens);
    expect(told.map(({ token }) => token)).toEqual(withTop?.tokens);
    expect(told.map(({ logprob }) => logprob)).toEqual(withTop?.logprobs);
    const [, second] = told;
    const sequences = Array.from({ length: VOCABULARY }, (_, next) => ({ tokens: [...prompt, told[0]!.token, next], inputs: {} }));
    const logprobs = (await engine.forward(sequences)).map((row) => row[prompt.length] ?? NaN);
    const expected = logprobs.map((logprob, token) => ({ token, logprob })).sort((a, b) => b.logprob - a.logprob).slice(0, 5);
    expect(second?.top.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
    expect(largestDifference(second!.top.map(({ logprob }) => logprob), expected.map(({ logprob }) => logprob))).toBeLessThan(1e-5);
  });

  test('ends at stop tokens, at stop strings and at the end of the context', async () => {
    const engine = await openTinyEngine({ contextLength: 24, change: { eos_token_id: Array.from({ length: 30 }, (_, i) => 10 * i) } });
    const generations = await generateAll(engine, prompts(20).map((prompt, seed) => ({ prompt: prompt.slice(0, 20), params: { maxTokens: 100, seed } })));
    generations.forEach(({ tokens, stopReason }) => expect(tokens.findIndex((token) => token % 10 === 0)).toBe(stopReason === 'stop' ? tokens.length - 1 : -1));
    expect(generations.some(({ stopReason }) => stopReason === 'stop')).toBe(true);
    const full = await engine.generate({ prompt: [1, 2, 3, 4], params: { maxTokens: 100, ...NO_STOP } });
    expect(full).toMatchObject({ stopReason: 'length', cachedTokens: 0 });
    expect(full.tokens).toHaveLength(20);
    // Tokens 0 to 255 are bytes; the text is that of the completion, and the token that completes the stop string is kept.
    const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
    const word = await engine.generate({ prompt: [1], params: { maxTokens: 20, seed: 1, stop: letters, ...NO_STOP } });
    const { tokenizer } = engine;
    expect(word.stopReason).toBe('stop');
    expect(letters.some((letter) => tokenizer?.decode(word.tokens).includes(letter))).toBe(true);
    expect(letters.some((letter) => tokenizer?.decode(word.tokens.slice(0, -1)).includes(letter))).toBe(false);
  });

  test('loses nothing and mixes nothing up among 200 at once, whatever the order', async () => {
    const engine = await openTinyEngine({ decodeRows: 16 });
    const requests = mixedRequests(200);
    const told = requests.map((): number[] => []);
    const generations = await generateAll(engine, requests.map((request, i) => ({ ...request, onToken: ({ token }) => told[i]?.push(token) })));
    expect(tokensOf(generations)).toEqual(told);
    generations.forEach(({ tokens, logprobs }, i) => {
      expect(tokens).toHaveLength(requests[i]?.params.maxTokens ?? NaN);
      expect(logprobs).toHaveLength(tokens.length);
    });
    const order = new Random(3).shuffle(requests.map((_, i) => i));
    const shuffled = await generateAll(engine, order.map((i) => requests[i]!));
    expectNearlyAllSame(tokensOf(shuffled), order.map((i) => generations[i]?.tokens ?? []));
  });

  test('refuses what cannot be, and goes on', async () => {
    const engine = await openTinyEngine();
    const params = { maxTokens: 3 };
    await expect(engine.generate({ prompt: [], params })).rejects.toThrow(R5Error);
    await expect(engine.generate({ prompt: [VOCABULARY], params })).rejects.toThrow(/The prompt has the token 300/);
    await expect(engine.generate({ prompt: [1], params: { maxTokens: 0 } })).rejects.toThrow(/maxTokens is 0/);
    await expect(engine.generate({ prompt: [1], params, topLogprobs: 21 })).rejects.toThrow(/topLogprobs is 21/);
    expect((await engine.generate({ prompt: [1], params: { ...params, ...NO_STOP } })).tokens).toHaveLength(3);
  });
});

describe('keys and values of earlier requests', () => {
  const params = { maxTokens: 12, ...NO_STOP };

  test.each([
    ['llama', {}],
    ['mistral', { sliding_window: 5 }],
    ['gemma3_text', { num_hidden_layers: 3, sliding_window: 5, sliding_window_pattern: 3, query_pre_attn_scalar: 12, tie_word_embeddings: true }],
  ] as const)('are taken over by a conversation that goes on, which changes nothing: %s', async (family, change) => {
    const engine = await openTinyEngine({ family, decodeRows: 4, change: { max_position_embeddings: 256, ...change } });
    const random = new Random(8);
    let conversation = randomTokens(20, VOCABULARY, random);
    for (let turn = 0; turn < 6; turn++) {
      const generation = await engine.generate({ prompt: conversation, params: { ...params, seed: turn } });
      // All of the last turn but its last token, which was drawn and never read.
      expect(generation.cachedTokens).toBe(turn === 0 ? 0 : conversation.length - 8);
      expect(await gap(engine, [{ prompt: conversation, generation }])).toBeLessThan(1e-5);
      conversation = [...conversation, ...generation.tokens, ...randomTokens(7, VOCABULARY, random)];
    }
  });

  test('are shared by prompts that begin alike, also at the same time', async () => {
    const engine = await openTinyEngine({ decodeRows: 16, change: { max_position_embeddings: 256 } });
    const random = new Random(9);
    const beginning = randomTokens(100, VOCABULARY, random);
    const all = Array.from({ length: 12 }, () => [...beginning, ...randomTokens(random.integer(1, 30), VOCABULARY, random)]);
    const generations = await generateAll(engine, all.map((prompt, seed) => ({ prompt, params: { ...params, seed } })));
    expect(generations.map(({ cachedTokens }) => Math.min(cachedTokens, 100))).toEqual([0, ...Array.from({ length: 11 }, () => 100)]);
    expect(await gap(engine, generations.map((generation, i) => ({ prompt: all[i]!, generation })))).toBeLessThan(1e-5);
    const again = await engine.generate({ prompt: all[3]!, params: { ...params, seed: 3 } });
    expect(again.cachedTokens).toBe(all[3]!.length - 1);
    expect(again.tokens).toEqual(generations[3]?.tokens);
  });

  test('of a row under way are those that it has read, and not that of the token it drew last', async () => {
    const engine = await openTinyEngine({ decodeRows: 4 });
    const prompt = [5, 6, 7, 8];
    const drawn: number[] = [];
    let branch: { prompt: number[]; generation: Promise<Generation> } | undefined;
    await engine.generate({
      prompt, params, onToken: ({ token }) => {
        drawn.push(token);
        if (drawn.length !== 6) return;
        const longer = [...prompt, ...drawn, 9];
        branch = { prompt: longer, generation: engine.generate({ prompt: longer, params }) };
      },
    });
    const generation = await branch!.generation;
    expect(generation.cachedTokens).toBe(prompt.length + 5);
    expect(await gap(engine, [{ prompt: branch!.prompt, generation }])).toBeLessThan(1e-5);
  });

  test('are bounded: with little memory rows wait, and everything is still right', async () => {
    // 64 positions of a row: 2 x layers x heads x size x 4 bytes each.
    const engine = await openTinyEngine({ decodeRows: 16, cacheBytes: 100_000 });
    const requests = mixedRequests(30);
    const roomy = await openTinyEngine({ decodeRows: 16 });
    expectNearlyAllSame(tokensOf(await generateAll(engine, requests)), tokensOf(await generateAll(roomy, requests)));
    const long = { prompt: prompts(1)[0]!, params: { maxTokens: 20, ...NO_STOP } };
    const [grown] = await generateAll(engine, [long, ...requests]);
    expect(await gap(engine, [{ prompt: long.prompt, generation: grown! }])).toBeLessThan(1e-5);
  });
});

describe('weights that change', () => {
  test('between two requests leave nothing behind of the old ones', async () => {
    const engine = await openTinyEngine();
    const prompt = prompts(1)[0]!;
    await engine.generate({ prompt, params: { maxTokens: 8, ...NO_STOP } });
    await engine.forwardBackward(randomData([20, 20], VOCABULARY), weightedLogprob);
    await engine.optimStep({ learningRate: 0.05 });
    const generation = await engine.generate({ prompt, params: { maxTokens: 8, ...NO_STOP } });
    expect(generation).toMatchObject({ cachedTokens: 0, weightsVersion: 1 });
    expect(await gap(engine, [{ prompt, generation }])).toBeLessThan(1e-5);
  });

  test('under way: what comes after is that of the new weights, and the version is that of the first token', async () => {
    const engine = await openTinyEngine({ decodeRows: 8, change: { max_position_embeddings: 256 } });
    await engine.forwardBackward(randomData([20, 20], VOCABULARY), weightedLogprob);
    const before = 6;
    let training: Promise<unknown> | undefined;
    const all = prompts(12, 4);
    const versions: number[][] = all.map(() => []);
    const running = generateAll(engine, all.map((prompt, i) => ({
      prompt,
      params: { maxTokens: 60, seed: i, ...NO_STOP },
      onToken: () => {
        versions[i]?.push(engine.weightsVersion);
        if (i === 0 && versions[0]?.length === before) {
          training = engine.optimStep({ learningRate: 0.05 });
        }
      },
    })));
    const generations = await running;
    await training;
    expect(versions[0]?.[0]).toBe(0);
    expect(versions[0]?.at(-1)).toBe(1);
    expect(generations.map(({ weightsVersion }) => weightsVersion)).toEqual(versions.map(([first]) => first));
    // The engine has the new weights now: tokens that were drawn under them agree with it, earlier ones do not.
    const logprobs = await engine.forward(all.map((prompt, i) => ({ tokens: [...prompt, ...generations[i]!.tokens], inputs: {} })));
    generations.forEach((generation, i) => {
      const whole = logprobs[i]!.slice(all[i]!.length - 1);
      const first = versions[i]!.indexOf(1);
      expect(largestDifference(whole.slice(first), generation.logprobs.slice(first))).toBeLessThan(1e-5);
      if (first > 0) expect(largestDifference(whole.slice(0, first), generation.logprobs.slice(0, first))).toBeGreaterThan(1e-3);
    });
  });

  test.each([
    ['rectangle by rectangle', {}],
    ['block by block', { lora: { rank: 2, alpha: 4 }, recompute: true }],
  ])('generation goes on between the parts of a training pass, and neither disturbs the other: %s', async (_, options) => {
    const engine = await openTinyEngine({ decodeRows: 8, microBatchTokens: 64, ...options });
    const data = randomData(Array.from({ length: 24 }, () => 40), VOCABULARY);
    const requests = mixedRequests(12).map((request) => ({ ...request, params: { ...request.params, maxTokens: 30 } }));
    const quiet = await engine.forward(data);
    const alone = await generateAll(engine, requests);
    let during = 0;
    let training = false;
    const running = generateAll(engine, requests.map((request) => ({ ...request, onToken: () => { if (training) during++; } })));
    training = true;
    const busy = engine.forwardBackward(data, weightedLogprob).finally(() => { training = false; });
    expectNearlyAllSame(tokensOf(await running), tokensOf(alone));
    (await busy).logprobs.forEach((logprobs, i) => expect(largestDifference(logprobs, quiet[i]!)).toBeLessThan(1e-5));
    expect(during).toBeGreaterThan(12);
  });
});

describe('constraints', () => {
  /** Allows the tokens of a residue class that moves on with each token. */
  class Residue implements TokenConstraint {
    readonly accepted: number[] = [];
    allowed = (mask: Uint8Array): void => {
      for (let token = 0; token < mask.length; token++) mask[token] = token % 7 === this.accepted.length % 7 ? 1 : 0;
    };
    accept = (token: number): void => {
      this.accepted.push(token);
    };
  }

  test('hold for their rows and for no others, however a row draws', async () => {
    const engine = await openTinyEngine({ decodeRows: 12 });
    const requests = mixedRequests(24);
    const free = await generateAll(engine, requests);
    const constraints = requests.map((_, i) => (i % 2 === 0 ? new Residue() : undefined));
    const generations = await generateAll(engine, requests.map((request, i) => ({ ...request, ...(constraints[i] ? { constraint: constraints[i] } : {}) })));
    generations.forEach(({ tokens }, i) => {
      const constraint = constraints[i];
      if (!constraint) return expect(tokens).toEqual(free[i]?.tokens);
      expect(tokens).toEqual(constraint.accepted);
      expect(tokens.map((token) => token % 7)).toEqual(tokens.map((_, position) => position % 7));
    });
    // Before the constraint: what the model itself gives the tokens.
    const plain = requests.flatMap(({ prompt, params }, i) => ((params.temperature ?? 1) === 1 ? [{ prompt, generation: generations[i]! }] : []));
    expect(await gap(engine, plain)).toBeLessThan(1e-5);
  });

  test('that throw, or allow nothing, end their own request with the error', async () => {
    const engine = await openTinyEngine();
    const params = { maxTokens: 6, ...NO_STOP };
    const broken = (message: string): never => {
      throw new Error(message);
    };
    const results = await Promise.allSettled([
      engine.generate({ prompt: [1, 2], params }),
      engine.generate({ prompt: [1, 2], params, constraint: { allowed: () => broken('allowed'), accept: () => undefined } }),
      engine.generate({ prompt: [1, 2], params, constraint: { allowed: (mask) => mask.fill(1), accept: () => broken('accept') } }),
      engine.generate({ prompt: [1, 2], params, constraint: { allowed: (mask) => mask.fill(0), accept: () => undefined } }),
      engine.generate({ prompt: [1, 2], params, onToken: () => broken('onToken') }),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.tokens.length : String(result.reason)))).toEqual([
      6, 'Error: allowed', 'Error: accept', expect.stringMatching(/allows no token/), 'Error: onToken',
    ]);
  });
});

describe('ending early', () => {
  test('an abort gives what was drawn so far, and its row to the next', async () => {
    const engine = await openTinyEngine({ decodeRows: 2 });
    const controller = new AbortController();
    const params = { maxTokens: 50, ...NO_STOP };
    let drawn = 0;
    const aborted = engine.generate({ prompt: [1, 2, 3], params, signal: controller.signal, onToken: () => { if (++drawn === 5) controller.abort(); } });
    const others = [[4], [5, 6]].map((prompt) => engine.generate({ prompt, params }));
    const queued = engine.generate({ prompt: [9], params, signal: controller.signal });
    expect(await aborted).toMatchObject({ stopReason: 'aborted', logprobs: { length: 5 }, tokens: { length: 5 } });
    expect(await queued).toMatchObject({ stopReason: 'aborted', tokens: [], weightsVersion: 0 });
    expect((await Promise.all(others)).map(({ tokens }) => tokens.length)).toEqual([50, 50]);
    expect(await engine.generate({ prompt: [9], params, signal: AbortSignal.abort() })).toMatchObject({ stopReason: 'aborted', tokens: [] });
  });

  test('a released engine ends what is under way with an error', async () => {
    const engine = await openTinyEngine();
    let release: Promise<void> | undefined;
    const results = await Promise.allSettled(prompts(5).map((prompt) =>
      engine.generate({ prompt, params: { maxTokens: 60, ...NO_STOP }, onToken: () => (release ??= engine.release()) })));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    await release;
    await expect(engine.generate({ prompt: [1], params: { maxTokens: 3 } })).rejects.toThrow(/released/);
  });
});
