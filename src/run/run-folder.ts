/**
 * A run is a folder: `config.json` (everything needed to repeat it), `events.jsonl` (its log), `checkpoints/step-N/`, and a lock while
 * it is being written. The folder is called `<date>-<task>-<id>`.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { makeFolders, removeRest, syncToDisk, writeWhole } from './durable-file.ts';
import { fileError, systemCode } from './file-error.ts';
import { describeProblem, jsonObjectSchema, type JsonObject } from './json.ts';
import { nearNames } from '../near-names.ts';

/** Counts changes to `config.json` that an older r5 could not read. */
const formatVersion = 1;

const fileSchema = z.object({
  id: z.string().min(1),
  task: z.string().min(1),
  seed: z.int(),
  /** When the run was made, ISO 8601 in UTC. */
  created: z.iso.datetime(),
  config: jsonObjectSchema,
});

export interface Run extends z.infer<typeof fileSchema> {
  /** Absolute path of the folder. */
  directory: string;
  /** The folder's name, `<date>-<task>-<id>`. */
  name: string;
}

/** Where the run's log is. */
export function eventsPath(run: Pick<Run, 'directory'>): string {
  return join(run.directory, 'events.jsonl');
}

/** Where the run's checkpoints are. */
export function checkpointsPath(run: Pick<Run, 'directory'>): string {
  return join(run.directory, 'checkpoints');
}

export interface NewRun {
  /** The task's name. */
  task: string;
  /** Whatever is needed to repeat the run besides task and seed. */
  config: JsonObject;
  seed: number;
  /** Default: now. Names the folder by its local date. */
  created?: Date;
}

/**
 * Makes the folder of a new run in `parent`, which is made as well when it is not there. The folder appears whole or not at all.
 * Throws R5Error when `parent` cannot be written, and for a setting that JSON cannot hold (NaN).
 */
export function createRun(parent: string, { task, config, seed, created = new Date() }: NewRun): Run {
  const id = randomBytes(3).toString('hex');
  const parsed = fileSchema.safeParse({ id, task, seed, created: created.toISOString(), config });
  if (!parsed.success) throw new R5Error(`cannot make a run with these settings: ${describeProblem(parsed.error)}`);
  const name = `${localDate(created)}-${slug(task)}-${id}`;
  const directory = resolve(parent, name);
  const aside = resolve(parent, `.${name}.partial`);
  try {
    makeFolders(join(aside, 'checkpoints'));
    writeFileSync(join(aside, 'events.jsonl'), '', { flag: 'wx' });
    writeWhole(join(aside, 'config.json'), `${JSON.stringify({ formatVersion, ...parsed.data }, undefined, 2)}\n`);
    renameSync(aside, directory);
    syncToDisk(dirname(directory), 'folder');
  } catch (cause) {
    throw removeRest(aside, fileError(cause, `make a run in ${resolve(parent)}`));
  }
  return { ...parsed.data, directory, name };
}

function localDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A task's name as part of a folder's name on every system. */
function slug(task: string): string {
  const plain = task.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 40).replace(/^-+|-+$/g, '');
  return plain === '' ? 'task' : plain;
}

/** What `createRun` calls folders: one that has lost its config.json is still known by its name, and a renamed one by its config.json. */
const madeName = /^\d{4}-\d\d-\d\d-.+-[0-9a-f]{6}$/;

/** Names of the run folders in `parent`, oldest date first; none when there is no such folder. Throws R5Error when it cannot be read. */
export function runNames(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .filter((entry) => madeName.test(entry.name) || isFile(join(parent, entry.name, 'config.json')))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `read the folder of runs ${resolve(parent)}`);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * The run that `wanted` names: a folder's path, or the name, the id or the start of either of a run in `parent`. Throws R5Error when
 * there is none (naming near ones), when several start so, and when its `config.json` is missing, unreadable or damaged.
 */
export function openRun(wanted: string, parent: string): Run {
  const names = runNames(parent);
  const exact = names.filter((name) => name === wanted || idOf(name) === wanted);
  if (exact.length === 0 && wanted !== '' && isFile(join(wanted, 'config.json'))) return readRun(wanted);
  const startsSo = (name: string): boolean => wanted !== '' && (name.startsWith(wanted) || idOf(name).startsWith(wanted));
  const fitting = exact.length > 0 ? exact : names.filter(startsSo);
  const [first, second] = fitting;
  if (second !== undefined) {
    const which = `any of ${fitting.length} runs in ${resolve(parent)}: ${someOf(fitting)}`;
    throw new R5Error(`'${wanted}' could be ${which}. Type more of the name.`);
  }
  if (first !== undefined) return readRun(join(parent, first));
  if (wanted !== '' && statSync(wanted, { throwIfNoEntry: false })?.isDirectory()) return readRun(wanted);
  throw notFound(wanted, parent, names);
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}

function someOf(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', ...' : '');
}

function notFound(wanted: string, parent: string, names: readonly string[]): R5Error {
  const place = resolve(parent);
  if (names.length === 0) {
    return new R5Error(`there is no run '${wanted}': ${place} holds no runs. Train one first, or name another folder of runs.`);
  }
  const near = nearNames(wanted, names);
  const ids = nearNames(wanted, names.map(idOf));
  const found = near.length > 0 ? near : names.filter((name) => ids.includes(idOf(name)));
  const hint = found.length > 0 ? `Did you mean ${someOf(found)}?` : `The newest are ${names.slice(-3).toReversed().join(', ')}.`;
  return new R5Error(`there is no run '${wanted}' in ${place}. ${hint}`);
}

/** The run in `directory`. Throws R5Error when its `config.json` is missing, unreadable or damaged. */
export function readRun(directory: string): Run {
  const path = join(resolve(directory), 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') {
      throw new R5Error(`${resolve(directory)} is not a run: it has no config.json. Check the path.`, { cause });
    }
    throw fileError(cause, `read ${path}`);
  }
  const damaged = (what: string, cause?: unknown): R5Error =>
    new R5Error(`${path} is damaged: ${what}. Put back a good copy; the log and the checkpoints beside it are not touched.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged('not JSON', cause);
  }
  const version = z.object({ formatVersion: z.int().positive() }).safeParse(value);
  if (!version.success) throw damaged(`not a run's config.json (${describeProblem(version.error)})`);
  if (version.data.formatVersion > formatVersion) {
    throw new R5Error(`${path} has format ${version.data.formatVersion}; this r5 reads up to ${formatVersion}. Update r5.`);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw damaged(describeProblem(parsed.error));
  return { ...parsed.data, directory: resolve(directory), name: basename(resolve(directory)) };
}
