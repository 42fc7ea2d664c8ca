/** What make_models.py writes beside each model: inputs, and the answers of Python's transformers. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../src/model/json-file.ts';

const tokens = z.array(z.int().nonnegative());

const referenceSchema = z.object({
  input_ids: z.array(tokens),
  /** [sequence][token][vocabulary] */
  logits: z.array(z.array(z.array(z.number()))),
  greedy: tokens,
  loss: z.number(),
  gradient_norm: z.number(),
  loss_after_step: z.number(),
  versions: z.object({ torch: z.string(), transformers: z.string() }),
});

export type Reference = z.output<typeof referenceSchema>;

export function readReference(directory: string): Promise<Reference> {
  return readJsonFile(join(directory, 'reference.json'), referenceSchema, 'conformance/make_models.py writes it');
}
