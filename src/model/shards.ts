/**
 * The weight files of a model directory: one `model.safetensors`, or several that `model.safetensors.index.json` lists by tensor
 * (`weight_map`), as transformers writes models that are larger than its shard size.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { isMissingFile, fileError } from './file-error.ts';
import { readOptionalJsonFile } from './json-file.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors.ts';

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The directory's weight files, open, and which of them holds each tensor. */
export interface WeightFiles {
  tensors: ReadonlyMap<string, SafetensorsFile>;
  close(): Promise<void>;
}

/**
 * Opens all weight files of `directory` and reads their headers. Throws R5Error when there are none, when the index names a file that is
 * missing or a tensor that its file does not hold, or when two files hold the same tensor.
 */
export async function openWeightFiles(directory: string): Promise<WeightFiles> {
  const single = join(directory, 'model.safetensors');
  if (await exists(single)) return openAll(directory, ['model.safetensors']);
  const indexPath = `${single}.index.json`;
  const index = await readOptionalJsonFile(indexPath, indexSchema);
  if (index === undefined) throw await missingWeights(directory);
  const fileNames = [...new Set(Object.values(index.weight_map))];
  for (const name of fileNames) {
    if (/[/\\]/.test(name)) {
      throw new R5Error(`${indexPath}: the weight file ${JSON.stringify(name)} must be a plain name in the same folder.`);
    }
    if (!(await exists(join(directory, name)))) {
      throw new R5Error(`${join(directory, name)} is missing: ${indexPath} says that it holds a part of the weights.`);
    }
  }
  const files = await openAll(directory, fileNames);
  for (const [tensor, name] of Object.entries(index.weight_map)) {
    if (files.tensors.get(tensor)?.path === join(directory, name)) continue;
    await files.close();
    throw new R5Error(`${join(directory, name)} does not hold the tensor ${tensor}, although ${indexPath} says so.`);
  }
  return files;
}

async function openAll(directory: string, names: readonly string[]): Promise<WeightFiles> {
  const files: SafetensorsFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(files.map((file) => file.close()));
  };
  try {
    const tensors = new Map<string, SafetensorsFile>();
    for (const name of names) {
      const file = await openSafetensors(join(directory, name));
      files.push(file);
      for (const tensor of file.tensors.keys()) {
        const other = tensors.get(tensor);
        if (other !== undefined) {
          throw new R5Error(`${file.path} and ${other.path} both hold the tensor ${tensor}. Remove the one that does not belong here.`);
        }
        tensors.set(tensor, file);
      }
    }
    return { tensors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw fileError('open', path, error);
  }
}

async function missingWeights(directory: string): Promise<R5Error> {
  const wanted = `${join(directory, 'model.safetensors')} is missing, and so is model.safetensors.index.json`;
  for (const other of ['pytorch_model.bin', 'pytorch_model.bin.index.json']) {
    if (await exists(join(directory, other))) {
      return new R5Error(`${wanted}. There is ${other}, which r5 does not read (loading it would run code): convert it to safetensors.`);
    }
  }
  return new R5Error(`${wanted}: the folder holds no weights that r5 can read.`);
}
