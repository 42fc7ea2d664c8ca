/**
 * The tokenizer of a model directory: text to token ids by `@huggingface/tokenizers` from tokenizer.json, ids to text by each token's
 * bytes (token-bytes.ts), which is what streaming and stop strings need.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { ModelConfig } from './config.ts';
import { readBytePairFiles } from './byte-pair-files.ts';
import { type ChatTemplate, loadChatTemplate } from './chat-template.ts';
import { checkAgainst, readJsonFile, readOptionalJsonFile } from './json-file.ts';
import { TextStream } from './text-stream.ts';
import { tokenDecoder } from './token-bytes.ts';

export interface DecodeOptions {
  /** Whether the ids continue another text: then spaces at their start are part of it. Default false: as a text of its own. */
  continues?: boolean;
  /** What becomes of special tokens (`<|end|>` and the like). Default: skip. */
  specialTokens?: 'skip' | 'keep';
}

export interface Tokenizer {
  /** Largest token id + 1. */
  readonly vocabularySize: number;
  /** As tokenizer_config.json names them; null where it names none. */
  readonly beginToken: number | null;
  readonly endToken: number | null;
  /** Whether prompts begin with `beginToken`. `encode` never adds it. */
  readonly addsBeginToken: boolean;
  /** Most spaces that decoding takes away at the very start of a text. */
  readonly leadingSpaces: number;
  /** How conversations become text; undefined for a model that has no template. */
  readonly chatTemplate: ChatTemplate | undefined;
  /** Token ids; no special tokens are added, but those written out in the text are recognized. */
  encode(text: string): number[];
  /** Bytes that are no UTF-8 become U+FFFD. Throws R5Error for an id that is not in the vocabulary. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /** The token alone as text, for display; part of a character becomes U+FFFD. */
  tokenText(id: number): string;
  /** What the token adds to a text, in UTF-8. Do not write to it. */
  tokenBytes(id: number): Uint8Array;
  isSpecial(id: number): boolean;
  /** How the special tokens are spelled; `encode` takes these out of any text that spells them. */
  readonly specialTokens: readonly string[];
  /** The id of a token as tokenizer.json spells it (`<|end|>`); undefined when there is none. */
  tokenId(token: string): number | undefined;
}

/** Far beyond any vocabulary; a larger id is damage, and the library would make a table of that size. */
const largestTokenId = (1 << 24) - 1;
const tokenId = z.int().min(0).max(largestTokenId);

/** Ids by token, or for some kinds of model a list. Checked in place: a copy of 150,000 entries takes a noticeable time. */
const vocabularySchema = z.custom<object>(
  (value) => Array.isArray(value) || (typeof value === 'object' && value !== null && Object.values(value).every(isTokenId)),
  'expected token ids, whole numbers from 0 on',
);

function isTokenId(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestTokenId;
}

const tokenizerSchema = z.looseObject({
  // The library guesses where it does not know the type.
  model: z.looseObject({ type: z.enum(['BPE', 'Unigram', 'WordPiece']), vocab: vocabularySchema }),
  added_tokens: z.array(z.looseObject({ id: tokenId, content: z.string(), special: z.boolean() })).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.looseObject({ type: z.string() }),
});
type TokenizerFile = z.output<typeof tokenizerSchema>;

const namedToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const tokenizerConfigSchema = z.looseObject({
  bos_token: namedToken,
  eos_token: namedToken,
  add_bos_token: z.boolean().nullish(),
});
type TokenizerConfigFile = z.output<typeof tokenizerConfigSchema>;

/**
 * Reads tokenizer.json and, if it is there, tokenizer_config.json. With `config`, also checks that the model has an embedding for every
 * token. Throws R5Error that names the file when it is missing, damaged or of an unsupported kind, or does not fit the model.
 */
export async function loadTokenizer(directory: string, config?: Pick<ModelConfig, 'vocabularySize'>): Promise<Tokenizer> {
  const path = join(directory, 'tokenizer.json');
  const old = !existsSync(path) && existsSync(join(directory, 'vocab.json'));
  const file = old
    ? checkAgainst(tokenizerSchema, await readBytePairFiles(directory), directory)
    : await readJsonFile(path, tokenizerSchema, 'a model directory needs it to turn text into tokens');
  const settings = (await readOptionalJsonFile(join(directory, 'tokenizer_config.json'), tokenizerConfigSchema)) ?? {};
  const tokenizer = makeTokenizer(file, settings, path, { chatTemplate: await loadChatTemplate(directory), modelVocabulary: config?.vocabularySize ?? 0 });
  if (config !== undefined && tokenizer.vocabularySize > config.vocabularySize) {
    throw new R5Error(
      `${path} does not fit the model: its largest token id is ${tokenizer.vocabularySize - 1}, ` +
        `but the model has ${config.vocabularySize} tokens (vocab_size in config.json). They belong to different models.`,
    );
  }
  return tokenizer;
}

interface TokenizerExtras {
  chatTemplate: ChatTemplate | undefined;
  /** Tokens that the model has, which may be more than the tokenizer's. */
  modelVocabulary: number;
}

const NOTHING = new Uint8Array();

function makeTokenizer(file: TokenizerFile, settings: TokenizerConfigFile, path: string, extras: TokenizerExtras): Tokenizer {
  const library = libraryTokenizer(file, settings, path);
  const decoder = tokenDecoder(file.decoder, path);
  const special = new Set(file.added_tokens.filter((token) => token.special).map((token) => token.id));
  const vocabularySize = largestId(library) + 1;
  const bytes: (Uint8Array | undefined)[] = Array.from({ length: vocabularySize });

  const tokenBytes = (id: number): Uint8Array => {
    const known = bytes[id];
    if (known !== undefined) return known;
    const token = library.id_to_token(id);
    // Models pad their vocabulary to a round size, and some leave gaps; such a token can be drawn, if hardly ever, and stands for nothing.
    if (token === undefined && Number.isInteger(id) && id >= 0 && id < Math.max(vocabularySize, extras.modelVocabulary)) return NOTHING;
    if (token === undefined) throw new R5Error(`Token ${id} is not in the vocabulary of ${path}, which has ${vocabularySize} tokens.`);
    const computed = decoder.bytesOf(token);
    bytes[id] = computed;
    return computed;
  };
  const beginToken = namedTokenId(library, settings.bos_token, 'bos_token', path);
  const tokenizer: Tokenizer = {
    vocabularySize,
    beginToken,
    endToken: namedTokenId(library, settings.eos_token, 'eos_token', path),
    addsBeginToken: beginToken !== null && (settings.add_bos_token ?? addsAtStart(library, beginToken)),
    leadingSpaces: decoder.leadingSpaces,
    chatTemplate: extras.chatTemplate,
    encode: (text) => encode(library, text, path),
    decode: (ids, options) => {
      const stream = new TextStream(tokenizer, options);
      let text = '';
      for (const id of ids) text += stream.push(id);
      return text + stream.finish();
    },
    tokenText: (id) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(tokenBytes(id)),
    tokenBytes,
    isSpecial: (id) => special.has(id),
    specialTokens: file.added_tokens.flatMap((token) => (token.special ? [token.content] : [])),
    tokenId: (token) => library.token_to_id(token),
  };
  return tokenizer;
}

function libraryTokenizer(file: TokenizerFile, settings: TokenizerConfigFile, path: string): LibraryTokenizer {
  try {
    // The library wants every part to be there; a file may leave out those that do nothing.
    const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, ...file };
    const tokenizer = new LibraryTokenizer(parts, settings);
    tokenizer.encode('a', { add_special_tokens: true });
    return tokenizer;
  } catch (error) {
    // The library throws plain errors (and trips over what is missing) for files that it cannot use.
    const reason = error instanceof Error ? error.message : String(error);
    throw new R5Error(`${path} is not a tokenizer that r5 can use: ${reason}. It is damaged or of an unsupported kind.`, { cause: error });
  }
}

function largestId(library: LibraryTokenizer): number {
  let largest = -1;
  for (const id of library.get_vocab().values()) largest = Math.max(largest, id);
  return largest;
}

function encode(library: LibraryTokenizer, text: string, path: string): number[] {
  if (text === '') return [];
  const { ids } = library.encode(text, { add_special_tokens: false });
  // The library types ids as numbers but gives undefined for a piece that is not in a vocabulary without an unknown token.
  if (ids.some((id: number | undefined) => id === undefined)) {
    throw new R5Error(`${path} has no token for a part of the text ${JSON.stringify(text.slice(0, 80))}, and no token for unknown text.`);
  }
  return ids;
}

function namedTokenId(library: LibraryTokenizer, token: z.output<typeof namedToken>, field: string, path: string): number | null {
  if (token === null || token === undefined) return null;
  const content = typeof token === 'string' ? token : token.content;
  const id = library.token_to_id(content);
  if (id === undefined) {
    throw new R5Error(`${path} has no token ${JSON.stringify(content)}, which tokenizer_config.json names as its ${field}.`);
  }
  return id;
}

/** Whether the tokenizer's own post-processing puts the begin token before a text. */
function addsAtStart(library: LibraryTokenizer, beginToken: number): boolean {
  const plain = library.encode('a', { add_special_tokens: false }).ids[0];
  return plain !== beginToken && library.encode('a', { add_special_tokens: true }).ids[0] === beginToken;
}
