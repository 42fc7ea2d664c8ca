/** A programming problem in the form of MBPP (Austin et al. 2021): a text, assertions, and a program that fulfils them. */
import { z } from 'zod';

const sourceText = z.string().refine((text) => text.trim() !== '', 'must not be empty');

export const codeRowSchema = z.looseObject({
  prompt: sourceText,
  /** A list of tests, or one; each is the body of an async function. */
  tests: z.union([z.array(sourceText).min(1), sourceText.transform((test) => [test])]),
  /** Reference solution, in JavaScript or TypeScript. */
  code: sourceText,
  /** Name that the tests call. Without it the prompt shows the first test. */
  entry_point: sourceText.nullish(),
});

export type CodeRow = z.output<typeof codeRowSchema>;
