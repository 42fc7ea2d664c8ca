/** Log-probabilities of the tokens of an answer, as chat completions and the Responses API show them. */
import type { GeneratedToken } from '../../engine/engine.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';

interface ShownToken {
  token: string;
  logprob: number;
  bytes: number[];
}

export interface ShownLogprob extends ShownToken {
  top_logprobs: ShownToken[];
}

/** JSON has no infinity; what cannot be drawn is this unlikely. */
const IMPOSSIBLE = -9999;

export function showLogprob({ token, logprob, top }: GeneratedToken, tokenizer: Tokenizer): ShownLogprob {
  const show = (id: number, value: number): ShownToken => ({ token: tokenizer.tokenText(id), logprob: finite(value), bytes: [...tokenizer.tokenBytes(id)] });
  return { ...show(token, logprob), top_logprobs: top.map((one) => show(one.token, one.logprob)) };
}

export const finite = (logprob: number): number => (Number.isFinite(logprob) ? logprob : IMPOSSIBLE);
