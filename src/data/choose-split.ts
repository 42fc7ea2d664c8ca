/** One split out of those that a dataset has. */
import { R5Error } from '../error.ts';
import { DEFAULT_CONFIG, splitName, type SplitFiles } from './split-files.ts';

export interface WantedSplit {
  config?: string | undefined;
  split?: string | undefined;
}

/**
 * Files of the wanted split. Without a configuration: the only one, `default`, or the one that the dataset marks; without a split:
 * `train`, or the only one. Throws R5Error that lists what is there.
 */
export function chooseSplit(files: SplitFiles, { config, split }: WantedSplit, source: string, marked?: string): string[] {
  const configName = config ?? (files.size === 1 ? [...files.keys()][0] : (marked ?? DEFAULT_CONFIG));
  const splits = files.get(configName ?? '');
  if (!splits) {
    const asked = config === undefined ? 'has several configurations; choose one' : `has no configuration '${config}'; it has`;
    throw new R5Error(`${source} ${asked}: ${list(files.keys())}. With a dataset of the hub: owner/name:configuration.`);
  }
  const wanted = split ?? (splits.has('train') || splits.size !== 1 ? 'train' : [...splits.keys()][0]) ?? 'train';
  const found = splits.get(wanted) ?? [...splits].find(([name]) => splitName(name) === splitName(wanted))?.[1];
  if (!found || found.length === 0) {
    const where = files.size > 1 ? ` in the configuration '${configName}'` : '';
    throw new R5Error(`${source} has no split '${wanted}'${where}; it has ${list([...splits].filter(([, paths]) => paths.length > 0).map(([name]) => name))}.`);
  }
  const part = missingPart(found);
  if (part !== undefined) throw new R5Error(`${source} holds only a part of the split '${wanted}': ${part} is missing.`);
  return found;
}

/** A part that is not there, of files that say how many they are (`train-00000-of-00002.parquet`). */
function missingPart(files: readonly string[]): string | undefined {
  for (const file of files) {
    const [name, before = '', count = '', after = ''] = /^(.*-)\d{5}-of-(\d{5})(.*)$/.exec(file) ?? [];
    // Behind a hash in the name no other part's name can be told.
    if (name === undefined || /-[0-9a-f]{16}\./.test(after)) continue;
    for (let index = 0; index < Number(count); index++) {
      const part = `${before}${String(index).padStart(5, '0')}-of-${count}${after}`;
      if (!files.includes(part)) return part;
    }
  }
  return undefined;
}

const list = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ') || 'none';
