/** A model to use, as opposed to train: from what was typed to an open engine. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { EngineSettings } from '../train/engine-settings.ts';
import { resolveModel } from '../train/resolve-model.ts';

export interface OpenModel {
  engine: LocalEngine;
  tokenizer: Tokenizer;
  directory: string;
}

/** Opens the model, gives it to `use`, and releases it whatever happens. Throws R5Error for a model that does not load. */
export async function withModel<Result>(
  { model, runsDir, weights, contextLength, device, threads }: Pick<EngineSettings, 'weights' | 'contextLength' | 'device' | 'threads'> & { model: string; runsDir: string },
  use: (model: OpenModel) => Promise<Result>,
): Promise<Result> {
  const directory = await resolveModel(model, runsDir);
  const engine = await LocalEngine.open(directory, {
    device,
    weights,
    frozen: true,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const { tokenizer } = engine;
    if (!tokenizer) throw new R5Error(`The model ${directory} has no tokenizer.json, so it can neither read nor write text.`);
    return await use({ engine, tokenizer, directory });
  } finally {
    await engine.release();
  }
}
