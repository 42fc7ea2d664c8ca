/** What is said at the end of a training run: the table before and after, problems answered before and after, and what to type next. */
import { dataOptions } from '../train/data-settings.ts';
import { loadTask } from '../train/load-task.ts';
import { loadRows } from '../task/rows.ts';
import { writtenTokens } from '../rl/rollouts.ts';
import type { Run } from '../run/run-folder.ts';
import type { TrainResult } from '../train/train-run.ts';
import { pickExamples, type ExamplePair } from './example-pairs.ts';
import { duration, percent, percentRange } from './format.ts';
import type { Output } from './output.ts';
import { shownPath } from './shown-path.ts';
import { textTable } from './text-table.ts';
import { typedName } from './typed-name.ts';

/** The keys that machines read; more may follow them. `after` is null for a run that was stopped. */
export function trainJson({ run, settings, before, after, trainSeconds, steps, finished }: TrainResult): object {
  const measured = (summary: TrainResult['after']): object | null =>
    summary ? { accuracy: summary.accuracy, meanLength: summary.meanLength, interval: summary.interval } : null;
  return {
    task: run.task,
    seed: settings.seed,
    heldOut: after?.n ?? before?.n ?? 0,
    before: measured(before),
    after: measured(after),
    trainSeconds,
    steps,
    run: run.directory,
    finished,
  };
}

/** Prints the report. `runsDir` is the folder of runs as it was typed. */
export async function reportTraining(output: Output, result: TrainResult, runsDir: string): Promise<void> {
  const { run, before, after, examples, trainSeconds, steps, settings } = result;
  output.line();
  if (!result.finished) return reportStopped(output, run, steps, runsDir);
  if (before && after) {
    const rows = [
      ['', 'before', 'after'],
      [settings.evalTemperature === 0 ? 'accuracy, greedy' : 'accuracy', percent(before.accuracy), percent(after.accuracy)],
      ['95 % interval', percentRange(before.interval), percentRange(after.interval)],
      ['mean length', `${before.meanLength.toFixed(1)} tokens`, `${after.meanLength.toFixed(1)} tokens`],
    ];
    for (const line of textTable(rows, 'right')) output.line(`  ${line}`);
    output.line(`  ${after.n} held-out problems; ${steps} steps, ${duration(trainSeconds)} of training${examples.before ? '' : ' since it was resumed'}`);
  }
  if (examples.before && examples.after) {
    const task = await loadTask(settings.task, dataOptions(settings));
    const held = await loadRows(task, 'test');
    const pairs = pickExamples(examples.before.groups, examples.after.groups);
    reportExamples(output, pairs, (row) => task.prompt(held[row]));
  }
  output.line();
  output.line(`The run is in ${shownPath(run.directory)}. What to type next:`);
  output.line();
  for (const line of nextCommands(shownPath(settings.task), `--model ${run.id}${dataFlags(settings)}${runsDirFlag(runsDir)}`, output.stream.columns || 100)) output.line(`  ${line}`);
}

/** Prints how a stopped run is taken up again. */
export function reportStopped(output: Output, run: Run, steps: number, runsDir: string): void {
  output.line(`Stopped after step ${steps}; the run is in ${shownPath(run.directory)}. Go on with:`);
  output.line();
  output.line(`  ${typedName()} resume ${run.id}${runsDirFlag(runsDir)}`);
}

/** The options that give a task over a dataset its rows, as they would be typed again. */
export const dataFlags = ({ data, columns }: { data?: string | undefined; columns?: string | undefined }): string =>
  `${data === undefined ? '' : ` --data ${shownPath(data)}`}${columns === undefined ? '' : ` --columns ${columns}`}`;

const runsDirFlag = (runsDir: string): string => (runsDir === 'runs' ? '' : ` --runs-dir ${runsDir}`);

/** Longer completions are shown with their middle left out. */
const SHOWN_LINES = 12;

function reportExamples(output: Output, pairs: readonly ExamplePair[], promptText: (row: number) => string): void {
  if (pairs.length === 0) return;
  output.line();
  output.line('Held-out problems before and after: the first two whose verdict changed, and the first whose did not.');
  for (const { row, before, after } of pairs) {
    output.line();
    output.line(output.style('bold', promptText(row).trimEnd()));
    for (const [when, rollout] of [['before', before], ['after', after]] as const) {
      const verdict = output.style(rollout.verdict === 'correct' ? 'green' : 'red', rollout.verdict);
      output.line(`  ${when}: ${verdict}, ${writtenTokens(rollout)} tokens`);
      for (const line of shortened(rollout.text)) output.line(`    ${line}`);
    }
  }
}

/** The lines of a text; of a long one the first and the last. */
export function shortened(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= SHOWN_LINES) return lines;
  const head = Math.ceil((SHOWN_LINES - 1) / 2);
  const tail = SHOWN_LINES - 1 - head;
  return [...lines.slice(0, head), `... (${lines.length - head - tail} lines left out)`, ...lines.slice(-tail)];
}

/** What to type next, with what each is for where `columns` leave room for it. */
function nextCommands(task: string, model: string, columns: number): string[] {
  const r5 = typedName();
  const commands = [
    [`${r5} eval ${task} ${model}`, 'measure it again; --samples 8 for pass@8'],
    [`${r5} sample ${model} --task ${task} --row 0`, 'read what it writes'],
    ...(task === 'research' ? [[`${r5} research "..." ${model} --sources encyclopaedia`, 'ask it yourself']] : []),
    [`${r5} train your-task.ts`, 'teach it a task of your own'],
  ];
  const explained = textTable(commands);
  const fits = explained.every((line) => line.length + 2 < columns);
  return fits ? explained : commands.map(([command]) => command ?? '');
}
