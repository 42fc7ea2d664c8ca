/** A model to use, as opposed to train: from what was typed to an open engine. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { EngineSettings } from './engine-settings.ts';
import { resolveModel } from './resolve-model.ts';

export interface OpenModel {
  engine: LocalEngine;
  tokenizer: Tokenizer;
  directory: string;
}

/** How a model is opened for use; all optional. */
export interface OpenModelSettings extends Partial<Pick<EngineSettings, 'weights' | 'device'>>, Pick<EngineSettings, 'contextLength' | 'threads'> {
  /** Directory of an adapter in the form of PEFT. */
  adapter?: string | undefined;
  /** Rows that decode together. */
  decodeRows?: number;
}

/**
 * Opens a model with frozen weights: `r5-tiny`, a directory, a run's newest checkpoint, or a model of the hub. The caller releases the engine.
 * Throws R5Error for a model that does not load or has no tokenizer.
 */
export async function openModel(wanted: string, runsDirectory: string, { weights, device, contextLength, threads, adapter, decodeRows }: OpenModelSettings = {}): Promise<OpenModel> {
  const directory = await resolveModel(wanted, runsDirectory);
  const engine = await LocalEngine.open(directory, {
    frozen: true,
    ...(device === undefined ? {} : { device }),
    ...(weights === undefined ? {} : { weights }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(threads === undefined ? {} : { threads }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(decodeRows === undefined ? {} : { decodeRows }),
  });
  const { tokenizer } = engine;
  if (tokenizer) return { engine, tokenizer, directory };
  await engine.release();
  throw new R5Error(`The model ${directory} has no tokenizer.json, so it can neither read nor write text.`);
}
