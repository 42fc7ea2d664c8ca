/**
 * The texts of a vocabulary as a tree of bytes, laid out flat in the order of a walk: a grammar follows all tokens at once and leaves out a
 * whole branch where a byte may not come.
 */
import { R5Error } from '../error.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

export interface TokenTrie {
  readonly size: number;
  /** Per node: its byte, how many bytes lead to it, and the node behind its branch. */
  readonly bytes: Uint8Array;
  readonly depths: Uint16Array;
  readonly ends: Int32Array;
  /** Per node: its tokens are `tokens[firstToken[node]]` to before `tokens[firstToken[node + 1]]`. */
  readonly firstToken: Int32Array;
  readonly tokens: Int32Array;
  readonly longest: number;
}

/** Tokens of more bytes are kept apart: there are few, and they look further ahead (token-masks.ts). */
export const SHORT_TOKEN = 24;

export interface TokenTries {
  readonly short: TokenTrie;
  readonly long: TokenTrie;
  /** Largest token id + 1. */
  readonly vocabularySize: number;
  /** Whether there is a token for each byte that UTF-8 texts have, so that any text can be written one byte a token. */
  readonly hasAllBytes: boolean;
}

const known = new WeakMap<Tokenizer, TokenTries>();

/** The tries of a tokenizer, made once. Special tokens and those without text are left out. */
export function tokenTries(tokenizer: Tokenizer): TokenTries {
  const made = known.get(tokenizer) ?? makeTries(tokenizer);
  known.set(tokenizer, made);
  return made;
}

interface Entry {
  bytes: Uint8Array;
  /** The bytes as characters: engines compare texts faster than lists of bytes. */
  order: string;
  token: number;
}

function makeTries(tokenizer: Tokenizer): TokenTries {
  const entries: Entry[] = [];
  for (let token = 0; token < tokenizer.vocabularySize; token++) {
    if (tokenizer.isSpecial(token)) continue;
    const bytes = tokenizer.tokenBytes(token);
    if (bytes.length > 0) entries.push({ bytes, order: Buffer.from(bytes).toString('latin1'), token });
  }
  if (entries.length === 0) throw new R5Error('The tokenizer has no token with text, so nothing can be written with a grammar.');
  entries.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.token - b.token));
  const single = new Set(entries.filter(({ bytes }) => bytes.length === 1).map(({ bytes }) => bytes[0]));
  return {
    short: makeTrie(entries.filter(({ bytes }) => bytes.length <= SHORT_TOKEN)),
    long: makeTrie(entries.filter(({ bytes }) => bytes.length > SHORT_TOKEN)),
    vocabularySize: tokenizer.vocabularySize,
    hasAllBytes: Array.from({ length: 256 }, (_, byte) => byte).every((byte) => !isTextByte(byte) || single.has(byte)),
  };
}

/** Control characters are not asked for: JSON has no need of them but the line break, which is never the only way on. */
const isTextByte = (byte: number): boolean => byte >= 0x20 && byte !== 0x7f && byte !== 0xc0 && byte !== 0xc1 && byte < 0xf5;

/** Sorted entries share their beginnings with the entry before. */
function makeTrie(entries: readonly Entry[]): TokenTrie {
  const bytes: number[] = [];
  const depths: number[] = [];
  const firstToken: number[] = [];
  const tokens: number[] = [];
  let before: Uint8Array = new Uint8Array();
  for (const entry of entries) {
    let shared = 0;
    while (shared < before.length && before[shared] === entry.bytes[shared]) shared++;
    for (let depth = shared; depth < entry.bytes.length; depth++) {
      bytes.push(entry.bytes[depth] ?? 0);
      depths.push(depth + 1);
      firstToken.push(tokens.length);
    }
    tokens.push(entry.token);
    before = entry.bytes;
  }
  firstToken.push(tokens.length);
  return {
    size: bytes.length,
    bytes: Uint8Array.from(bytes),
    depths: Uint16Array.from(depths),
    ends: branchEnds(depths),
    firstToken: Int32Array.from(firstToken),
    tokens: Int32Array.from(tokens),
    longest: depths.reduce((longest, depth) => Math.max(longest, depth), 0),
  };
}

/** The first node behind each that is not deeper than it. */
function branchEnds(depths: readonly number[]): Int32Array {
  const ends = new Int32Array(depths.length);
  const open: number[] = [];
  for (const [node, depth] of depths.entries()) {
    while (open.length >= depth) ends[open.pop() ?? 0] = node;
    open.push(node);
  }
  for (const node of open) ends[node] = depths.length;
  return ends;
}
