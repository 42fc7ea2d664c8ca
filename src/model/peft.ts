/**
 * Low-rank adapters in the files of Python's PEFT: adapter_config.json and adapter_model.safetensors. PEFT holds A as [rank, in] and B as
 * [out, rank] under `base_model.model.<module>.lora_A.weight`; in the engine they are [in, rank] and [rank, out].
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { readJsonFile } from './json-file.ts';
import { LORA_TARGETS, type LoraOptions } from './lora.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import { transposeInto } from './transpose.ts';

const PREFIX = 'base_model.model.';

/** A matrix of an adapter under the engine's name (`model.layers.0.self_attn.q_proj.lora_A.weight`) and in its layout. */
export interface AdapterMatrix {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

function transposed({ shape: [rows = 0, columns = 0], data }: Pick<AdapterMatrix, 'shape' | 'data'>): { shape: readonly number[]; data: Float32Array } {
  const turned = new Float32Array(data.length);
  transposeInto(data, rows, columns, turned);
  return { shape: [columns, rows], data: turned };
}

/** Writes the two files. `base` is what PEFT loads the adapter onto: a directory or a name on the hub. */
export async function writePeftAdapter(directory: string, matrices: readonly AdapterMatrix[], { rank, alpha }: LoraOptions, base: string): Promise<void> {
  const config = {
    peft_type: 'LORA', task_type: 'CAUSAL_LM', base_model_name_or_path: base, r: rank, lora_alpha: alpha, lora_dropout: 0, bias: 'none', target_modules: [...LORA_TARGETS],
    fan_in_fan_out: false, inference_mode: true, init_lora_weights: true, use_rslora: false, use_dora: false, modules_to_save: null, rank_pattern: {}, alpha_pattern: {},
  };
  const path = join(directory, 'adapter_config.json');
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(path, `${JSON.stringify(config, null, 2)}\n`);
  } catch (error) {
    throw fileError('write', path, error);
  }
  const tensors = matrices.map((matrix) => ({ name: `${PREFIX}${matrix.name}`, ...transposed(matrix) }));
  await writeSafetensors(join(directory, 'adapter_model.safetensors'), tensors, { dtype: 'F32', metadata: { format: 'pt' } });
}

const configSchema = z.looseObject({
  peft_type: z.string(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  target_modules: z.union([z.array(z.string()), z.string()]).nullish(),
  bias: z.string().default('none'),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
  fan_in_fan_out: z.boolean().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  rank_pattern: z.record(z.string(), z.number()).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
});

export interface PeftAdapter extends LoraOptions {
  matrices: AdapterMatrix[];
}

/** Throws R5Error that names what is not plain LoRA on linear layers of blocks. */
export async function readPeftAdapter(directory: string): Promise<PeftAdapter> {
  const path = join(directory, 'adapter_config.json');
  const config = await readJsonFile(path, configSchema, 'an adapter in the form of PEFT has it');
  const refuse = (what: string): never => {
    throw new R5Error(`${path}: ${what} is not supported; r5 reads plain LoRA.`);
  };
  if (config.peft_type !== 'LORA') refuse(`peft_type ${config.peft_type}`);
  if (config.bias !== 'none') refuse(`bias ${config.bias}`);
  if (config.use_dora) refuse('use_dora');
  if (config.fan_in_fan_out) refuse('fan_in_fan_out');
  if ((config.modules_to_save ?? []).length > 0) refuse(`modules_to_save ${config.modules_to_save?.join(', ')}`);
  for (const field of ['rank_pattern', 'alpha_pattern'] as const) if (Object.keys(config[field] ?? {}).length > 0) refuse(field);
  const file = await openSafetensors(join(directory, 'adapter_model.safetensors'));
  try {
    const matrices: AdapterMatrix[] = [];
    for (const [name, { shape }] of file.tensors) {
      const own = /^base_model\.model\.(model\.layers\.\d+\.\w+\.(\w+)\.lora_[AB])(?:\.default)?\.weight$/.exec(name);
      if (!own || !LORA_TARGETS.some((target) => target === own[2])) throw new R5Error(`${file.path}: the tensor ${name} is no matrix of an adapter that r5 has.`);
      matrices.push({ name: `${own[1]}.weight`, ...transposed({ shape, data: await file.read(name) }) });
    }
    const rank = config.r;
    return { rank, alpha: config.use_rslora ? config.lora_alpha * Math.sqrt(rank) : config.lora_alpha, matrices };
  } finally {
    await file.close();
  }
}

