/** The frame of a run that writes its folder: the log is opened and closed, checkpoints are made, and a failure leaves its reason in the log. */
import { pruneCheckpoints, writeCheckpoint } from '../run/checkpoint-folder.ts';
import type { NewEvent } from '../run/event.ts';
import type { Run } from '../run/run-folder.ts';
import { openForWriting } from '../run/run-writer.ts';
import type { Engine } from '../engine/engine.ts';

export interface RunRecorder {
  /** Appends an event to the run's log. */
  log: (event: NewEvent) => void;
  /** Writes a checkpoint of the engine as it is after `step`, and removes the oldest ones. */
  checkpoint: (step: number) => Promise<void>;
}

export interface RecordingOptions {
  engine: Engine;
  keepCheckpoints: number;
  /** Called with every event as it is logged. */
  onEvent?: ((event: NewEvent) => void) | undefined;
}

/**
 * Locks the run, lets `work` write it, and closes it. What `work` throws is logged as the reason why the run stopped, and thrown on.
 * Throws R5Error when another process writes the run and when its folder cannot be written.
 */
export async function recordRun<Result>(
  run: Run,
  { engine, keepCheckpoints, onEvent }: RecordingOptions,
  work: (recorder: RunRecorder) => Promise<Result>,
): Promise<Result> {
  const writer = openForWriting(run);
  const log = (event: NewEvent): void => {
    writer.log.append(event);
    onEvent?.(event);
  };
  const checkpoint = async (step: number): Promise<void> => {
    await writeCheckpoint(run, step, (directory) => engine.save(directory));
    log({ type: 'checkpoint', step });
    writer.log.sync();
    await pruneCheckpoints(run, keepCheckpoints);
  };
  try {
    return await work({ log, checkpoint });
  } catch (error) {
    recordFailure(log, error);
    throw error;
  } finally {
    writer.close();
  }
}

/** The reason goes into the log where that can still be written; the error itself goes on to the caller. */
function recordFailure(log: (event: NewEvent) => void, error: unknown): void {
  try {
    log({ type: 'stop', reason: 'failed', message: error instanceof Error ? error.message : String(error) });
  } catch (logError) {
    if (error instanceof Error && error.cause === undefined) error.cause = logError;
  }
}
