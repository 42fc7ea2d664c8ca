/**
 * Models in the Hugging Face directory layout: config.json, weights in safetensors files, tokenizer files. Loading gives the weights in
 * the layout that parameters.ts describes; saving writes them back, bit for bit in F32.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { R5Error } from '../error.ts';
import { type ModelConfig, readModelConfig, toHuggingFaceConfig } from './config.ts';
import { fileError, isMissingFile } from './file-error.ts';
import { elementCount, fileTensors, type ParameterSpec, parameterSpecs } from './parameters.ts';
import { type CheckpointDtype, type TensorToWrite, writeSafetensors } from './safetensors.ts';
import { openWeightFiles, type WeightFiles } from './shards.ts';
import { transposeInto } from './transpose.ts';

export interface Checkpoint {
  readonly directory: string;
  readonly config: ModelConfig;
  /**
   * Reads every parameter, in the order of `parameterSpecs`, into the array that `into` returns for it; the array must have exactly
   * the parameter's number of elements. `shape` is the internal shape ([in, out] for a linear layer). A returned promise is awaited.
   */
  loadParameters(into: (name: string, shape: readonly number[]) => ParameterTarget | Promise<ParameterTarget>): Promise<void>;
}

/** The array to fill, or a function that is given the values in the layout of files ([out, in] for a linear layer). */
export type ParameterTarget = Float32Array | ((stored: Float32Array) => void);

/** A parameter in the internal layout: a linear layer's weight is [in, out]. */
export interface Parameter {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

export interface ParameterToSave extends Omit<Parameter, 'data'> {
  /** A function is called when the tensor is written, so that not all need be in memory at once. */
  data: Float32Array | (() => Float32Array);
}

/**
 * Reads a model directory's config.json and the headers of its weight files, and checks that they hold exactly the parameters of that
 * model. Throws R5Error that names a missing file, an unsupported architecture, or the tensors that are missing, surplus or of another
 * shape. The weights themselves are read by `loadParameters`.
 */
export async function openCheckpoint(directory: string): Promise<Checkpoint> {
  const config = await readModelConfig(directory);
  const specs = parameterSpecs(config);
  const files = await openWeightFiles(directory);
  try {
    checkTensors(specs, files, config, directory);
  } finally {
    await files.close();
  }
  return {
    directory,
    config,
    loadParameters: async (into) => {
      const weights = await openWeightFiles(directory);
      try {
        checkTensors(specs, weights, config, directory);
        for (const spec of specs) await loadParameter(spec, weights, await into(spec.name, spec.internalShape));
      } finally {
        await weights.close();
      }
    },
  };
}

async function loadParameter(spec: ParameterSpec, weights: WeightFiles, target: ParameterTarget): Promise<void> {
  const count = elementCount(spec);
  if (typeof target !== 'function' && target.length !== count) throw new RangeError(`${spec.name} has ${count} elements, the array given for it ${target.length}`);
  const name = spec.part?.name ?? spec.name;
  const file = weights.tensors.get(name);
  if (file === undefined) throw new R5Error(`The weight files hold no tensor named ${name}.`);
  if (typeof target !== 'function' && !spec.transposed && !spec.part) return file.readInto(name, target);
  const stored = partOf(spec, await file.read(name));
  if (typeof target === 'function') return target(stored);
  const [rows = 0, columns = 0] = spec.shape;
  if (spec.transposed) transposeInto(stored, rows, columns, target);
  else target.set(stored);
}

/** The rows of a tensor of a file that are the parameter's, in the parameter's order. */
function partOf({ part, shape: [rows = 0, columns = 1], fileRow }: ParameterSpec, tensor: Float32Array): Float32Array {
  const own = part ? tensor.subarray(part.start * columns, (part.start + rows) * columns) : tensor;
  if (!fileRow) return own;
  const ordered = new Float32Array(own.length);
  for (let row = 0; row < rows; row++) ordered.set(own.subarray(fileRow(row) * columns, (fileRow(row) + 1) * columns), row * columns);
  return ordered;
}

function checkTensors(specs: readonly ParameterSpec[], weights: WeightFiles, config: ModelConfig, directory: string): void {
  const wanted = fileTensors(specs);
  const missing = [...wanted.keys()].filter((name) => !weights.tensors.has(name));
  if (missing.length > 0) {
    const untied = missing.includes('lm_head.weight');
    const hint = untied ? ' If the output projection is the embedding, config.json must say tie_word_embeddings.' : '';
    throw new R5Error(`${directory}: the weights lack ${listed(missing)}, which a ${config.family} model of this config.json has.${hint}`);
  }
  for (const [name, { shape }] of wanted) {
    const file = weights.tensors.get(name);
    const found = file?.tensors.get(name)?.shape ?? [];
    if (found.join() !== shape.join()) {
      throw new R5Error(`${file?.path}: tensor ${name} has shape [${found.join(', ')}]; by config.json it must be [${shape.join(', ')}].`);
    }
  }
  const surplus = [...weights.tensors.keys()].filter((name) => !wanted.has(name) && !isHarmless(name, config));
  if (surplus.length > 0) {
    throw new R5Error(
      `${directory}: the weights hold ${listed(surplus)}, which a ${config.family} model of this config.json does not have. ` +
        'r5 does not leave weights out; check that config.json belongs to these weights.',
    );
  }
}

/** Tensors that follow from the rest: rotary frequencies that old releases stored, and the copy of a tied embedding. */
function isHarmless(name: string, config: ModelConfig): boolean {
  return name.endsWith('rotary_emb.inv_freq') || (config.tieEmbeddings && name === 'lm_head.weight');
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more tensors` : `the tensor${names.length > 1 ? 's' : ''} ${shown}`;
}

/** What belongs to a model besides its shape and weights. A model is complete without most of them, but not without its tokenizer. */
const companionFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'generation_config.json',
];

/**
 * Writes config.json and model.safetensors (element type `dtype`, default F32) into `directory`, which is made if need be, and copies
 * the tokenizer's files from the model directory `copyFrom`. `parameters` are in the internal layout and must be exactly those of
 * `parameterSpecs(config)`, in any order. Not atomic: write aside and rename where a crash must leave an older model whole. Throws
 * R5Error when a parameter is missing, surplus, given twice or of another shape, and when a file cannot be written.
 */
export async function saveCheckpoint(
  directory: string,
  config: ModelConfig,
  parameters: Iterable<ParameterToSave>,
  options: { dtype?: CheckpointDtype; copyFrom?: string } = {},
): Promise<void> {
  const { dtype = 'F32', copyFrom } = options;
  const tensors = tensorsToWrite(config, parameters);
  const configPath = join(directory, 'config.json');
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(configPath, `${JSON.stringify(toHuggingFaceConfig(config, dtype), null, 2)}\n`);
  } catch (error) {
    throw fileError('write', configPath, error);
  }
  // Python's transformers refuses files that do not say which framework's layout they follow.
  await writeSafetensors(join(directory, 'model.safetensors'), tensors, { dtype, metadata: { format: 'pt' } });
  if (copyFrom !== undefined && resolve(copyFrom) !== resolve(directory)) await copyCompanionFiles(copyFrom, directory);
}

function tensorsToWrite(config: ModelConfig, parameters: Iterable<ParameterToSave>): TensorToWrite[] {
  const given = new Map<string, ParameterToSave>();
  for (const parameter of parameters) {
    if (given.has(parameter.name)) throw new R5Error(`Cannot save the model: the parameter ${parameter.name} is given twice.`);
    given.set(parameter.name, parameter);
  }
  const take = (spec: ParameterSpec): TensorToWrite => {
    const parameter = given.get(spec.name);
    if (parameter === undefined) throw new R5Error(`Cannot save the model: the parameter ${spec.name} is missing.`);
    given.delete(spec.name);
    return tensorToWrite(spec, parameter);
  };
  const tensors = [...fileTensors(parameterSpecs(config))].map(([name, { shape, parts }]): TensorToWrite => {
    const written = parts.map((spec) => ({ spec, tensor: take(spec) }));
    const [first] = written;
    if (first && !first.spec.part) return first.tensor;
    return { name, shape, data: () => joinParts(shape, written) };
  });
  if (given.size > 0) throw new R5Error(`Cannot save the model: it has no parameters named ${[...given.keys()].join(', ')}.`);
  return tensors;
}

/** Parameters that share a tensor, put where files have them. */
function joinParts(shape: readonly number[], parts: readonly { spec: ParameterSpec; tensor: TensorToWrite }[]): Float32Array {
  const [, columns = 1] = shape;
  const joined = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (const { spec: { part, fileRow, shape: [rows = 0] }, tensor: { data } } of parts) {
    const values = typeof data === 'function' ? data() : data;
    for (let row = 0; row < rows; row++) {
      const place = (part?.start ?? 0) + (fileRow?.(row) ?? row);
      joined.set(values.subarray(row * columns, (row + 1) * columns), place * columns);
    }
  }
  return joined;
}

function tensorToWrite(spec: ParameterSpec, { name, shape, data }: ParameterToSave): TensorToWrite {
  const length = typeof data === 'function' ? elementCount(spec) : data.length;
  if (shape.join() !== spec.internalShape.join() || length !== elementCount(spec)) {
    throw new R5Error(
      `Cannot save the model: ${name} is given as [${shape.join(', ')}] with ${length} elements; ` +
        `it must be [${spec.internalShape.join(', ')}].`,
    );
  }
  if (!spec.transposed) return { name, shape: spec.shape, data };
  const [rows = 0, columns = 0] = spec.internalShape;
  return {
    name,
    shape: spec.shape,
    data: () => {
      const transposed = new Float32Array(length);
      transposeInto(typeof data === 'function' ? data() : data, rows, columns, transposed);
      return transposed;
    },
  };
}

async function copyCompanionFiles(from: string, to: string): Promise<void> {
  for (const name of companionFiles) {
    const source = join(from, name);
    try {
      await copyFile(source, join(to, name), constants.COPYFILE_FICLONE);
    } catch (error) {
      if (isMissingFile(error) && name !== 'tokenizer.json') continue;
      throw fileError('copy', source, error);
    }
  }
}
