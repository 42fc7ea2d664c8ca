import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { R5Error } from '../error.ts';
import type { BytePairModel } from './byte-pair-training.ts';
import { fileError } from './file-error.ts';

/** Which special tokens play a part that tokenizer_config.json names. */
export interface TokenRoles {
  begin?: string;
  end?: string;
  padding?: string;
}

/** The content of tokenizer.json, as the `tokenizers` libraries of Rust, Python and JavaScript read it. */
export function tokenizerJson(model: BytePairModel): Record<string, unknown> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...model.specialTokens, ...model.wholeTexts].map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: id < model.specialTokens.length,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: model.pieces }, behavior: 'Isolated', invert: false }, byteLevel],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(model.vocabulary),
      merges: model.merges,
    },
  };
}

/**
 * Writes tokenizer.json and tokenizer_config.json into `directory`, which is made if need be. `contextLength` is the model's, in tokens.
 * Throws R5Error when a role names no special token, or a file cannot be written.
 */
export async function saveTokenizer(
  directory: string,
  model: BytePairModel,
  { roles = {}, contextLength }: { roles?: TokenRoles; contextLength?: number } = {},
): Promise<void> {
  const settings = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: specialToken(model, roles.begin),
    eos_token: specialToken(model, roles.end),
    pad_token: specialToken(model, roles.padding),
    add_bos_token: false,
    clean_up_tokenization_spaces: false,
    ...(contextLength === undefined ? {} : { model_max_length: contextLength }),
  };
  await writeJson(directory, 'tokenizer.json', tokenizerJson(model));
  await writeJson(directory, 'tokenizer_config.json', settings);
}

function specialToken(model: BytePairModel, token: string | undefined): string | null {
  if (token === undefined) return null;
  if (!model.specialTokens.includes(token)) {
    throw new R5Error(`${token} is none of the tokenizer's special tokens (${model.specialTokens.join(', ')}).`);
  }
  return token;
}

async function writeJson(directory: string, name: string, value: unknown): Promise<void> {
  const path = join(directory, name);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(path, `${JSON.stringify(value, null, 1)}\n`);
  } catch (error) {
    throw fileError('write', path, error);
  }
}
