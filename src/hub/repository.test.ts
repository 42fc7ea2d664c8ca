import { expect, test } from 'vitest';
import { parseRepository } from './repository.ts';

test('owner/name, with a revision or without', () => {
  expect(parseRepository('model', 'Qwen/Qwen3-0.6B')).toEqual({ type: 'model', name: 'Qwen/Qwen3-0.6B', revision: 'main', config: undefined });
  expect(parseRepository('model', 'a/b@refs/pr/1')?.revision).toBe('refs/pr/1');
  expect(parseRepository('dataset', 'openai/gsm8k:main@v1')).toEqual({ type: 'dataset', name: 'openai/gsm8k', revision: 'v1', config: 'main' });
});

test('anything else is no name of the hub', () => {
  for (const typed of ['gpt2', './a/b', '../a', 'a/b/c', '/a/b', 'a/', 'a b/c', 'a/b--c', 'a..b/c', 'a/b:main']) {
    expect(parseRepository('model', typed), typed).toBeUndefined();
  }
});

test('a revision that would lead out of the cache is refused', () => {
  for (const revision of ['../x', 'a//b', '.git', 'a b']) expect(() => parseRepository('model', `a/b@${revision}`)).toThrow(`'${revision}' in 'a/b@`);
});
