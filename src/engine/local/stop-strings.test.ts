import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { loadTokenizer, type Tokenizer } from '../../model/tokenizer.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { LocalEngine } from './local-engine.ts';
import { StopStrings } from './stop-strings.ts';
import { openTinyEngine, testFolder, tokenizerSize, writeTinyModel } from './tiny-engine.fixture.ts';

async function tinyTokenizer(): Promise<Tokenizer> {
  const directory = testFolder();
  await writeTinyModel(directory);
  return loadTokenizer(directory);
}

/** The texts after which the watch says that it has ended. */
function endsAfter(tokenizer: Tokenizer, text: string, stops: readonly string[]): string | undefined {
  const watch = StopStrings.watch(stops, tokenizer);
  const read: number[] = [];
  for (const token of tokenizer.encode(text)) {
    read.push(token);
    if (watch?.push(token)) return tokenizer.decode(read);
  }
  return undefined;
}

describe('StopStrings', () => {
  test('finds a string within a token, over the border of tokens, and over many', async () => {
    const tokenizer = await tinyTokenizer();
    expect(tokenizer.encode('the answer')).toHaveLength(2);
    expect(endsAfter(tokenizer, 'see the answer now', ['swe'])).toBe('see the answer');
    expect(endsAfter(tokenizer, 'see the answer now', ['e a'])).toBe('see the answer');
    expect(endsAfter(tokenizer, 'x\n\n### y', ['\n\n###'])).toBe('x\n\n###');
    expect(endsAfter(tokenizer, 'aab', ['ab'])).toBe('aab');
    expect(endsAfter(tokenizer, 'the answer', ['answers', 'number'])).toBeUndefined();
  });

  test('finds the first of several, and characters of several bytes only when they are whole', async () => {
    const tokenizer = await tinyTokenizer();
    expect(endsAfter(tokenizer, 'one, two. three', ['three', '.'])).toBe('one, two.');
    expect(tokenizer.encode('€').length).toBeGreaterThan(1);
    expect(endsAfter(tokenizer, 'costs 5 € or more', ['€'])).toBe('costs 5 €');
  });

  test('a space at the start of a completion is part of its text', () => {
    const text = [' no', 'pe'];
    const bytes = text.map((piece) => new TextEncoder().encode(piece));
    const sentencePieces = { leadingSpaces: 1, tokenBytes: (id: number) => bytes[id] ?? new Uint8Array(), isSpecial: () => false };
    const watch = StopStrings.watch([' nope'], sentencePieces);
    expect([watch?.push(0), watch?.push(1)]).toEqual([false, true]);
  });

  test('no strings need no watch; an empty one and a missing tokenizer are refused', async () => {
    const tokenizer = await tinyTokenizer();
    expect(StopStrings.watch(undefined, undefined)).toBeUndefined();
    expect(StopStrings.watch([], undefined)).toBeUndefined();
    expect(() => StopStrings.watch(['a', ''], tokenizer)).toThrow(R5Error);
    expect(() => StopStrings.watch(['a'], undefined)).toThrow(/need a tokenizer/);
  });
});

describe('sampling with stop strings', () => {
  test('ends a completion with the token that completes one, also over the border of two tokens', async () => {
    const engine = await openTinyEngine({ change: { vocab_size: tokenizerSize } });
    const { tokenizer } = engine;
    if (!tokenizer) throw new Error('the tiny model has a tokenizer');
    const requests = [{ prompt: [5, 6], count: 40 }];
    const [free = []] = await engine.sample(requests, { maxTokens: 20, stopTokens: [] });
    const plain = (id: number | undefined): string => (id === undefined ? '' : tokenizer.tokenText(id)).replaceAll(/[^\x21-\x7e]/g, '');
    const borders = free.flatMap(({ tokens }) => tokens.slice(1).flatMap((token, i) => {
      const [left, right] = [plain(tokens[i]).slice(-1), plain(token).slice(0, 1)];
      return left && right && tokenizer.tokenText(token).startsWith(right) ? [left + right] : [];
    }));
    expect(borders.length).toBeGreaterThan(5);
    const stop = [...new Set(borders)].slice(0, 5);
    const [stopped = []] = await engine.sample(requests, { maxTokens: 20, stopTokens: [], stop });
    expect(stopped.filter(({ stopReason }) => stopReason === 'stop').length).toBeGreaterThan(3);
    free.forEach(({ tokens, logprobs }, i) => {
      const ended = tokens.findIndex((_, last) => stop.some((text) => tokenizer.decode(tokens.slice(0, last + 1), { continues: true }).includes(text)));
      const length = ended === -1 ? tokens.length : ended + 1;
      expect(stopped[i]?.tokens).toEqual(tokens.slice(0, length));
      expect(stopped[i]?.logprobs).toHaveLength(logprobs.slice(0, length).length);
      expect(stopped[i]?.stopReason).toBe(ended === -1 ? 'length' : 'stop');
    });
  });

  test('needs a tokenizer', async () => {
    const engine = LocalEngine.create(tinyConfig('llama', { head_dim: 8 }), { threads: 1 });
    try {
      await expect(engine.sample([{ prompt: [1] }], { maxTokens: 2, stop: ['x'] })).rejects.toThrow(/Stop strings need a tokenizer/);
    } finally {
      await engine.release();
    }
  });
});
