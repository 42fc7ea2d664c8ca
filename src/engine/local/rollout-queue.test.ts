import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import type { SampleRequest, SamplingParams } from '../engine.ts';
import { unrollRequests } from './rollout-queue.ts';

const limits = { contextLength: 8, vocabularySize: 10 };
const unroll = (requests: SampleRequest[], params: Partial<SamplingParams> = {}) => unrollRequests(requests, { maxTokens: 4, ...params }, limits);

describe('unrollRequests', () => {
  test('makes one entry a completion, in order; draws are named by the completions before it unless the request says', () => {
    const [a, b] = [[1, 2], [3]];
    expect(unroll([{ prompt: a, count: 2 }, { prompt: b, rollout: 70, count: 2 }, { prompt: b }])).toEqual([
      { request: 0, index: 0, name: 0, prompt: a },
      { request: 0, index: 1, name: 1, prompt: a },
      { request: 1, index: 0, name: 70, prompt: b },
      { request: 1, index: 1, name: 71, prompt: b },
      { request: 2, index: 0, name: 4, prompt: b },
    ]);
  });

  test.each<[string, SampleRequest, RegExp]>([
    ['an empty prompt', { prompt: [] }, /prompt of request 1 has no tokens/],
    ['a prompt that fills the context', { prompt: [1, 2, 3, 4, 5, 6, 7, 8] }, /prompt of request 1 has 8 tokens.*context of 8/],
    ['a token beyond the vocabulary', { prompt: [1, 10] }, /prompt of request 1 has the token 10, and the model knows 0 to 9/],
    ['a negative token', { prompt: [-1] }, /request 1 has the token -1/],
    ['a token that is no whole number', { prompt: [1.5] }, /request 1 has the token 1.5/],
    ['a token that is NaN', { prompt: [NaN] }, /request 1 has the token NaN/],
    ['no completions', { prompt: [1], count: 0 }, /Request 1 asks for 0 completions/],
    ['half a completion', { prompt: [1], count: 1.5 }, /Request 1 asks for 1.5 completions/],
  ])('names the request that has %s', (_, request, message) => {
    expect(() => unroll([{ prompt: [1] }, request])).toThrow(R5Error);
    expect(() => unroll([{ prompt: [1] }, request])).toThrow(message);
  });

  test.each<[Partial<SamplingParams>, RegExp]>([
    [{ maxTokens: 0 }, /maxTokens is 0/],
    [{ maxTokens: NaN }, /maxTokens is NaN/],
    [{ maxTokens: 2.5 }, /maxTokens is 2.5/],
    [{ temperature: -1 }, /temperature is -1/],
    [{ temperature: NaN }, /temperature is NaN/],
    [{ temperature: Infinity }, /temperature is Infinity/],
    [{ topK: -1 }, /topK is -1/],
    [{ topK: 1.5 }, /topK is 1.5/],
    [{ topP: 0 }, /topP is 0/],
    [{ topP: 1.1 }, /topP is 1.1/],
    [{ minP: -0.1 }, /minP is -0.1/],
    [{ minP: NaN }, /minP is NaN/],
    [{ stopTokens: [10] }, /stopTokens has 10/],
  ])('refuses the sampling parameters %o', (params, message) => {
    expect(() => unroll([{ prompt: [1] }], params)).toThrow(R5Error);
    expect(() => unroll([{ prompt: [1] }], params)).toThrow(message);
  });
});
