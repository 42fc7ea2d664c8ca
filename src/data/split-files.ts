/** Which files make up which split of which configuration, told from their names, as the `datasets` library does. */
import { basename, dirname } from 'node:path/posix';
import { rowFormat } from './row-file.ts';

/** Files of each split of each configuration, in the order in which their rows follow each other. */
export type SplitFiles = Map<string, Map<string, string[]>>;

export const DEFAULT_CONFIG = 'default';

/** The words that stand for a split in the names of files and folders. */
const SPLIT_WORDS: Readonly<Record<string, string>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  eval: 'test',
  evaluation: 'test',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
};

/** Files beside the data that hold none. */
const ABOUT_THE_DATA = new Set(['dataset_infos.json', 'dataset_info.json', 'dataset_dict.json', 'state.json', 'package.json', 'config.json']);

/** The name that stands for the same split (`dev`: validation), or the name itself. */
export const splitName = (name: string): string => SPLIT_WORDS[name.toLowerCase()] ?? name;

/**
 * Sorts paths (forward slashes, relative to the dataset) into configurations and splits:
 * `data/train-00000-of-00002.parquet`, `main/test.jsonl`, `main/train/0000.parquet`, `gsm8k_dev.csv`. The outermost folder that is no
 * split and not `data` is the configuration. Without any such word all files are the split `train`, and each is a split by its name.
 * Where files of several formats lie side by side, only those of the most frequent one count.
 */
export function splitFilesByName(paths: readonly string[]): SplitFiles {
  const configs = new Map<string, string[]>();
  for (const path of ofMostFrequentFormat(paths.filter(isDataFile)).toSorted()) append(configs, configOf(path), path);
  return new Map([...configs].map(([config, files]) => [config, splitsOf(files)]));
}

/** Whether the name is that of a file of rows. */
export function isDataFile(path: string): boolean {
  const parts = path.split('/');
  return rowFormat(path) !== undefined && !parts.some((part) => part.startsWith('.')) && !ABOUT_THE_DATA.has(parts.at(-1) ?? '');
}

/** The split that the path speaks of, if any. */
export function splitOfPath(path: string): string | undefined {
  const sharded = /^(\w+)-\d{5}-of-\d{5}/.exec(basename(path))?.[1];
  // What the hub's own tools write: the name of the split as it is, such as train_sft beside train_gen.
  if (sharded !== undefined && basename(dirname(path)) === 'data') return sharded;
  for (const name of [stem(path), ...dirname(path).split('/').toReversed()]) {
    const word = name.toLowerCase().split(/[^a-z]+/).find((part) => Object.hasOwn(SPLIT_WORDS, part));
    if (word !== undefined) return SPLIT_WORDS[word];
  }
  return sharded;
}

function splitsOf(files: readonly string[]): Map<string, string[]> {
  const splits = new Map<string, string[]>();
  const anyNamed = files.some((file) => splitOfPath(file) !== undefined);
  for (const file of files) append(splits, splitOfPath(file) ?? stem(file), file);
  if (!anyNamed && !splits.has('train')) splits.set('train', [...files]);
  return splits;
}

function configOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.find((folder) => folder !== 'data' && folder !== '.' && !Object.hasOwn(SPLIT_WORDS, folder.toLowerCase())) ?? DEFAULT_CONFIG;
}

function ofMostFrequentFormat(paths: readonly string[]): string[] {
  const formats = Map.groupBy(paths, rowFormat);
  const [most] = [...formats.values()].toSorted((a, b) => b.length - a.length);
  return most ?? [];
}

const stem = (path: string): string => basename(path).replace(/\.\w+(\.gz)?$/, '');

function append(groups: Map<string, string[]>, key: string, value: string): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
