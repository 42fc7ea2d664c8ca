/**
 * Trains a small byte-level tokenizer by byte-pair encoding (Gage 1994; Sennrich et al. 2016, arXiv:1508.07909): starting from the 256
 * bytes, the pair of neighbours that occurs most often becomes a token, again and again. Text is first cut into pieces that no token
 * crosses: words, numbers of one or two digits, and single other characters, each with at most one space before it.
 */
import { R5Error } from '../error.ts';
import { byteCharacters, toByteCharacters } from './byte-alphabet.ts';
import { applyMerges, MergeTable } from './merge-table.ts';
import { PairCounts } from './pair-counts.ts';

export interface BytePairOptions {
  /** Tokens in all: special tokens, 256 bytes and merged ones. */
  vocabularySize: number;
  /** They get the ids from 0 on, in this order, and are recognized in text as a whole. */
  specialTokens: readonly string[];
  /** Texts that each become one token however rare they are; each must be one piece. Default: `smallNumbers`. */
  alwaysMerge?: readonly string[];
  /** Texts that are tokens as a whole wherever they occur, and are text all the same, unlike special tokens: the frame of a tool call. Their ids follow. */
  wholeTexts?: readonly string[];
  /** The pieces that no token crosses, as a regular expression. Default: `piecePattern`. */
  pieces?: string;
}

/** A trained tokenizer; tokenizer-files.ts writes it. */
export interface BytePairModel {
  specialTokens: readonly string[];
  wholeTexts: readonly string[];
  pieces: string;
  /** Token in the byte alphabet (byte-alphabet.ts) to id; special tokens and whole texts as they are. */
  vocabulary: ReadonlyMap<string, number>;
  /** Pairs of tokens, first merged first. */
  merges: readonly (readonly [string, string])[];
}

/** The pieces that no token crosses. In JavaScript and in Rust's tokenizers (Oniguruma) it means the same. */
export const piecePattern = ' ?[A-Za-z]+| ?[0-9]{1,2}| ?[^ A-Za-z0-9]| ';

/** 0 to 99, each bare and after a space. Bare ones come first, so that the spaced ones are built from them. */
export const smallNumbers: readonly string[] = [
  ...Array.from({ length: 100 }, (_, number) => `${number}`),
  ...Array.from({ length: 100 }, (_, number) => ` ${number}`),
];

/**
 * Trains on `texts`, read once. Deterministic: of pairs that occur equally often, the one of the smallest ids wins. The vocabulary stays
 * smaller than asked for when no pair is left that occurs twice (`vocabulary.size` tells). Throws R5Error when special tokens are empty
 * or repeated, when `vocabularySize` has no room for the bytes and what must be merged, or when a text of `alwaysMerge` is not one piece.
 */
export function trainBytePair(texts: Iterable<string>, options: BytePairOptions): BytePairModel {
  const { vocabularySize, specialTokens, alwaysMerge = smallNumbers, wholeTexts = [], pieces = piecePattern } = options;
  const uncut = [...specialTokens, ...wholeTexts];
  checkSpecialTokens(uncut);
  const table = new MergeTable([...uncut, ...byteCharacters]);
  for (const text of alwaysMerge) mergeWhole(table, text, pieces);
  if (!Number.isInteger(vocabularySize) || vocabularySize < table.size) {
    throw new R5Error(
      `A vocabulary of ${vocabularySize} tokens is too small: ${uncut.length} special tokens and whole texts, 256 bytes and what must be merged ` +
        `take ${table.size}.`,
    );
  }
  const counts = new PairCounts();
  for (const [piece, count] of countPieces(texts, uncut, pieces)) counts.add(applyMerges(table, toByteCharacters(piece)), count);
  while (table.size < vocabularySize) {
    const pair = counts.mostFrequent();
    if (pair === undefined) break;
    counts.replace(pair, table.merge(pair.left, pair.right));
  }
  return { specialTokens: [...specialTokens], wholeTexts: [...wholeTexts], pieces, vocabulary: table.vocabulary(), merges: table.merges() };
}

function checkSpecialTokens(specialTokens: readonly string[]): void {
  const repeated = specialTokens.find((token, index) => token === '' || specialTokens.indexOf(token) !== index);
  if (repeated !== undefined) throw new R5Error(`The special token ${JSON.stringify(repeated)} is empty or given twice.`);
  const byteToken = specialTokens.find((token) => byteCharacters.includes(token));
  if (byteToken !== undefined) throw new R5Error(`The special token ${JSON.stringify(byteToken)} is the name of a byte; make it longer.`);
}

/** Adds the merges that make `text` one token, joining from the left what earlier merges leave apart. */
function mergeWhole(table: MergeTable, text: string, pattern: string): void {
  const pieces = text.match(new RegExp(pattern, 'gu')) ?? [];
  if (pieces.length !== 1) {
    throw new R5Error(`${JSON.stringify(text)} cannot become one token: the tokenizer cuts it into ${pieces.length} pieces.`);
  }
  let tokens = applyMerges(table, toByteCharacters(text));
  while (tokens.length > 1) {
    const [left, right, ...rest] = tokens;
    if (left === undefined || right === undefined) return;
    tokens = [table.merge(left, right), ...rest];
  }
}

/** How often each piece occurs in the texts; special tokens and whole texts written out in them are left out. */
function countPieces(texts: Iterable<string>, uncut: readonly string[], pattern: string): Map<string, number> {
  const counts = new Map<string, number>();
  const pieces = new RegExp(pattern, 'gu');
  const longestFirst = [...uncut].sort((a, b) => b.length - a.length);
  const special = new RegExp(longestFirst.map((token) => token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'u');
  for (const text of texts) {
    for (const part of uncut.length === 0 ? [text] : text.split(special)) {
      for (const piece of part.match(pieces) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  return counts;
}
