import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockLanguageModelV4 } from 'ai/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { estimatedTokens } from './model-answer.ts';
import { priceOf, readPrices } from './prices.ts';
import { researchModel } from './research-model.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'r5-prices-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(folder, 'prices.json');
  writeFileSync(path, text);
  return path;
};
const model = (name: string, local = false) => researchModel(new MockLanguageModelV4({ modelId: name.slice(name.search(/[:#]/) + 1) }), { name, local });

test('a price is for one model and its versions, not for dearer models whose names begin the same', () => {
  const prices = readPrices(file('{}'));
  expect(priceOf(model('openai:gpt-5'), prices)).toEqual({ input: 1.25, output: 10 });
  expect(priceOf(model('openai:gpt-5-2025-08-07'), prices)).toEqual({ input: 1.25, output: 10 });
  expect(priceOf(model('anthropic:claude-sonnet-4-5-20250929'), prices)).toEqual({ input: 3, output: 15 });
  expect(priceOf(model('anthropic:claude-opus-4-20250514'), prices)).toEqual({ input: 15, output: 75 });
  expect(priceOf(model('anthropic:claude-3-5-haiku-latest'), prices)).toEqual({ input: 0.8, output: 4 });
  expect(priceOf(model('openrouter:openai/gpt-4o-mini'), prices)).toEqual({ input: 0.15, output: 0.6 });
  for (const dearer of ['openai:gpt-5-pro', 'openai:gpt-5.2-pro', 'openai:o3-pro', 'openai:o3-deep-research', 'openai:gpt-5.9', 'anthropic:claude-opus-4-9']) expect(priceOf(model(dearer), prices), dearer).toBeUndefined();
});

test('the user sets prices, of models on this machine too', () => {
  const prices = readPrices(file('{"gpt-5": {"input": 9, "output": 9}, "acme-*": {"input": 1, "output": 2}, "localhost:1#gpt-oss": {"input": 0.1, "output": 0.1}}'));
  expect(priceOf(model('openai:gpt-5'), prices)).toEqual({ input: 9, output: 9 });
  expect(priceOf(model('openrouter:acme-large'), prices)).toEqual({ input: 1, output: 2 });
  expect(priceOf(model('localhost:1#gpt-oss', true), prices)).toEqual({ input: 0.1, output: 0.1 });
  expect(priceOf(model('localhost:1#gpt-4o', true), prices)).toEqual({ input: 0, output: 0 });
});

test.each(['{', '[]', '{"a": 1}', '{"a": {"input": -1, "output": 1}}', '{"a": {"input": 1}}', '{"a": {"input": "1", "output": 1}}'])('%s is refused with an example of what is right', (text) => {
  expect(() => readPrices(file(text))).toThrow(/US dollars a million tokens by model, such as/);
});

test('a file that is named and missing is an error', () => {
  expect(() => readPrices(join(folder, 'none.json'))).toThrow('none.json');
});

test('tokens that nobody counted are estimated high, in any script', () => {
  expect(estimatedTokens('人工智能正在改变世界')).toBeGreaterThanOrEqual(10);
  expect(estimatedTokens('The quick brown fox jumps over the lazy dog.')).toBeGreaterThanOrEqual(10);
});
