/** Reinforcement learning as the commands `start`, `train` and `resume` run it. */
import type { NewEvent } from '../run/event.ts';
import type { TrainHooks, TrainResult } from '../train/train-run.ts';
import { followRun } from './follow-run.ts';
import type { Output } from './output.ts';
import { reportTraining, trainJson } from './train-report.ts';

/** Follows a training run to its end, or to Ctrl-C, and reports. `curve`: rewards of the steps that a resumed run has done before. */
export async function runTraining(
  output: Output,
  runsDir: string,
  train: (hooks: TrainHooks) => Promise<TrainResult>,
  curve: readonly number[] = [],
): Promise<void> {
  const result = await followRun(output, (progress, signal) =>
    train({
      signal,
      onRun: (run, { model, steps, finalRows }) =>
        progress.begin({ task: run.task, model, run: run.name, totalSteps: steps, finalRows }, curve),
      onEvent: (event: NewEvent) => progress.event(event),
    }),
  );
  await reportTraining(output, result, runsDir);
  output.result(trainJson(result));
}
