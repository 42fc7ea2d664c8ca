/** A tokenizer as the metadata of a GGUF file. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { readBytePairFiles } from './byte-pair-files.ts';
import { checkAgainst, readJsonFile } from './json-file.ts';
import type { GgufValue } from './gguf.ts';
import type { ModelConfig } from './config.ts';
import type { Tokenizer } from './tokenizer.ts';

const fileSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string(), special: z.boolean() })).default([]),
  pre_tokenizer: z.unknown().optional(),
  model: z.looseObject({
    type: z.literal('BPE', 'only byte-pair encoding can be exported'),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    byte_fallback: z.boolean().nullish(),
  }),
});

/** llama_token_type: what llama.cpp does with a token. */
const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/**
 * How llama.cpp cuts text into words, by a mark of the expression in tokenizer.json (llama-vocab.cpp). A tokenizer that cuts in a way that
 * it does not have would read texts in other tokens than the model learned, without a word.
 */
const WORD_CUTS: readonly { name: string; mark: (preTokenizer: string) => boolean }[] = [
  { name: 'qwen2', mark: (text) => text.includes('[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}|') },
  { name: 'llama-bpe', mark: (text) => text.includes('[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}|') },
  { name: 'smollm', mark: (text) => text.includes('"Digits"') && text.includes('"individual_digits":true') },
  { name: 'gpt-2', mark: (text) => text.includes('"ByteLevel"') && text.includes('"use_regex":true') && !text.includes('"Split"') && !text.includes('"Digits"') },
];

/** Throws R5Error for a tokenizer that llama.cpp has no equal of, unless `anyWords`: then texts are cut as GPT-2 does, and only ids are the model's. */
export async function ggufTokenizer(directory: string, tokenizer: Tokenizer, config: ModelConfig, anyWords = false): Promise<Map<string, GgufValue>> {
  const path = join(directory, 'tokenizer.json');
  const content = existsSync(path)
    ? await readJsonFile(path, fileSchema, 'a GGUF file holds the tokenizer')
    : checkAgainst(fileSchema, await readBytePairFiles(directory), directory);
  const { model, added_tokens: added, pre_tokenizer: preTokenizer } = content;
  const tokens: string[] = Array.from({ length: config.vocabularySize }, (_, id) => `[PAD${id}]`);
  const types: number[] = tokens.map(() => TOKEN_TYPE.unused);
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token;
    types[id] = model.byte_fallback && /^<0x[0-9A-F]{2}>$/.test(token) ? TOKEN_TYPE.byte : TOKEN_TYPE.normal;
  }
  for (const { id, content: token, special } of added) {
    tokens[id] = token;
    types[id] = token === '<unk>' ? TOKEN_TYPE.unknown : special ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined;
  }
  const pairs = model.merges.map((merge) => (typeof merge === 'string' ? merge.split(' ') : merge));
  const entries = new Map<string, GgufValue>();
  if (model.byte_fallback) sentencePiece(entries, tokens, pairs);
  else bytePairs(entries, pairs, wordCut(JSON.stringify(preTokenizer ?? null), path, anyWords));
  entries.set('tokenizer.ggml.tokens', { type: 'strings', value: tokens });
  entries.set('tokenizer.ggml.token_type', { type: 'int32s', value: types });
  const [endToken] = config.endTokens;
  if (config.beginToken !== null) entries.set('tokenizer.ggml.bos_token_id', { type: 'uint32', value: config.beginToken });
  if (endToken !== undefined) entries.set('tokenizer.ggml.eos_token_id', { type: 'uint32', value: endToken });
  entries.set('tokenizer.ggml.add_bos_token', { type: 'bool', value: Number(tokenizer.addsBeginToken) });
  if (tokenizer.chatTemplate) entries.set('tokenizer.chat_template', { type: 'string', value: tokenizer.chatTemplate.source });
  return entries;
}

/** Scores in the order of the merges: llama.cpp joins the pair whose result scores highest. */
function sentencePiece(entries: Map<string, GgufValue>, tokens: readonly string[], pairs: readonly (readonly string[])[]): void {
  const rank = new Map(pairs.map((pair, i) => [pair.join(''), -(i + 1)]));
  entries.set('tokenizer.ggml.model', { type: 'string', value: 'llama' });
  entries.set('tokenizer.ggml.pre', { type: 'string', value: 'default' });
  entries.set('tokenizer.ggml.scores', { type: 'float32s', value: tokens.map((token) => rank.get(token) ?? -1e6) });
  entries.set('tokenizer.ggml.add_space_prefix', { type: 'bool', value: 1 });
}

function bytePairs(entries: Map<string, GgufValue>, pairs: readonly (readonly string[])[], pre: string): void {
  entries.set('tokenizer.ggml.model', { type: 'string', value: 'gpt2' });
  entries.set('tokenizer.ggml.pre', { type: 'string', value: pre });
  entries.set('tokenizer.ggml.merges', { type: 'strings', value: pairs.map((pair) => pair.join(' ')) });
}

function wordCut(preTokenizer: string, path: string, anyWords: boolean): string {
  const found = WORD_CUTS.find(({ mark }) => mark(preTokenizer))?.name;
  if (found !== undefined) return found;
  if (anyWords) return 'gpt-2';
  throw new R5Error(
    `${path}: its pre-tokenizer cuts text in a way that llama.cpp does not have, so it would read other tokens than the model. ` +
      'Export safetensors, or take --any-words and give llama.cpp token ids.',
  );
}
