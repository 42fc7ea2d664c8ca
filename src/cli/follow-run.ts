/** What every command that trains does around the training itself: progress, Ctrl-C, and the exit code of a run that was stopped. */
import { exitCodes } from './exit-codes.ts';
import { watchForInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import { progressFor, type Progress } from './progress.ts';

/** Runs `work` with progress and a signal that a first Ctrl-C aborts. Sets exit code 130 when it says that it has not finished. */
export async function followRun<Result extends { finished: boolean }>(
  output: Output,
  work: (progress: Progress, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const progress = progressFor(output);
  const interrupt = watchForInterrupt(() => progress.stopping());
  try {
    const result = await work(progress, interrupt.signal);
    if (!result.finished) process.exitCode = exitCodes.interrupted;
    return result;
  } finally {
    interrupt.release();
    progress.end();
  }
}
