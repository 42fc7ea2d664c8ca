/** The right to write a run: its lock and its log, opened and closed together. */
import { EventLog } from './event-log.ts';
import { eventsPath, type Run } from './run-folder.ts';
import { lockRun } from './run-lock.ts';

export interface RunWriter {
  log: EventLog;
  /** Closes the log and gives the lock up. */
  close(): void;
}

/**
 * Locks the run and opens its log for appending. What a crash had left is repaired first, and the log gets a warning that says so.
 * Throws R5Error when another process writes the run, and when the folder cannot be written.
 */
export function openForWriting(run: Run): RunWriter {
  const lock = lockRun(run.directory);
  try {
    const log = EventLog.open(eventsPath(run));
    if (log.repaired !== undefined) log.append({ type: 'warning', message: log.repaired });
    const close = (): void => {
      log.close();
      lock.release();
    };
    return { log, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
