/**
 * A research run is a folder, `<date>-<question>-<id>`: `journal.jsonl` (all that happened), `snapshots/` (what was read, as it was), `plan.md`
 * (which the person may edit while it runs), `steer.md` (where they may leave a word), and the report.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { R5Error } from '../../error.ts';
import { makeFolders, removeRest, syncToDisk, writeWhole } from '../../run/durable-file.ts';
import { fileError, systemCode } from '../../run/file-error.ts';
import type { JsonObject } from '../../run/json.ts';
import { nearNames } from '../../near-names.ts';
import type { JournalEventOf, NumberedEvent } from './journal-event.ts';
import { readJournal } from './journal-file.ts';
import { heardSteering } from './plan-file.ts';

/** Counts changes to the journal that an older r5 could not read. */
const FORMAT = 1;

export interface ResearchRun {
  /** Absolute path of the folder. */
  directory: string;
  name: string;
  id: string;
  question: string;
  /** Those of the last opening. */
  settings: JsonObject;
}

export const journalPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'journal.jsonl');
export const snapshotsPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'snapshots');
export const planPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'plan.md');
export const steeringPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'steer.md');

/** Makes the folder of a new run in `parent`; it appears whole or not at all. Throws R5Error when it cannot be written. */
export function createResearchRun(parent: string, question: string, settings: JsonObject): ResearchRun {
  const id = randomBytes(3).toString('hex');
  const first: JournalEventOf<'run'> = { type: 'run', time: new Date().toISOString(), format: FORMAT, id, question, settings };
  const directory = makeRun(parent, first, { events: [], steering: '' });
  return { directory, name: basename(directory), id, question, settings };
}

/**
 * A new run beside another that has gone the same way up to and with the event of that number. Throws R5Error for a number that the journal
 * does not have.
 */
export function forkResearchRun(run: ResearchRun, event: number, changes: JsonObject = {}): ResearchRun {
  const events = readJournal(journalPath(run));
  const [start] = events;
  if (start?.type !== 'run' || event < 1 || event > events.length) {
    throw new R5Error(`The run ${run.name} has the events 1 to ${events.length}; ${event} is none of them. r5 research log ${run.id} lists them.`);
  }
  const id = randomBytes(3).toString('hex');
  const settings = { ...run.settings, ...changes };
  const kept = events.slice(1, event).filter((one) => one.type !== 'opened' && one.type !== 'closed');
  const directory = makeRun(dirname(run.directory), { ...start, id, settings, forkedFrom: { run: run.id, event } }, { events: kept, steering: heardSteering(kept), snapshots: snapshotsPath(run) });
  return { directory, name: basename(directory), id, question: run.question, settings };
}

interface EarlierWork {
  events: readonly NumberedEvent[];
  /** What the user had said in them. */
  steering: string;
  /** Folder of the snapshots that they speak of. */
  snapshots?: string;
}

function makeRun(parent: string, first: JournalEventOf<'run'>, { events, steering, snapshots }: EarlierWork): string {
  const name = `${localDate(new Date())}-${slug(first.question)}-${first.id}`;
  const directory = resolve(parent, name);
  const aside = resolve(parent, `.${name}.partial`);
  const lines = [first, ...events].map((event) => `${JSON.stringify({ ...event, number: undefined })}\n`).join('');
  try {
    makeFolders(aside);
    if (snapshots !== undefined && existsSync(snapshots)) cpSync(snapshots, snapshotsPath({ directory: aside }), { recursive: true });
    else makeFolders(snapshotsPath({ directory: aside }));
    writeWhole(journalPath({ directory: aside }), lines);
    writeFileSync(steeringPath({ directory: aside }), steering);
    renameSync(aside, directory);
    syncToDisk(dirname(directory), 'folder');
  } catch (cause) {
    throw removeRest(aside, fileError(cause, `make a research run in ${resolve(parent)}`));
  }
  return directory;
}

/** Names of the research runs in `parent`, oldest date first. */
export function researchRunNames(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && isRun(join(parent, entry.name)))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `read the folder of research runs ${resolve(parent)}`);
  }
}

const isRun = (directory: string): boolean => statSync(join(directory, 'journal.jsonl'), { throwIfNoEntry: false })?.isFile() ?? false;

/** The run that `wanted` names: a folder's path, or the name, the id or the start of either of a run in `parent`. Throws R5Error. */
export function openResearchRun(wanted: string, parent: string): ResearchRun {
  const names = researchRunNames(parent);
  const exact = names.filter((name) => name === wanted || idOf(name) === wanted);
  if (exact.length === 0 && wanted !== '' && isRun(wanted)) return readResearchRun(wanted);
  const fitting = exact.length > 0 ? exact : names.filter((name) => wanted !== '' && (name.startsWith(wanted) || idOf(name).startsWith(wanted)));
  const [first, second] = fitting;
  if (second !== undefined) throw new R5Error(`'${wanted}' could be any of ${fitting.length} runs in ${resolve(parent)}: ${fitting.slice(0, 5).join(', ')}. Type more of the name.`);
  if (first !== undefined) return readResearchRun(join(parent, first));
  const near = nearNames(wanted, [...names, ...names.map(idOf)]);
  const hint = names.length === 0 ? 'That folder holds none yet.' : near.length > 0 ? `Did you mean ${near.join(', ')}?` : `The newest is ${names.at(-1)}.`;
  throw new R5Error(`there is no research run '${wanted}' in ${resolve(parent)}. ${hint}`);
}

/** The run in a folder. Throws R5Error when its journal is missing, damaged, or of a newer r5. */
export function readResearchRun(directory: string): ResearchRun {
  const path = journalPath({ directory: resolve(directory) });
  const events = readJournal(path);
  const [first] = events;
  if (first?.type !== 'run') throw new R5Error(`${path} does not begin as the journal of a research run. Check the path.`);
  if (first.format > FORMAT) throw new R5Error(`${path} has format ${first.format}; this r5 reads up to ${FORMAT}. Update r5.`);
  const last = events.findLast((event) => event.type === 'opened');
  return { directory: resolve(directory), name: basename(resolve(directory)), id: first.id, question: first.question, settings: last?.settings ?? first.settings };
}

const idOf = (name: string): string => name.slice(name.lastIndexOf('-') + 1);

function localDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A question as part of a folder's name on every system. */
function slug(question: string): string {
  const plain = question.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').slice(0, 40).replace(/^-+|-+$/g, '');
  return plain === '' ? 'question' : plain;
}
