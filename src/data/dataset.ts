/** Rows of a dataset, from wherever it lies: a file, a folder, or a dataset on the Hugging Face hub. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { R5Error } from '../error.ts';
import { openHubDataset } from '../hub/dataset.ts';
import { fileError, isMissingFile, systemCode } from '../hub/file-error.ts';
import type { HubSettings } from '../hub/hub-settings.ts';
import type { OnHubProgress } from '../hub/progress.ts';
import { parseRepository, shownRepository, type Repository } from '../hub/repository.ts';
import { chooseSplit, type WantedSplit } from './choose-split.ts';
import { renameColumns, type ColumnNames } from './columns.ts';
import { splitFilesByCard } from './dataset-card.ts';
import { readRowFile, ROW_FILE_ENDINGS, rowFormat } from './row-file.ts';
import type { Row } from './row.ts';
import { splitFilesByName, splitName, splitOfPath } from './split-files.ts';

export interface LoadDatasetOptions {
  /** `train`, `test`, `validation` or what the data calls it. Without it `train`, or the only split. */
  split?: string | undefined;
  /** Configuration of a dataset that has several. */
  config?: string | undefined;
  /** New name -> name in the data; other columns stay as they are. */
  columns?: ColumnNames | undefined;
  /** Told of downloads from the hub. */
  onProgress?: OnHubProgress | undefined;
  /** Of the hub; from the environment by default. */
  settings?: HubSettings;
}

/** Files of one split, and what they are to be called in an error about columns. */
interface Found {
  files: readonly string[];
  source: string;
}

const CARD = 'README.md';

/**
 * All rows of a split, as plain JSON values.
 *
 * `source` is a file (.jsonl, .json, .csv, .tsv, .parquet; text also as .gz), a folder whose files carry their split in the name
 * (`train.jsonl`, `data/test-00000-of-00001.parquet`), or a dataset of the hub: `owner/name`, `owner/name:configuration`, with
 * `@revision` behind it. A path that exists wins. A file that names a split holds that one; any other file is whatever split is wanted.
 * Throws R5Error that names file, row and column and says what there is instead.
 */
export async function loadDataset(source: string, options: LoadDatasetOptions = {}): Promise<Row[]> {
  const { files, source: shown } = await findFiles(source, options);
  const rows: Row[] = [];
  for (const file of files) {
    for (const row of await readRowFile(file)) rows.push(row);
  }
  if (rows.length === 0) throw new R5Error(`${shown} holds no rows.`);
  return options.columns === undefined ? rows : renameColumns(rows, options.columns, shown);
}

async function findFiles(source: string, options: LoadDatasetOptions): Promise<Found> {
  const kind = await kindOfPath(source);
  if (kind === 'file') return fromFile(source, options);
  if (kind === 'folder') return fromFolder(source, options);
  const repository = rowFormat(source) === undefined ? parseRepository('dataset', source) : undefined;
  if (!repository) {
    const forms = `a file (${ROW_FILE_ENDINGS}), a folder, or a dataset of the hub (owner/name)`;
    throw new R5Error(`There is no dataset '${source}': no such file or folder. Give ${forms}.`);
  }
  return fromHub(repository, { ...options, config: options.config ?? repository.config });
}

async function kindOfPath(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isMissingFile(error) || systemCode(error) === 'ENOTDIR') return undefined;
    throw fileError('open', path, error);
  }
}

function fromFile(path: string, { split, config }: WantedSplit): Found {
  if (config !== undefined) throw new R5Error(`${path} is one file, so it has no configuration '${config}'.`);
  const own = splitOfPath(path.split(/[/\\]/).at(-1) ?? path);
  if (split !== undefined && own !== undefined && splitName(own) !== splitName(split)) {
    throw new R5Error(`${path} is the split '${own}' by its name, but '${split}' is wanted. Give the folder that holds both.`);
  }
  return { files: [path], source: path };
}

/** Folders below a dataset's folder that are looked into. */
const DEPTH = 3;

async function fromFolder(folder: string, wanted: WantedSplit): Promise<Found> {
  const paths = await pathsBelow(folder);
  const readme = paths.includes(CARD) ? await readText(join(folder, CARD)) : '';
  const files = choose(readme, paths, wanted, folder);
  return { files: files.map((path) => join(folder, path)), source: folder };
}

async function pathsBelow(folder: string, depth = DEPTH): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError('read', folder, error);
  });
  const paths = entries.map(async (entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    if (!entry.isDirectory()) return [entry.name];
    return depth <= 1 ? [] : (await pathsBelow(join(folder, entry.name), depth - 1)).map((path) => `${entry.name}/${path}`);
  });
  return (await Promise.all(paths)).flat();
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError('read', path, error);
  });
}

async function fromHub(repository: Repository, options: LoadDatasetOptions): Promise<Found> {
  const { onProgress, settings } = options;
  const shown = shownRepository(repository);
  const dataset = await openHubDataset(repository, { onProgress, ...(settings === undefined ? {} : { settings }) });
  const readme = dataset.paths.includes(CARD) ? await readText(join(await dataset.fetch([CARD]), CARD)) : '';
  const files = choose(readme, dataset.paths, options, shown);
  const folder = await dataset.fetch(files);
  return { files: files.map((path) => join(folder, path)), source: shown };
}

function choose(readme: string, paths: readonly string[], wanted: WantedSplit, source: string): string[] {
  const card = splitFilesByCard(readme, paths, source);
  const files = card?.files ?? splitFilesByName(paths);
  if (files.size === 0) {
    const script = paths.find((path) => path.endsWith('.py'));
    const advice = script === undefined ? `r5 reads ${ROW_FILE_ENDINGS}` : `it is made by the script ${script}, which r5 does not run; try ${source}@refs/convert/parquet`;
    throw new R5Error(`${source} holds no files of rows: ${advice}.`);
  }
  return chooseSplit(files, wanted, source, card?.defaultConfig);
}
