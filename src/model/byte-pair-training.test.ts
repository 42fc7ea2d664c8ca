import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { toByteCharacters } from './byte-alphabet.ts';
import { type BytePairModel, piecePattern, smallNumbers, trainBytePair } from './byte-pair-training.ts';
import { saveTokenizer, tokenizerJson } from './tokenizer-files.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

const specialTokens = ['<|end|>', '<|begin|>', '<|pad|>'];
const texts = [
  'Use the numbers 3, 8 and 25 to reach 49. Try 25 + 8 = 33. 33 - 3 = 30, no. Try 25 + 25.',
  'Try 8 * 3 = 24, then 24 + 25 = 49. Yes, the answer is 8 * 3 + 25.<|end|>',
  'the other numbers then there; these are those that reach the target\n\nthe end<|end|>',
];
const model = trainBytePair(texts, { vocabularySize: 520, specialTokens });

let directory = '';
let tokenizer: Tokenizer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'r5-byte-pair-'));
  await saveTokenizer(directory, model, { roles: { begin: '<|begin|>', end: '<|end|>', padding: '<|pad|>' }, contextLength: 128 });
  tokenizer = await loadTokenizer(directory);
});
afterAll(() => rm(directory, { recursive: true }));

/** Byte-pair encoding as it is defined: in every piece, join all occurrences of the earliest merge, until none is left. */
function encodeByDefinition({ vocabulary, merges }: BytePairModel, text: string): (number | undefined)[] {
  return (text.match(new RegExp(piecePattern, 'gu')) ?? []).flatMap((piece) => {
    let tokens = [...toByteCharacters(piece)];
    for (const [left, right] of merges) {
      const next: string[] = [];
      for (const token of tokens) {
        if (next.at(-1) === left && token === right) next[next.length - 1] = left + right;
        else next.push(token);
      }
      tokens = next;
    }
    return tokens.map((token) => vocabulary.get(token));
  });
}

describe('the vocabulary', () => {
  test('begins with the special tokens, then the 256 bytes, and has the size asked for', () => {
    const first = [...model.vocabulary.entries()].slice(0, 4);
    expect(first).toEqual([['<|end|>', 0], ['<|begin|>', 1], ['<|pad|>', 2], [toByteCharacters('\0'), 3]]);
    expect([...model.vocabulary.values()]).toEqual(Array.from({ length: model.vocabulary.size }, (_, id) => id));
    expect(tokenizer.vocabularySize).toBe(model.vocabulary.size);
    expect(trainBytePair(texts, { vocabularySize: 470, specialTokens }).vocabulary.size).toBe(470);
  });

  test('stays smaller when no pair occurs twice any more', () => {
    expect(trainBytePair(['ab ab'], { vocabularySize: 1000, specialTokens: [], alwaysMerge: [] }).merges).toEqual([['a', 'b']]);
  });

  test('frequent words have become tokens, the special tokens in the texts have not', () => {
    for (const word of [' the', ' Try', ' then']) expect(tokenizer.encode(word), word).toHaveLength(1);
    expect([...model.vocabulary.keys()].filter((token) => token.includes('end') && token !== '<|end|>').length).toBeLessThanOrEqual(1);
  });

  test('is the same each time', () => {
    const again = trainBytePair(texts, { vocabularySize: 520, specialTokens });
    expect(JSON.stringify(tokenizerJson(again))).toBe(JSON.stringify(tokenizerJson(model)));
  });
});

describe('merging', () => {
  test('joins the most frequent pair first; of equals, the one with the smallest ids', () => {
    const { merges } = trainBytePair(['bc bc bc', 'ad ad', 'xy xy'], { vocabularySize: 600, specialTokens: [], alwaysMerge: [] });
    // "bc" and " bc" share b+c, which occurs three times. The rest occur twice; the space is the smallest byte, then a, then x.
    expect(merges).toEqual([['b', 'c'], ['Ġ', 'bc'], ['a', 'd'], ['x', 'y']]);
  });

  test('joins a run of equal tokens from the left', () => {
    const { merges } = trainBytePair(['aaaaa', 'aaaaa'], { vocabularySize: 600, specialTokens: [], alwaysMerge: [] });
    // aaaaa -> aa aa a -> aa aaa -> aaaaa
    expect(merges).toEqual([['a', 'a'], ['aa', 'a'], ['aa', 'aaa']]);
  });
});

describe('whole texts and other pieces', () => {
  const frame = 'Try {"number": ';
  const options = { vocabularySize: 600, specialTokens, wholeTexts: [frame], pieces: ' ?[a-z]+|[A-Z]|[^a-z]' };
  let framed: Tokenizer;
  beforeAll(async () => {
    await saveTokenizer(`${directory}/framed`, trainBytePair(texts, { ...options, alwaysMerge: [] }));
    framed = await loadTokenizer(`${directory}/framed`);
  });

  test('a whole text is one token wherever it occurs, and is text all the same', () => {
    const tokens = framed.encode(`then ${frame}25}<|end|>`);
    expect(tokens.map((id) => framed.tokenText(id))).toContain(frame);
    expect(framed.decode(tokens)).toBe(`then ${frame}25}`);
    expect(framed.isSpecial(framed.tokenId(frame) ?? -1)).toBe(false);
  });

  test('no token crosses the pieces that are given', () => {
    const cut = trainBytePair(['Ab Ab Ab Ab'], { ...options, alwaysMerge: [] });
    expect(cut.merges).toEqual([]);
    expect(trainBytePair(['Ab Ab Ab Ab'], { vocabularySize: 600, specialTokens: [], alwaysMerge: [] }).merges.length).toBeGreaterThan(0);
  });
});

describe('encoding', () => {
  test('the numbers 0 to 99 are one token each, bare and after a space, however rare', () => {
    for (const number of smallNumbers) expect(tokenizer.encode(number), JSON.stringify(number)).toHaveLength(1);
    expect(tokenizer.encode('7*13=91').map((id) => tokenizer.tokenText(id))).toEqual(['7', '*', '13', '=', '91']);
    expect(tokenizer.encode(' 123 4').map((id) => tokenizer.tokenText(id))).toEqual([' 12', '3', ' 4']);
  });

  test('any text comes back', () => {
    const random = new Random(3);
    const strange = ['', ' ', '   ', '\n\n', 'naïve café', '日本語', '👩‍👩‍👧‍👦 ok', '\uFEFF', 'a\u0301', '\0\u007f', '12345 007'];
    for (const text of [...strange, 'x'.repeat(300)]) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    for (let round = 0; round < 100; round++) {
      const points = Array.from({ length: 30 }, () => random.integer(0, random.pick([0x7f, 0x7ff, 0xd7ff, 0x1ffff])));
      const text = points.filter((point) => point < 0xd800 || point > 0xdfff).map((point) => String.fromCodePoint(point)).join('');
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  test('is byte-pair encoding as it is defined', () => {
    const random = new Random(4);
    const letters = ['t', 'h', 'e', 'r', 'n', ' ', ' ', '1', '9', 'T', 'y', '.', 'é', '\n'];
    for (const text of [...texts.map((whole) => whole.replaceAll('<|end|>', '')), 'there 33 then']) {
      expect(tokenizer.encode(text)).toEqual(encodeByDefinition(model, text));
    }
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: 25 }, () => random.pick(letters)).join('');
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(encodeByDefinition(model, text));
    }
  });

  test('special tokens in a text are found', () => {
    expect(tokenizer.encode('<|begin|>8<|end|>')).toEqual([1, ...tokenizer.encode('8'), 0]);
    expect(tokenizer).toMatchObject({ beginToken: 1, endToken: 0, addsBeginToken: false });
  });
});

describe('refused:', () => {
  const train = (options: Partial<Parameters<typeof trainBytePair>[1]>): unknown =>
    trainBytePair(texts, { vocabularySize: 600, specialTokens, ...options });

  test('a vocabulary without room for what must be in it', () => {
    const message = 'A vocabulary of 400 tokens is too small: 3 special tokens and whole texts, 256 bytes and what must be merged take 449.';
    expect(() => train({ vocabularySize: 400 })).toThrow(message);
    expect(() => train({ vocabularySize: Number.NaN })).toThrow('too small');
  });

  test('special tokens that are empty, repeated or the name of a byte', () => {
    expect(() => train({ specialTokens: [''] })).toThrow('"" is empty or given twice');
    expect(() => train({ specialTokens: ['<x>', '<x>'] })).toThrow('"<x>" is empty or given twice');
    expect(() => train({ specialTokens: ['a'] })).toThrow('"a" is the name of a byte');
  });

  test('a text to be merged that is cut into pieces', () => {
    expect(() => train({ alwaysMerge: ['100'] })).toThrow('"100" cannot become one token: the tokenizer cuts it into 2 pieces.');
  });

  test('a role for a token that is not special', async () => {
    const saving = saveTokenizer(directory, model, { roles: { end: '</s>' } });
    await expect(saving).rejects.toThrow("</s> is none of the tokenizer's special tokens");
  });
});
