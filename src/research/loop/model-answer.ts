/** One call of a model, as it is recorded. */
import { z } from 'zod';
import { agentCallSchema } from './agent-message.ts';

export const modelAnswerSchema = z.object({
  text: z.string(),
  /** What it thought, where the provider keeps that apart. */
  reasoning: z.string().optional(),
  /** Tools that it wants to be run. */
  calls: z.array(agentCallSchema).exactOptional(),
  finishReason: z.string(),
  role: z.string(),
  /** Which model it was. */
  model: z.string(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Whether the counts are the provider's, or estimated from the length of the texts. */
  counted: z.boolean(),
  /** US dollars; absent where no price is known. */
  cost: z.number().nonnegative().optional(),
});
export type ModelAnswer = z.infer<typeof modelAnswerSchema>;

/** Tokens of a text when nobody has counted, on the high side, so that budgets hold: bytes, since a sign of Chinese is a token and takes three. */
export const estimatedTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 3);
