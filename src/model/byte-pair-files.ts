/** Tokenizers of old releases, which have vocab.json and merges.txt in place of tokenizer.json. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { readJsonFile, readOptionalJsonFile } from './json-file.ts';

/** Cuts text into words before pairs are merged (transformers, tokenization_qwen2.py). */
const QWEN2_WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const settingsSchema = z.looseObject({
  tokenizer_class: z.string().nullish(),
  added_tokens_decoder: z.record(z.string(), z.looseObject({ content: z.string(), special: z.boolean().default(false) })).nullish(),
});
const vocabularySchema = z.record(z.string(), z.int().nonnegative());

/**
 * The content that tokenizer.json would have. Throws R5Error when the files are of another tokenizer than Qwen2's: the way in which they cut
 * text into words is not in them.
 */
export async function readBytePairFiles(directory: string): Promise<Record<string, unknown>> {
  const settings = (await readOptionalJsonFile(join(directory, 'tokenizer_config.json'), settingsSchema)) ?? {};
  const kind = settings.tokenizer_class ?? 'unknown';
  if (!/^Qwen2Tokenizer(Fast)?$/.test(kind)) {
    throw new R5Error(`${directory} has no tokenizer.json. r5 reads vocab.json with merges.txt for Qwen2Tokenizer only, not for ${kind}; save the tokenizer with a current version of transformers.`);
  }
  const vocab = await readJsonFile(join(directory, 'vocab.json'), vocabularySchema, 'it holds the tokens');
  const mergesPath = join(directory, 'merges.txt');
  const merges = await readFile(mergesPath, 'utf8').catch((error: unknown) => {
    throw fileError('read', mergesPath, error);
  });
  const pairs = merges.split('\n').filter((line) => line !== '' && !line.startsWith('#version')).map((line) => line.split(' '));
  const broken = pairs.findIndex((pair) => pair.length !== 2);
  if (broken >= 0) throw new R5Error(`${mergesPath}: ${JSON.stringify(pairs[broken]?.join(' '))} is not a pair.`);
  const added = Object.entries(settings.added_tokens_decoder ?? {}).map(([id, token]) => ({ single_word: false, lstrip: false, rstrip: false, normalized: false, ...token, id: Number(id) }));
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN2_WORDS }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false, byte_fallback: false, vocab, merges: pairs },
  };
}
