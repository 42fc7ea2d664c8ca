/** Rows of the tasks that take their problems from a dataset. */
import { z } from 'zod';
import { loadDataset } from '../data/dataset.ts';
import { rowFormat } from '../data/row-file.ts';
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
 * Functions that read the two sets once. Data with a `train` and a `test` (or `validation`) set keeps them. Of a single set, and of a single
 * file, every row whose content hashes to 0 modulo 10 is held out: the two never overlap, whatever order the rows are in, and a row that
 * occurs twice is on one side.
 */
export function dataSets<Row>(source: DataSource<Row>): { train: () => Promise<Row[]>; test: () => Promise<Row[]> } {
  let loaded: Promise<{ train: Row[]; test: Row[] }> | undefined;
  const load = () => (loaded ??= loadSets(source));
  return { train: async () => (await load()).train, test: async () => (await load()).test };
}

async function loadSets<Row>({ task, options, standard, schema }: DataSource<Row>): Promise<{ train: Row[]; test: Row[] }> {
  const source = options.data ?? standard;
  if (source === undefined) {
    const forms = 'a file (.jsonl, .json, .csv, .parquet), a folder or a name on the hub';
    throw new R5Error(`The task ${task} has no data of its own: give --data with ${forms}.`);
  }
  const read = async (split?: string): Promise<Row[]> => {
    const rows = await loadDataset(source, { columns: options.columns, split });
    return parseRows(rows, schema, split === undefined ? source : `${source}, ${split}`);
  };
  if (rowFormat(source) !== undefined) return splitByHash(await read());
  const train = await ifThere(read('train'));
  // Without a training set there may be one other, which is then cut in two.
  if (!train) return splitByHash(await read());
  const test = (await ifThere(read('test'))) ?? (await ifThere(read('validation')));
  return test ? { train, test } : splitByHash(train);
}

/** Undefined where the data has no such split; other errors stay errors. */
async function ifThere<Rows>(rows: Promise<Rows>): Promise<Rows | undefined> {
  return rows.catch((error: unknown) => {
    if (error instanceof R5Error && /has no split/.test(error.message)) return undefined;
    throw error;
  });
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
    const columns = Object.keys(row).join(', ');
    throw new R5Error(`${place}, row ${i}: ${problems}. The row has the columns ${columns}; map them with --columns wanted=there.`);
  });
}
