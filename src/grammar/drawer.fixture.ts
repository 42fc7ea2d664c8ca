/** Draws answers under a grammar without a model: at random among the allowed tokens, or with a bad taste. */
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import { Random } from '../random.ts';
import { type Grammar, grammarConstraint } from './grammar.ts';

export const tinyTokenizer = (): Promise<Tokenizer> => loadTokenizer(new URL('../../models/r5-tiny', import.meta.url).pathname);

const isAny = (characters: string) => (byte: number): boolean => characters.includes(String.fromCharCode(byte));

/** What a drawer likes in the bytes of a token; of those that it likes best it takes any. */
export const tastes: Readonly<Record<string, (bytes: Uint8Array) => number>> = {
  anything: () => 0,
  'quotes and brackets': (bytes) => bytes.filter(isAny('"{}[]:,\\')).length,
  'long tokens': (bytes) => bytes.length,
  'short tokens': (bytes) => -bytes.length,
  'bytes of cut characters': (bytes) => bytes.filter((byte) => byte >= 0x80).length,
  'white space': (bytes) => bytes.filter((byte) => byte <= 0x20).length,
};

const scores = new WeakMap<Tokenizer, Map<string, Float32Array>>();

function scoresOf(tokenizer: Tokenizer, taste: string): Float32Array {
  const score = tastes[taste];
  if (!score) throw new Error(`no taste ${taste}`);
  const known = scores.get(tokenizer) ?? new Map<string, Float32Array>();
  scores.set(tokenizer, known);
  const made = known.get(taste) ?? Float32Array.from({ length: tokenizer.vocabularySize }, (_, token) => score(tokenizer.isSpecial(token) ? new Uint8Array() : tokenizer.tokenBytes(token)));
  known.set(taste, made);
  return made;
}

/** One of the allowed tokens that are liked best; one time in ten any of them. */
function choose(mask: Uint8Array, liked: Float32Array, random: Random): number {
  const anything = random.uniform() < 0.1;
  let best = -Infinity;
  let candidates: number[] = [];
  for (let token = mask.indexOf(1); token !== -1; token = mask.indexOf(1, token + 1)) {
    const score = anything ? 0 : (liked[token] ?? 0);
    if (score > best) [best, candidates] = [score, []];
    if (score === best) candidates.push(token);
  }
  return random.pick(candidates);
}

/** The text of an answer that must end within `maxTokens`. */
export function drawAnswer(grammar: Grammar, tokenizer: Tokenizer, { taste, maxTokens, seed }: { taste: string; maxTokens: number; seed: number }): string {
  const end = tokenizer.endToken ?? -1;
  const constraint = grammarConstraint(grammar, tokenizer, { endTokens: [end], maxTokens });
  const random = new Random(seed);
  const mask = new Uint8Array(tokenizer.vocabularySize);
  const liked = scoresOf(tokenizer, taste);
  const bytes: Uint8Array[] = [];
  for (let used = 0; used < maxTokens; used++) {
    constraint.allowed(mask);
    const token = choose(mask, liked, random);
    constraint.accept(token);
    if (token === end) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(bytes));
    bytes.push(tokenizer.tokenBytes(token));
  }
  throw new Error(`no end within ${maxTokens} tokens: ${Buffer.concat(bytes).toString()}`);
}
