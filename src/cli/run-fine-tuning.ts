/** Supervised fine-tuning as the commands `sft` and `resume` run it. */
import type { SftHooks, SftResult } from '../train/sft-run.ts';
import { followRun } from './follow-run.ts';
import { duration, percent, percentRange } from './format.ts';
import type { Output } from './output.ts';
import { shownPath } from './shown-path.ts';
import { dataFlags, reportStopped } from './train-report.ts';
import { typedName } from './typed-name.ts';

/** Follows a fine-tuning run to its end, or to Ctrl-C, and reports. `curve`: losses of the steps that a resumed run has done before. */
export async function runFineTuning(
  output: Output,
  runsDir: string,
  train: (hooks: SftHooks) => Promise<SftResult>,
  curve: readonly number[] = [],
): Promise<void> {
  const result = await followRun(output, (progress, signal) =>
    train({
      signal,
      onRun: (run, { model }, totalSteps, finalRows) => progress.begin({ task: run.task, model, run: run.name, totalSteps, finalRows }, curve),
      onEvent: (event) => progress.event(event),
    }),
  );
  output.line();
  if (result.finished) reportFineTuning(output, result);
  else reportStopped(output, result.run, result.steps, runsDir);
  output.result(fineTuningJson(result));
}

function reportFineTuning(output: Output, { run, settings, steps, examples, loss, before, after, trainSeconds }: SftResult): void {
  const lossNow = loss === undefined ? '' : `, loss ${loss.toFixed(4)} nats a token`;
  output.line(`${steps} steps over ${examples} examples in ${duration(trainSeconds)}${lossNow}`);
  for (const [when, summary] of [['before', before], ['after', after]] as const) {
    if (summary) output.line(`held-out ${when}: ${percent(summary.accuracy)} of ${summary.n} (95 % interval ${percentRange(summary.interval)})`);
  }
  output.line(`The run is in ${shownPath(run.directory)}. What to type next:`);
  output.line();
  const task = after ? settings.data : 'countdown';
  const flags = `--model ${shownPath(run.directory)}${after ? dataFlags({ data: settings.taskData, columns: settings.columns }) : ''}`;
  output.line(`  ${typedName()} eval ${task} ${flags}`);
  output.line(`  ${typedName()} train ${task} ${flags}`);
}

function fineTuningJson({ run, settings, steps, examples, loss, before, after, trainSeconds, finished }: SftResult): object {
  const measured = (summary: SftResult['after']): object | null =>
    summary ? { accuracy: summary.accuracy, meanLength: summary.meanLength, interval: summary.interval } : null;
  return {
    task: run.task,
    seed: settings.seed,
    examples,
    heldOut: after?.n ?? before?.n ?? 0,
    before: measured(before),
    after: measured(after),
    loss: loss ?? null,
    trainSeconds,
    steps,
    run: run.directory,
    finished,
  };
}
