/**
 * Configurations and splits as a dataset's card declares them: the YAML at the head of its README.md
 * (https://huggingface.co/docs/hub/datasets-manual-configuration).
 */
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { globPattern } from './glob.ts';
import { isDataFile, splitFilesByName, type SplitFiles } from './split-files.ts';

/** A name that YAML may read as a number or a boolean. */
const nameSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const patternsSchema = z.union([z.string().transform((pattern) => [pattern]), z.array(z.string())]);

const dataFilesSchema = z.union([
  patternsSchema.transform((patterns) => [{ split: 'train', path: patterns }]),
  z.array(z.looseObject({ split: nameSchema, path: patternsSchema })),
  z.record(z.string(), patternsSchema).transform((splits) => Object.entries(splits).map(([split, path]) => ({ split, path }))),
]);

const configSchema = z.looseObject({
  config_name: nameSchema.default('default'),
  default: z.boolean().default(false),
  data_files: dataFilesSchema.optional(),
  data_dir: z.string().optional(),
});

const cardSchema = z.looseObject({ configs: z.array(configSchema).optional() });

export interface CardFiles {
  files: SplitFiles;
  /** The configuration that the card marks as the default one. */
  defaultConfig: string | undefined;
}

/**
 * The files of each split as the card in `readme` declares them, out of `paths`; undefined when it declares none.
 * Throws R5Error for a card that is no YAML or holds a `configs` that cannot be understood.
 */
export function splitFilesByCard(readme: string, paths: readonly string[], source: string): CardFiles | undefined {
  const yaml = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\s*(?:\r?\n|$)/.exec(readme)?.[1];
  const configs = yaml === undefined ? undefined : parseCard(yaml, source);
  if (configs === undefined || configs.length === 0) return undefined;
  const files: SplitFiles = new Map(configs.map((config) => [config.config_name, configFiles(config, paths)]));
  return { files, defaultConfig: configs.find((config) => config.default)?.config_name };
}

function parseCard(yaml: string, source: string): z.output<typeof configSchema>[] | undefined {
  let value: unknown;
  try {
    value = parse(yaml);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new R5Error(`The card of ${source} (the head of its README.md) is not valid YAML: ${error.message}`, { cause: error });
  }
  const card = cardSchema.safeParse(value ?? {});
  if (card.success) return card.data.configs;
  const faults = card.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new R5Error(`The card of ${source} (the head of its README.md) has configs that cannot be understood: ${faults}.`);
}

function configFiles({ data_files: declared, data_dir: folder = '' }: z.output<typeof configSchema>, paths: readonly string[]): Map<string, string[]> {
  const prefix = folder.replace(/^\.?\/?/, '').replace(/\/?$/, '/').replace(/^\/$/, '');
  const inside = paths.filter((path) => path.startsWith(prefix)).toSorted();
  if (declared === undefined) {
    // Only the names of the splits count here: the folder is the configuration's own.
    return prefixed(splitFilesByName(inside.map((path) => path.slice(prefix.length))), prefix);
  }
  return new Map(
    declared.map(({ split, path: patterns }) => {
      const wanted = patterns.map((pattern) => globPattern(prefix + pattern.replace(/^\.?\//, '')));
      return [split, inside.filter((path) => isDataFile(path) && wanted.some((pattern) => pattern.test(path)))];
    }),
  );
}

function prefixed(files: SplitFiles, prefix: string): Map<string, string[]> {
  const splits = new Map<string, string[]>();
  for (const [, config] of files) {
    for (const [split, paths] of config) splits.set(split, [...(splits.get(split) ?? []), ...paths.map((path) => prefix + path)]);
  }
  return splits;
}
