/** Reading a journal back from its file. */
import { readFileSync } from 'node:fs';
import { R5Error } from '../../error.ts';
import { fileError } from '../../run/file-error.ts';
import { LineLog } from '../../run/line-log.ts';
import { parseJournalLine, type NumberedEvent } from './journal-event.ts';

/**
 * The events of a journal, in order. A last line that a crash left unfinished is passed over; the next opening for writing cuts it off. Throws
 * R5Error when the file cannot be read or was damaged, with the line.
 */
export function readJournal(path: string): NumberedEvent[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw fileError(cause, `read the journal ${path}`);
  }
  const lines = text.split('\n');
  const unfinished = lines.pop() ?? '';
  const events = lines.map((line, index) => numbered(path, line, index + 1));
  return unfinished !== '' && isWhole(unfinished) ? [...events, numbered(path, unfinished, lines.length + 1)] : events;
}

/** Opens a journal for appending, and repairs what a crash left of its last line. */
export function openJournalLog(path: string): LineLog {
  return LineLog.open(path, (bytes) => isWhole(bytes.toString('utf8')));
}

function numbered(path: string, line: string, number: number): NumberedEvent {
  try {
    return { ...parseJournalLine(line), number };
  } catch (cause) {
    if (!(cause instanceof R5Error)) throw cause;
    throw new R5Error(`${path}, line ${number}: ${cause.message}. The file was damaged after it was written; fork the run at event ${number - 1}.`, { cause });
  }
}

function isWhole(line: string): boolean {
  try {
    parseJournalLine(line);
    return true;
  } catch (error) {
    if (error instanceof R5Error) return false;
    throw error;
  }
}
