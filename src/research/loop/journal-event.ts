/**
 * What a research run's journal can say; one line of `journal.jsonl` is one event, and its number is the line's. Live view, resume, replay,
 * cost and audit are all read off these lines, and nothing else of a run is needed to go on with it but the snapshots beside it.
 */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { describeProblem } from '../../run/json.ts';
import { outcomes } from './outcome.ts';

const time = z.iso.datetime();
const count = z.int().nonnegative();

/** Which effect: hash of its kind and identity, and how many with the same hash came before it. */
const effect = { kind: z.string(), key: z.string(), occurrence: count };

/** How an effect failed, as far as it can be told again to a later run. */
export const failureSchema = z.object({
  /** Class of the error, and of a SourceError or ModelError its kind. */
  name: z.string(),
  kind: z.string().optional(),
  message: z.string(),
  retryAfterMs: z.number().optional(),
});
export type EffectFailure = z.infer<typeof failureSchema>;

/** First line of a journal. */
const run = z.object({
  type: z.literal('run'),
  time,
  format: count,
  id: z.string(),
  question: z.string(),
  /** What the run was started with, for the person and for the loop that goes on with it. */
  settings: z.record(z.string(), z.json()),
  forkedFrom: z.object({ run: z.string(), event: count }).optional(),
});

/** A process began, or went on, to write the journal. Its settings count from here on. */
const opened = z.object({ type: z.literal('opened'), time, settings: z.record(z.string(), z.json()) });

/** The process came to the run's end, and its result is on the disk. Whatever follows is another process's. */
const closed = z.object({ type: z.literal('closed'), time, outcome: z.enum(outcomes) });

const started = z.object({ type: z.literal('started'), time, ...effect, input: z.json() });

/** The effect has its result, and is never performed again. */
const finished = z.object({
  type: z.literal('finished'),
  time,
  ...effect,
  result: z.json(),
  seconds: z.number().nonnegative(),
});

/** The effect failed for good; the loop went on with that knowledge. */
const failed = z.object({ type: z.literal('failed'), time, ...effect, failure: failureSchema, seconds: z.number().nonnegative() });

/** Another try of an effect follows. */
const retrying = z.object({ type: z.literal('retrying'), time, ...effect, attempt: count, waitMs: z.number().nonnegative(), failure: failureSchema });

/** What the loop found out or decided; it follows from the results, and is written for whoever watches or reads. */
const fact = z.object({ type: z.literal('fact'), time, name: z.string(), key: z.string(), occurrence: count, data: z.json() });

const journalEvent = z.discriminatedUnion('type', [run, opened, closed, started, finished, failed, retrying, fact]);
export type JournalEvent = z.infer<typeof journalEvent>;
export type JournalEventOf<Type extends JournalEvent['type']> = Extract<JournalEvent, { type: Type }>;

/** An event with its number, counted from 1. */
export type NumberedEvent = JournalEvent & { number: number };

/** One line without its line break. Throws R5Error saying what is wrong with it. */
export function parseJournalLine(line: string): JournalEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new R5Error('not a JSON value', { cause });
  }
  const parsed = journalEvent.safeParse(value);
  if (!parsed.success) throw new R5Error(`not an event of a research run: ${describeProblem(parsed.error)}`);
  return parsed.data;
}
