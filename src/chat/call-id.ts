import { hashWords } from '../random.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/**
 * Name of a tool call for models that give none: a function of the prompt, the seed and the call's place in the answer. Nine letters and
 * digits, because Mistral's templates refuse anything else.
 */
export function callId(prompt: readonly number[], seed: number, index: number): string {
  const name = prompt.reduce((hash, token) => hashWords(hash, token), seed);
  return Array.from({ length: 9 }, (_, i) => ALPHABET.charAt(hashWords(name, index, i) % ALPHABET.length)).join('');
}
