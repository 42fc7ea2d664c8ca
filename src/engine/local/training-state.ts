/** What a run needs to go on exactly: weights in the Hugging Face layout, and Adam's moments with the trained values beside them. */
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { openCheckpoint, saveCheckpoint, type Checkpoint } from '../../model/checkpoint.ts';
import { loraNameA, loraNameB, hasAdapter, type LoraOptions } from '../../model/lora.ts';
import { parameterSpecs } from '../../model/parameters.ts';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorToWrite } from '../../model/safetensors.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Parameters } from './parameters.ts';

const STATE_FILE = 'training-state.safetensors';

const metadataSchema = z.object({
  optimizerSteps: z.coerce.number().int().min(0),
  weightsVersion: z.coerce.number().int().min(0),
  /** Present exactly when adapters are trained. */
  loraAlpha: z.coerce.number().positive().optional(),
});
export type TrainingCounters = Pick<z.infer<typeof metadataSchema>, 'optimizerSteps' | 'weightsVersion'>;

/** Writes the model with adapters merged in, so that the directory is a model that anything can load. */
export async function saveWeights(
  directory: string,
  config: ModelConfig,
  parameters: Parameters,
  lora: LoraOptions | undefined,
  tokenizerFrom: string | undefined,
  dtype: 'F32' | 'F16' | 'BF16',
): Promise<void> {
  const merged = ownMatrices(parameters).map(({ name, shape }) => ({ name, shape, data: () => mergedValue(name, shape, parameters, lora) }));
  await saveCheckpoint(directory, config, merged, tokenizerFrom === undefined ? { dtype } : { dtype, copyFrom: tokenizerFrom });
}

/** The model's own parameters, adapters apart. */
const ownMatrices = ({ all, stored }: Parameters): { name: string; shape: readonly number[] }[] => [...all.filter(({ adapter }) => !adapter), ...stored];

/** W + A B alpha / rank. */
export function mergedValue(name: string, shape: readonly number[], parameters: Parameters, lora: LoraOptions | undefined): Float32Array {
  const own = parameters.float32(name);
  if (!lora || !hasAdapter(name)) return own;
  const [inputs = 0, outputs = 0] = shape;
  const a = parameters.get(loraNameA(name)).value.data;
  const b = parameters.get(loraNameB(name)).value.data;
  const merged = parameters.storedMatrix(name) ? own : own.slice();
  const scale = lora.alpha / lora.rank;
  for (let i = 0; i < inputs; i++) {
    for (let r = 0; r < lora.rank; r++) {
      const factor = (a[i * lora.rank + r] ?? 0) * scale;
      for (let o = 0; o < outputs; o++) merged[i * outputs + o] = (merged[i * outputs + o] ?? 0) + factor * (b[r * outputs + o] ?? 0);
    }
  }
  return merged;
}

/** Writes Adam's moments, adapters with their scale, and the counters. */
export async function saveTrainingState(
  directory: string,
  parameters: Parameters,
  counters: TrainingCounters,
  lora: LoraOptions | undefined,
): Promise<void> {
  const tensors: TensorToWrite[] = parameters.trained.flatMap(({ name, shape, value, training, adapter }) => [
    ...(adapter ? [{ name: `value:${name}`, shape, data: value.data }] : []),
    { name: `first:${name}`, shape, data: training.firstMoment.data },
    { name: `second:${name}`, shape, data: training.secondMoment.data },
  ]);
  const metadata = {
    optimizerSteps: String(counters.optimizerSteps),
    weightsVersion: String(counters.weightsVersion),
    ...(lora ? { loraAlpha: String(lora.alpha) } : {}),
  };
  await writeSafetensors(join(directory, STATE_FILE), tensors, { dtype: 'F32', metadata });
}

/**
 * Reads weights and state back. With adapters the model's own weights stay as they are, since they are frozen. Everything is checked
 * before the first value is replaced: throws R5Error that names what is missing or does not fit.
 */
export async function loadTrainingState(directory: string, parameters: Parameters, lora: LoraOptions | undefined): Promise<TrainingCounters> {
  const checkpoint = await openCheckpoint(directory);
  checkSameModel(checkpoint, parameters);
  const file = await openSafetensors(join(directory, STATE_FILE));
  try {
    const counters = checkState(file, parameters, lora);
    if (!lora) await checkpoint.loadParameters((name) => parameters.target(name));
    for (const { name, value, training, adapter } of parameters.trained) {
      if (adapter) await file.readInto(`value:${name}`, value.data);
      await file.readInto(`first:${name}`, training.firstMoment.data);
      await file.readInto(`second:${name}`, training.secondMoment.data);
    }
    return counters;
  } finally {
    await file.close();
  }
}

function checkSameModel({ config, directory }: Checkpoint, parameters: Parameters): void {
  const describe = (list: readonly { name: string; shape: readonly number[] }[]) => list.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  const saved = describe(parameterSpecs(config).map(({ name, internalShape }) => ({ name, shape: internalShape })));
  const own = describe(ownMatrices(parameters));
  const surplus = saved.find((text) => !own.includes(text));
  const missing = own.find((text) => !saved.includes(text));
  if (surplus === undefined && missing === undefined) return;
  throw new R5Error(`${directory} holds another model than the engine's: it has ${surplus ?? `no ${missing}`}. Open the engine from the model it belongs to.`);
}

function checkState({ path, metadata, tensors }: SafetensorsFile, parameters: Parameters, lora: LoraOptions | undefined): TrainingCounters {
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) throw new R5Error(`${path}: its metadata does not say how many steps were taken; this is not a training state of r5.`);
  const { loraAlpha, ...counters } = parsed.data;
  for (const { name, shape, adapter } of parameters.trained) {
    for (const tensor of [...(adapter ? [`value:${name}`] : []), `first:${name}`, `second:${name}`]) {
      const found = tensors.get(tensor)?.shape;
      if (found?.join() === shape.join()) continue;
      const problem = found ? `holds ${tensor} as [${found.join(', ')}] instead of [${shape.join(', ')}]` : `holds no ${tensor}`;
      throw new R5Error(`${path} ${problem}. Open the engine with the same LoRA settings as the run that saved it.`);
    }
  }
  if (loraAlpha !== lora?.alpha) {
    throw new R5Error(`${path} was saved with a LoRA alpha of ${loraAlpha ?? 'none'}, and the engine has ${lora?.alpha ?? 'none'}. Open it with the same.`);
  }
  return counters;
}
