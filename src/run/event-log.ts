/** The writing end of `events.jsonl`: one event a line, appended, whole lines only. */
import { R5Error } from '../error.ts';
import { encodeEvent, type NewEvent } from './event.ts';
import { LineLog } from './line-log.ts';
import { parseEventBytes } from './read-events.ts';

export class EventLog {
  readonly #lines: LineLog;

  private constructor(lines: LineLog) {
    this.#lines = lines;
  }

  /**
   * Opens a log for appending and makes it when it is not there. A last line that a crash left unfinished is cut off, after its bytes
   * have gone to `<path>.partial`; one that lacks nothing but its line break gets that. Throws R5Error naming the file.
   */
  static open(path: string): EventLog {
    return new EventLog(LineLog.open(path, isWholeEvent));
  }

  get path(): string {
    return this.#lines.path;
  }

  /** What opening had to repair after a crash, in words. */
  get repaired(): string | undefined {
    return this.#lines.repaired;
  }

  /**
   * Writes one event, synchronously: when this returns, the line outlives the process. Throws R5Error when it cannot be written (full
   * disk, ...); the log then still ends with its last whole line, and a later append may succeed.
   */
  append(event: NewEvent): void {
    this.#lines.append(encodeEvent(event));
  }

  /** Forces everything appended so far to the disk, so that it outlives a power cut too. Throws R5Error. */
  sync(): void {
    this.#lines.sync();
  }

  /** Closing twice is allowed. */
  close(): void {
    this.#lines.close();
  }
}

function isWholeEvent(bytes: Buffer): boolean {
  try {
    parseEventBytes(bytes);
    return true;
  } catch (error) {
    if (error instanceof R5Error) return false;
    throw error;
  }
}
