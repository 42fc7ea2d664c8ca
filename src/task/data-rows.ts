/** Rows of the tasks that take their problems from a dataset. */
import { z } from 'zod';
import { loadDataset } from '../data/dataset.ts';
import { R5Error } from '../error.ts';
import { hashText } from '../random.ts';

export interface DataOptions {
  /** A file, a folder with train and test files, or a name on the hub. Default: the task's own. */
  data?: string | undefined;
  /** Names of columns in the data, by the names that the task wants. */
  columns?: Readonly<Record<string, string>> | undefined;
}

export interface DataSource<Row> {
  task: string;
  options: DataOptions;
  /** Where rows come from when the options do not say. */
  standard?: string;
  /** What a row must hold. */
  schema: z.ZodType<Row>;
}

/** One held-out row in this many, where the data has a single set. */
const HELD_OUT = 10;

/**
 * Functions that read the two sets once. Data with a `test` (or `validation`) set keeps it; of a single set every row whose content hashes
 * to 0 modulo 10 is held out, so that the two never overlap, whatever order the rows are in.
 */
export function dataSets<Row>(source: DataSource<Row>): { train: () => Promise<Row[]>; test: () => Promise<Row[]> } {
  let loaded: Promise<{ train: Row[]; test: Row[] }> | undefined;
  const load = () => (loaded ??= loadSets(source));
  return { train: async () => (await load()).train, test: async () => (await load()).test };
}

async function loadSets<Row>({ task, options, standard, schema }: DataSource<Row>): Promise<{ train: Row[]; test: Row[] }> {
  const source = options.data ?? standard;
  if (source === undefined) {
    throw new R5Error(`The task ${task} has no data of its own: give --data with a file (.jsonl, .json, .csv, .parquet), a folder or a name on the hub.`);
  }
  const columns = options.columns ? { columns: options.columns } : {};
  const read = async (split: string) => parseRows(await loadDataset(source, { ...columns, split }), schema, `${source}, ${split}`);
  if (/\.(jsonl|json|csv|tsv|parquet)$/.test(source)) return splitByHash(await parseRows(await loadDataset(source, columns), schema, source));
  const train = await read('train');
  let missing: unknown;
  for (const split of ['test', 'validation']) {
    try {
      return { train, test: await read(split) };
    } catch (error) {
      if (!(error instanceof R5Error) || !/has no split/.test(error.message)) throw error;
      missing = error;
    }
  }
  if (missing === undefined) throw new Error('a set was found or one was missing');
  return splitByHash(train);
}

function splitByHash<Row>(rows: readonly Row[]): { train: Row[]; test: Row[] } {
  const isHeldOut = (row: Row): boolean => hashText(JSON.stringify(row)) % HELD_OUT === 0;
  return { train: rows.filter((row) => !isHeldOut(row)), test: rows.filter(isHeldOut) };
}

function parseRows<Row>(rows: readonly Record<string, unknown>[], schema: z.ZodType<Row>, place: string): Row[] {
  return rows.map((row, i) => {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the row'}: ${issue.message}`).join('; ');
    throw new R5Error(`${place}, row ${i}: ${problems}. The row has the columns ${Object.keys(row).join(', ')}; map them with --columns wanted=there.`);
  });
}
