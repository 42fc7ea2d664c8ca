/** Reading a run's log back. */
import { createReadStream } from 'node:fs';
import { R5Error } from '../error.ts';
import { linePrefix, parseEventLine, type EventType, type ParsedLine, type RunEvent } from './event.ts';
import { fileError } from './file-error.ts';

/** What reading yields, with the number of its line, counted from 1. A warning stands for an unfinished last line. */
export type LogEntry = (ParsedLine | { kind: 'warning'; message: string }) & { line: number };

/**
 * Streams a log in order. A last line that a crash left unfinished comes as a warning; it holds nothing whole, and the writer cuts it
 * when the run goes on. Types named in `skip` are passed over without being parsed (a log is mostly episodes). Throws R5Error when the
 * file cannot be read and for a damaged line before the last, with its number.
 */
export async function* readEvents(path: string, options: { skip?: readonly EventType[] } = {}): AsyncGenerator<LogEntry> {
  const skipped = (options.skip ?? []).map((type) => Buffer.from(linePrefix(type)));
  let line = 0;
  for await (const { bytes, finished } of readLines(path)) {
    line++;
    if (finished && skipped.some((prefix) => bytes.subarray(0, prefix.length).equals(prefix))) continue;
    try {
      yield { ...parseEventBytes(bytes), line };
    } catch (cause) {
      if (!(cause instanceof R5Error)) throw cause;
      if (finished) {
        throw new R5Error(
          `${path}, line ${line}: ${cause.message}. The file was damaged after it was written; delete that line to read the rest.`,
          { cause },
        );
      }
      yield { kind: 'warning', message: `${path}, line ${line}: the last line is unfinished (${bytes.length} bytes) and is ignored`, line };
    }
  }
}

/** One line as bytes. Throws R5Error saying what is wrong with it. */
export function parseEventBytes(bytes: Uint8Array): ParsedLine {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new R5Error('not UTF-8', { cause });
  }
  return parseEventLine(text);
}

interface Line {
  /** Without the line break. */
  bytes: Buffer;
  /** Whether a line break followed. */
  finished: boolean;
}

async function* readLines(path: string): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path)) {
      const block: Buffer = chunk;
      let from = 0;
      for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10, from)) {
        pieces.push(block.subarray(from, end));
        yield { bytes: Buffer.concat(pieces), finished: true };
        pieces = [];
        from = end + 1;
      }
      if (from < block.length) pieces.push(block.subarray(from));
    }
  } catch (cause) {
    throw fileError(cause, `read ${path}`);
  }
  if (pieces.length > 0) yield { bytes: Buffer.concat(pieces), finished: false };
}

/** A log in memory. */
export interface LoadedEvents {
  events: RunEvent[];
  /** Number of events whose type this version does not know. */
  unknown: number;
  warnings: string[];
}

/** The whole log, as `readEvents` gives it. */
export async function loadEvents(path: string, options: { skip?: readonly EventType[] } = {}): Promise<LoadedEvents> {
  const loaded: LoadedEvents = { events: [], unknown: 0, warnings: [] };
  for await (const entry of readEvents(path, options)) {
    if (entry.kind === 'event') loaded.events.push(entry.event);
    else if (entry.kind === 'unknown') loaded.unknown++;
    else loaded.warnings.push(entry.message);
  }
  return loaded;
}

/**
 * The events that describe the run as it stands: when it was resumed from step s, what had been logged of steps after s before that
 * was lost with the weights and is left out. Order is kept.
 */
export function effectiveEvents(events: readonly RunEvent[]): RunEvent[] {
  const kept: RunEvent[] = [];
  let lastValid = Infinity;
  // From the end, so that each event meets the resumes that came after it.
  for (const event of events.toReversed()) {
    if (event.type === 'resume') lastValid = Math.min(lastValid, event.fromStep);
    if (!('step' in event) || event.step === undefined || event.step <= lastValid) kept.push(event);
  }
  return kept.toReversed();
}
