import { describe, expect, test } from 'vitest';
import type { SamplingParams } from '../engine.ts';
import type { LocalEngine } from './local-engine.ts';
import { openTinyEngine } from './tiny-engine.fixture.ts';

const VOCABULARY = 300;
const DRAWS = 4000;
const prompt = [9, 4, 11];

/** Probabilities of the token after the prompt, from `forward`. */
async function distribution(engine: LocalEngine, temperature: number): Promise<number[]> {
  const batch = Array.from({ length: VOCABULARY }, (_, next) => ({ tokens: [...prompt, next], inputs: {} }));
  const logprobs = await engine.forward(batch, { temperature });
  return logprobs.map((row) => Math.exp(row[prompt.length - 1] ?? NaN));
}

/** How often each token comes first in `DRAWS` completions. */
async function count(engine: LocalEngine, params: Partial<SamplingParams>): Promise<number[]> {
  const [completions = []] = await engine.sample([{ prompt, count: DRAWS }], { maxTokens: 1, seed: 11, ...params });
  const counts = Array.from({ length: VOCABULARY }, () => 0);
  for (const { tokens } of completions) counts[tokens[0] ?? NaN] = (counts[tokens[0] ?? NaN] ?? NaN) + 1;
  return counts;
}

/**
 * Pearson's chi-square of the counts against the probabilities, as a standard normal (Wilson and Hilferty 1931). Tokens of which fewer
 * than 5 are expected are counted as one.
 */
function deviation(counts: readonly number[], probabilities: readonly number[]): number {
  let [statistic, bins, restCount, restExpected] = [0, 0, 0, 0];
  probabilities.forEach((probability, token) => {
    const expected = probability * DRAWS;
    const found = counts[token] ?? 0;
    if (expected < 5) {
      restCount += found;
      restExpected += expected;
      return;
    }
    statistic += (found - expected) ** 2 / expected;
    bins++;
  });
  if (restExpected >= 5) {
    statistic += (restCount - restExpected) ** 2 / restExpected;
    bins++;
  }
  const freedom = bins - 1;
  expect(freedom).toBeGreaterThan(0);
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** The distribution that is left after top-k, top-p and min-p in the order of Hugging Face's transformers. */
function filtered(probabilities: readonly number[], { topK = 0, topP = 1, minP = 0 }: Partial<SamplingParams>): number[] {
  const normalize = (entries: { token: number; probability: number }[]) => {
    const total = entries.reduce((sum, { probability }) => sum + probability, 0);
    return entries.map(({ token, probability }) => ({ token, probability: probability / total }));
  };
  let kept = probabilities.map((probability, token) => ({ token, probability })).toSorted((a, b) => b.probability - a.probability);
  if (topK > 0) kept = normalize(kept.slice(0, topK));
  let before = 0;
  kept = normalize(kept.filter(({ probability }) => {
    const keep = before < topP;
    before += probability;
    return keep;
  }));
  const floor = minP * (kept[0]?.probability ?? NaN);
  kept = normalize(kept.filter(({ probability }) => probability >= floor));
  const result = probabilities.map(() => 0);
  for (const { token, probability } of kept) result[token] = probability;
  return result;
}

const support = (values: readonly number[]): number[] => values.flatMap((value, token) => (value > 0 ? [token] : []));

describe('4,000 draws of a token', () => {
  test.each([1, 0.5])('follow the softmax at temperature %d', async (temperature) => {
    const engine = await openTinyEngine({ decodeRows: 250 });
    const probabilities = await distribution(engine, temperature);
    expect(probabilities.reduce((sum, x) => sum + x)).toBeCloseTo(1, 4);
    const counts = await count(engine, { temperature });
    expect(counts.reduce((sum, x) => sum + x)).toBe(DRAWS);
    expect(deviation(counts, probabilities)).toBeLessThan(4);
    // The check itself can fail: against the distribution at another temperature.
    expect(deviation(counts, await distribution(engine, temperature * 1.3))).toBeGreaterThan(8);
  });

  test.each<[string, Partial<SamplingParams>, number]>([
    ['top-k', { topK: 7 }, 7],
    ['top-k beyond the vocabulary (keeps all)', { topK: 5000 }, NaN],
    ['top-p', { topP: 0.5 }, NaN],
    ['min-p', { minP: 0.2 }, NaN],
    ['top-k, then top-p of what that leaves', { topK: 12, topP: 0.6 }, NaN],
    ['top-p, then min-p', { topP: 0.8, minP: 0.3 }, NaN],
    ['temperature, then all three', { temperature: 1.5, topK: 25, topP: 0.8, minP: 0.15 }, NaN],
    ['top-k of 1, which is greedy', { topK: 1 }, 1],
    ['top-p so small that one token is left', { topP: 1e-6 }, 1],
    ['min-p of 1, which keeps the likeliest', { minP: 1 }, 1],
  ])('keep to %s, and in proportion', async (_, params, size) => {
    const engine = await openTinyEngine({ decodeRows: 250 });
    const expected = filtered(await distribution(engine, params.temperature ?? 1), params);
    const allowed = support(expected);
    if (!Number.isNaN(size)) expect(allowed).toHaveLength(size);
    const counts = await count(engine, params);
    const strays = support(counts).filter((token) => !allowed.includes(token));
    expect(strays).toEqual([]);
    const missing = allowed.filter((token) => counts[token] === 0 && (expected[token] ?? 0) * DRAWS > 20);
    expect(missing).toEqual([]);
    if (allowed.length > 1) expect(deviation(counts, expected)).toBeLessThan(4);
  });
});
