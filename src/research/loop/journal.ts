/**
 * The one event log of a research run. The loop over it is plain code without any source of chance: whatever could come out differently the
 * next time (a model's answer, a search, a page, the clock, an edit of the plan) goes through `perform`, which writes down that it starts and
 * what came of it. Running the same code over the same journal again therefore goes the same way, with recorded results in place of effects:
 *
 * - resume: what had finished is not performed again; what had only started is.
 * - replay: nothing is performed at all.
 * - fork: a copy of the first n events, from which another way may be taken.
 *
 * Effects may run side by side. Which is which is told by kind and identity, not by the order in which they end.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonValue } from '../../run/json.ts';
import type { LineLog } from '../../run/line-log.ts';
import { errorOf, failureOf } from './effect-failure.ts';
import { openJournalLog, readJournal } from './journal-file.ts';
import type { EffectFailure, JournalEvent, JournalEventOf, NumberedEvent } from './journal-event.ts';
import { ReplayError } from './replay-error.ts';

/** An event as it is made: number and time are the journal's. */
type NewJournalEvent = { [Type in JournalEvent['type']]: Omit<JournalEventOf<Type>, 'time'> }[JournalEvent['type']];

/** `Result` must be what JSON can hold. */
export interface Effect<Result> {
  kind: string;
  /** What it is done with. */
  input: JsonValue;
  /** Together with the kind: what makes it this effect and no other. Default: the input. */
  identity?: JsonValue;
  /** Does it. What it throws as R5Error is recorded and thrown again in later runs; anything else leaves the effect as not performed. */
  run(attempt: EffectAttempt): Promise<Result>;
  /** Checks what the journal had recorded; a journal is a file, and files are parsed. */
  parse(result: unknown): Result;
}

export interface EffectAttempt {
  /** Writes down that the last try failed and that another one follows after the wait. */
  retrying(error: unknown, attempt: number, waitMs: number): void;
}

export interface JournalOptions {
  /** Told of each event: those already there first, then each as it is written. */
  onEvent?: ((event: NumberedEvent) => void) | undefined;
  /** Which recorded failures are tried again. Default: those of the budget and of models, since a resumed run may have more of one, and another or a paid-up one of the other. */
  triesAgain?: (failure: EffectFailure) => boolean;
}

const triesAgainByDefault = ({ name }: EffectFailure): boolean => name === 'BudgetError' || name === 'ModelError';

export class Journal {
  readonly path: string;
  /** Whether nothing may be performed. */
  readonly replaying: boolean;
  readonly #log: LineLog | undefined;
  readonly #onEvent: (event: NumberedEvent) => void;
  readonly #results = new Map<string, JournalEventOf<'finished'> | JournalEventOf<'failed'>>();
  readonly #facts = new Set<string>();
  readonly #occurrences = new Map<string, number>();
  #count = 0;

  private constructor(path: string, log: LineLog | undefined, { onEvent, triesAgain }: JournalOptions) {
    this.path = path;
    this.replaying = log === undefined;
    this.#log = log;
    this.#onEvent = onEvent ?? (() => {});
    for (const event of readJournal(path)) this.#take(event, log === undefined ? () => false : (triesAgain ?? triesAgainByDefault));
  }

  /** Opens the journal to go on with it. The caller holds the run's lock. */
  static open(path: string, options: JournalOptions = {}): Journal {
    const log = openJournalLog(path);
    try {
      return new Journal(path, log, options);
    } catch (error) {
      log.close();
      throw error;
    }
  }

  /** Opens it to go the same way again without performing or writing anything. */
  static replay(path: string, options: JournalOptions = {}): Journal {
    return new Journal(path, undefined, options);
  }

  /** What opening had to repair after a crash, in words. */
  get repaired(): string | undefined {
    return this.#log?.repaired;
  }

  /** The effect's result: the recorded one where there is one, else what performing it gives, which is on the disk before it is returned. */
  async perform<Result>({ kind, input, identity = input, run, parse }: Effect<Result>): Promise<Result> {
    const effect = { kind, ...this.#next(`effect ${kind}`, identity) };
    const known = this.#results.get(nameOf(effect));
    if (known?.type === 'finished') return parse(known.result);
    if (known?.type === 'failed') throw errorOf(known.failure);
    if (this.replaying) throw new ReplayError(kind);
    this.append({ type: 'started', ...effect, input });
    const startMs = performance.now();
    const seconds = (): number => Math.round(performance.now() - startMs) / 1000;
    try {
      const result = await run({
        retrying: (error, attempt, waitMs) => this.append({ type: 'retrying', ...effect, attempt, waitMs, failure: failureOf(error) ?? { name: 'Error', message: String(error) } }),
      });
      this.append({ type: 'finished', ...effect, result: asJson(result), seconds: seconds() });
      // A result that was paid for must outlive a power cut as well.
      this.#log?.sync();
      return result;
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== undefined) this.append({ type: 'failed', ...effect, failure, seconds: seconds() });
      throw error;
    }
  }

  /** Writes down what the loop found out or decided, once however often the run is repeated. */
  tell(name: string, data: JsonValue): void {
    const fact = { name, ...this.#next(`fact ${name}`, data) };
    const known = `${name} ${fact.key} ${fact.occurrence}`;
    if (this.replaying || this.#facts.has(known)) return;
    this.append({ type: 'fact', ...fact, data });
  }

  /** Writes one event as it is. */
  append(event: NewJournalEvent): void {
    if (this.#log === undefined) throw new Error('a journal that is replayed is not written');
    const { type, ...rest } = event;
    const timed = { type, time: new Date().toISOString(), ...rest };
    this.#log.append(`${JSON.stringify(timed)}\n`);
    this.#count++;
    this.#onEvent({ ...timed, number: this.#count } as NumberedEvent);
  }

  close(): void {
    this.#log?.close();
  }

  /** The key of an effect or fact, and how many with the same key came before it in this run of the loop. */
  #next(name: string, identity: JsonValue): { key: string; occurrence: number } {
    const key = createHash('sha256').update(`${name}\n${stableJson(identity)}`).digest('hex').slice(0, 16);
    const occurrence = this.#occurrences.get(key) ?? 0;
    this.#occurrences.set(key, occurrence + 1);
    return { key, occurrence };
  }

  #take(event: NumberedEvent, triesAgain: (failure: EffectFailure) => boolean): void {
    this.#count = event.number;
    if (event.type === 'finished' || (event.type === 'failed' && !triesAgain(event.failure))) this.#results.set(nameOf(event), event);
    if (event.type === 'fact') this.#facts.add(`${event.name} ${event.key} ${event.occurrence}`);
    this.#onEvent(event);
  }
}

/** What an effect's events have in common and no other's. */
export const nameOf = ({ key, occurrence }: { key: string; occurrence: number }): string => `${key} ${occurrence}`;

/** What the journal keeps of a result: fields that are not there are left out. */
const asJson = (result: unknown): JsonValue => z.json().parse(JSON.parse(JSON.stringify(result)));

/** JSON with sorted keys, so that equal values have equal texts. */
function stableJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
