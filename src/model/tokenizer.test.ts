import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Random } from '../random.ts';
import { TextStream } from './text-stream.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

const data = new URL('../../../shared/data', import.meta.url).pathname;
const stories = join(data, 'stories260k');
const qwen2 = join(data, 'qwen2-tokenizer');

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'r5-tokenizer-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}

function specialToken(content: string, id: number): Record<string, unknown> {
  return { id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
}

/** A byte-fallback tokenizer of a few tokens. Ids: 0 to 2 special, 3 to 258 the bytes, then the texts. */
function smallTokenizer(change: Record<string, unknown> = {}): Record<string, unknown> {
  const special = ['<unk>', '<s>', '</s>'];
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const vocabulary = [...special, ...bytes, '▁', 'a', 'b', '▁a', 'ab', '▁ab'];
  return {
    version: '1.0',
    added_tokens: special.map(specialToken),
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges: [['a', 'b'], ['▁', 'a'], ['▁', 'ab']],
    },
    ...change,
  };
}

async function loadFrom(tokenizer: unknown, settings?: unknown): Promise<Tokenizer> {
  const own = await mkdtemp(join(directory, 'own-'));
  await writeFile(join(own, 'tokenizer.json'), typeof tokenizer === 'string' ? tokenizer : JSON.stringify(tokenizer));
  if (settings !== undefined) await writeFile(join(own, 'tokenizer_config.json'), JSON.stringify(settings));
  return loadTokenizer(own);
}

describe('encoding and decoding', () => {
  test('adds no special tokens, and reads those that are written out', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    expect(tokenizer.encode('ab a')).toEqual([264, 262]);
    expect(tokenizer.encode('ab</s>')).toEqual([264, 2]);
    expect(tokenizer.encode('')).toEqual([]);
    expect(tokenizer.decode([])).toBe('');
  });

  test('special tokens are left out of the text unless they are asked for', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    expect(tokenizer.decode([1, 264, 262, 2])).toBe('ab a');
    expect(tokenizer.decode([264, 2], { specialTokens: 'keep' })).toBe('ab</s>');
    expect([tokenizer.isSpecial(2), tokenizer.isSpecial(264)]).toEqual([true, false]);
    expect([tokenizer.tokenId('</s>'), tokenizer.tokenId('none')]).toEqual([2, undefined]);
  });

  test('ids that continue a text keep the space between', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    expect(tokenizer.decode([262])).toBe('a');
    expect(tokenizer.decode([262], { continues: true })).toBe(' a');
  });

  test('an id outside the vocabulary is refused', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    expect(() => tokenizer.decode([265])).toThrow('Token 265 is not in the vocabulary');
    expect(() => tokenizer.decode([-1])).toThrow('Token -1');
  });

  test('any text comes back, through bytes where there is no token', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    for (const text of ['abab a b', 'héllo wörld', '日本語 👩‍👩‍👧‍👦', '\uFEFFstart', 'line\n\n\ttab', '  two spaces']) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });
});

describe('streaming', () => {
  test('a character comes out with its last byte, and what came out never changes', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    const stream = new TextStream(tokenizer);
    // ▁, then the four bytes of U+1F44B, then "a".
    expect([259, 0xf0, 0x9f, 0x91, 0x8b].map((id) => stream.push(id < 256 ? id + 3 : id))).toEqual(['', '', '', '', '👋']);
    expect(stream.push(260)).toBe('a');
    expect(stream.push(0xe2 + 3)).toBe('');
    expect(stream.finish()).toBe('\uFFFD');
  });

  test('the pieces joined are the text of all ids together, for any ids', async () => {
    const tokenizer = await loadFrom(smallTokenizer());
    const random = new Random(5);
    for (let round = 0; round < 200; round++) {
      const ids = Array.from({ length: 12 }, () => random.integer(0, 264));
      const stream = new TextStream(tokenizer);
      expect(ids.map((id) => stream.push(id)).join('') + stream.finish()).toBe(tokenizer.decode(ids));
    }
  });
});

describe('begin and end tokens', () => {
  const bos = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  };

  test('are those that tokenizer_config.json names, as text or as an object', async () => {
    const named = await loadFrom(smallTokenizer(), { bos_token: '<s>', eos_token: { content: '</s>', special: true } });
    expect(named).toMatchObject({ beginToken: 1, endToken: 2 });
    expect(await loadFrom(smallTokenizer())).toMatchObject({ beginToken: null, endToken: null, addsBeginToken: false });
    await expect(loadFrom(smallTokenizer(), { bos_token: '<start>' })).rejects.toThrow(
      'has no token "<start>", which tokenizer_config.json names as its bos_token',
    );
  });

  test('a begin token belongs before a prompt if the settings say so, else if the tokenizer adds one', async () => {
    const adds = async (processor: unknown, settings: Record<string, unknown>): Promise<boolean> =>
      (await loadFrom(smallTokenizer({ post_processor: processor }), { bos_token: '<s>', ...settings })).addsBeginToken;
    expect(await adds(null, {})).toBe(false);
    expect(await adds(null, { add_bos_token: true })).toBe(true);
    expect(await adds(bos, {})).toBe(true);
    expect(await adds(bos, { add_bos_token: false })).toBe(false);
  });
});

describe('a tokenizer that cannot be used is refused, naming its file:', () => {
  test('missing', async () => {
    await expect(loadTokenizer(join(directory, 'none'))).rejects.toThrow('tokenizer.json is missing');
  });

  test.each([
    ['cut off', JSON.stringify(smallTokenizer()).slice(0, 900), 'is not valid JSON'],
    ['a list', '[]', 'does not hold what it should'],
    ['no model', smallTokenizer({ model: undefined }), 'model'],
    ['an id that is no number', smallTokenizer({ model: { type: 'BPE', vocab: { a: 'x' }, merges: [] } }), 'expected token ids'],
    ['an enormous id', smallTokenizer({ model: { type: 'BPE', vocab: { a: 4e9 }, merges: [] } }), 'expected token ids'],
    ['no merges', smallTokenizer({ model: { type: 'BPE', vocab: { a: 0 } } }), 'is not a tokenizer that r5 can use'],
    ['an unknown kind of model', smallTokenizer({ model: { type: 'Quantum', vocab: { a: 0 } } }), 'model.type: Invalid option'],
    ['an unknown normalizer', smallTokenizer({ normalizer: { type: 'Rot13' } }), 'is not a tokenizer that r5 can use'],
    ['an unsupported decoder', smallTokenizer({ decoder: { type: 'WordPiece' } }), 'the kind WordPiece is not supported'],
  ])('%s', async (_, file, message) => {
    await expect(loadFrom(file)).rejects.toThrow(message);
    await expect(loadFrom(file)).rejects.toThrow('tokenizer.json');
    await expect(loadFrom(file)).rejects.toMatchObject({ name: 'R5Error' });
  });

  test('one with more tokens than the model has', async () => {
    const own = await mkdtemp(join(directory, 'own-'));
    await writeFile(join(own, 'tokenizer.json'), JSON.stringify(smallTokenizer()));
    await expect(loadTokenizer(own, { vocabularySize: 264 })).rejects.toThrow('its largest token id is 264, but the model has 264 tokens');
    expect((await loadTokenizer(own, { vocabularySize: 265 })).vocabularySize).toBe(265);
  });
});

describe.skipIf(!existsSync(stories))('the tokenizer of stories260k (skipped where shared/data/stories260k is absent)', () => {
  test('English comes back, and the reference text comes out of the reference tokens', async () => {
    const tokenizer = await loadTokenizer(stories);
    expect(tokenizer).toMatchObject({ beginToken: 1, endToken: 2, addsBeginToken: true, vocabularySize: 512 });
    for (const text of ['Once upon a time, there was a dog.', 'Mom said: "No!"\n\nThe end.', 'naïve 日本']) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
    const schema = z.object({ greedy_tokens_from_bos: z.array(z.int()), greedy_text: z.string() });
    const reference = await readJson(join(stories, 'greedy_reference.json'), schema);
    expect(tokenizer.decode(reference.greedy_tokens_from_bos)).toBe(reference.greedy_text);
    expect(tokenizer.encode(reference.greedy_text)).toEqual(reference.greedy_tokens_from_bos.slice(1));
  });

  test('decodes valid text as the tokenizer library does', async () => {
    const tokenizer = await loadTokenizer(stories);
    const library = new LibraryTokenizer(await readJson(join(stories, 'tokenizer.json'), z.looseObject({})), {});
    const random = new Random(11);
    for (let round = 0; round < 100; round++) {
      const ids = Array.from({ length: 20 }, () => random.integer(259, 511));
      expect(tokenizer.decode(ids)).toBe(library.decode(ids, { clean_up_tokenization_spaces: false }));
    }
  });
});

describe.skipIf(!existsSync(qwen2))('the tokenizer of Qwen2 (skipped where shared/data/qwen2-tokenizer is absent)', () => {
  /** Qwen2's published tokenizer.json, put together from its vocabulary and merges. */
  async function qwenTokenizer(): Promise<Tokenizer> {
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
    const words = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}";
    const pattern = `${words}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
    const added = await readJson(join(qwen2, 'added_tokens.json'), z.record(z.string(), z.int()));
    const mergeLines = (await readFile(join(qwen2, 'merges.txt'), 'utf8')).split('\n');
    const merges = mergeLines.filter((line) => line !== '' && !line.startsWith('#version')).map((line) => line.split(' '));
    const vocab = await readJson(join(qwen2, 'vocab.json'), z.record(z.string(), z.int()));
    const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
    return loadFrom(
      {
        added_tokens: Object.entries(added).map(([content, id]) => specialToken(content, id)),
        normalizer: { type: 'NFC' },
        pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevel] },
        post_processor: byteLevel,
        decoder: byteLevel,
        model: { type: 'BPE', unk_token: null, fuse_unk: false, byte_fallback: false, vocab, merges },
      },
      await readJson(join(qwen2, 'tokenizer_config.json'), z.looseObject({})),
    );
  }

  test('gives the ids of 46 published cases, and their texts back', async () => {
    const tokenizer = await qwenTokenizer();
    const texts = (await readFile(join(qwen2, 'ggml-vocab-qwen2.gguf.inp'), 'utf8')).split('\n__ggml_vocab_test__\n');
    const expected = (await readFile(join(qwen2, 'ggml-vocab-qwen2.gguf.out'), 'utf8')).split('\n');
    const cases = texts.slice(0, 46);
    expect(cases).toHaveLength(46);
    for (const [i, text] of cases.entries()) {
      expect(tokenizer.encode(text).join(' '), JSON.stringify(text)).toBe(expected[i]!.trim());
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'));
    }
    expect(tokenizer).toMatchObject({ beginToken: null, endToken: 151645, addsBeginToken: false });
  });
});
