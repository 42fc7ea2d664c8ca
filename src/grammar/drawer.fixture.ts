/** Draws answers under a grammar without a model: at random among the allowed tokens, or with a bad taste. */
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import { Random } from '../random.ts';
import { type Grammar, grammarConstraint } from './grammar.ts';

export const tinyTokenizer = (): Promise<Tokenizer> => loadTokenizer(new URL('../../models/r5-tiny', import.meta.url).pathname);

/** Chooses one of the allowed tokens. */
export type Taste = (allowed: readonly number[], random: Random, tokenizer: Tokenizer) => number;

const preferring = (score: (bytes: Uint8Array) => number): Taste => (allowed, random, tokenizer) => {
  if (random.uniform() < 0.1) return random.pick(allowed);
  const scores = allowed.map((token) => score(tokenizer.isSpecial(token) ? new Uint8Array() : tokenizer.tokenBytes(token)));
  const best = scores.reduce((most, each) => Math.max(most, each), -Infinity);
  return random.pick(allowed.filter((_, index) => scores[index] === best));
};

export const tastes: Readonly<Record<string, Taste>> = {
  uniform: (allowed, random) => random.pick(allowed),
  'quotes and brackets': preferring((bytes) => bytes.filter((byte) => '"{}[]:,\\'.includes(String.fromCharCode(byte))).length),
  longest: preferring((bytes) => bytes.length),
  shortest: preferring((bytes) => -bytes.length),
  'bytes of cut characters': preferring((bytes) => bytes.filter((byte) => byte >= 0x80).length),
  'white space': preferring((bytes) => bytes.filter((byte) => byte <= 0x20).length),
};

/** The text of an answer that ended within `maxTokens`. */
export function drawAnswer(grammar: Grammar, tokenizer: Tokenizer, { taste, maxTokens, seed }: { taste: Taste; maxTokens: number; seed: number }): string {
  const end = tokenizer.endToken ?? -1;
  const constraint = grammarConstraint(grammar, tokenizer, { endTokens: [end], maxTokens });
  const random = new Random(seed);
  const mask = new Uint8Array(tokenizer.vocabularySize);
  const bytes: Uint8Array[] = [];
  for (let used = 0; used < maxTokens; used++) {
    constraint.allowed(mask);
    const allowed: number[] = [];
    for (let token = mask.indexOf(1); token !== -1; token = mask.indexOf(1, token + 1)) allowed.push(token);
    const token = taste(allowed, random, tokenizer);
    constraint.accept(token);
    if (token === end) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(bytes));
    bytes.push(tokenizer.tokenBytes(token));
  }
  throw new Error(`no end within ${maxTokens} tokens: ${Buffer.concat(bytes).toString()}`);
}
