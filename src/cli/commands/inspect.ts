import type { Command } from 'commander';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { researchRunNames } from '../../research/loop/run-folder.ts';
import type { EpisodeEvent, WarningEvent } from '../../run/event.ts';
import { EPISODE_ORDERS, findEpisodes, surpriseOf, type FoundEpisodes } from '../../run/find-episodes.ts';
import { eventsPath, openRun, type Run } from '../../run/run-folder.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { renderEpisode, type EpisodeView } from '../episode-view.ts';
import { DIM, inkOfLogprob, printSpans, type Depth, type InkSpan } from '../ink.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { typedName } from '../typed-name.ts';
import { wrapSpans } from '../wrap-spans.ts';

const index = z.number().int().nonnegative();

const options = z.strictObject({
  sort: z.enum(EPISODE_ORDERS).default('newest').describe('what comes first: the latest, the highest reward, the longest, the most surprising to the model'),
  reverse: z.boolean().default(false).describe('the other end first'),
  count: index.positive().default(8).describe('episodes shown'),
  step: index.optional().describe('only those of this step'),
  row: index.optional().describe('only those of this row of the task'),
  rollout: index.optional().describe('only those with this place in their group'),
  verdict: z.enum(['correct', 'wrong', 'unparsable']).optional().describe('only those with this verdict'),
  dropped: z.boolean().default(false).describe('only those that nothing was learned from'),
  warnings: z.boolean().default(false).describe('the warnings of the run, with the episodes that they name'),
  by: z.enum(['logprob', 'advantage']).default('logprob').describe("what the model's text is coloured by"),
  full: z.boolean().default(false).describe('long texts whole'),
  ...runsOption,
  ...jsonOption,
});
type InspectOptions = z.output<typeof options>;

/** `r5 inspect <run>`: what the model wrote, and what was made of it. */
export function registerInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('read the episodes of a run: text by log-probability or advantage, rewards by part, tool calls, why one was dropped')
    .argument('<run>', "the run's folder, name or id (r5 runs lists them)");
  addOptions(command, options).action(async (wanted: string) => {
    const chosen = readOptions(command, options);
    const run = openTrainingRun(wanted, chosen.runsDir);
    const output = new Output(chosen.json);
    const path = eventsPath(run);
    const { sort: order, reverse, count } = chosen;
    const found = await findEpisodes(path, { order, reverse, count: chosen.warnings ? 1 : count, accepts: (episode) => fits(episode, chosen) });
    const named = chosen.warnings ? await namedEpisodes(path, found.warnings) : [];
    const shown = chosen.warnings ? named : found.episodes;
    if (!chosen.json) print(output, run.name, found, shown, chosen);
    const { episodes: _, ...summary } = found;
    output.result({ run: run.directory, ...summary, episodes: shown.map((episode) => ({ ...episode, surprise: surpriseOf(episode) })) });
  });
  command.addHelpText('after', '\nExamples:\n  r5 inspect 3fa2c1 --sort surprise\n  r5 inspect 3fa2c1 --step 12 --verdict wrong --by advantage\n  r5 inspect 3fa2c1 --warnings\n');
}

/** Throws R5Error when there is none of that name; for one of research it says what shows that. */
function openTrainingRun(wanted: string, runsDir: string): Run {
  try {
    return openRun(wanted, runsDir);
  } catch (error) {
    const research = researchRunNames('research').find((name) => name === wanted || name.endsWith(`-${wanted}`));
    if (!(error instanceof R5Error) || research === undefined) throw error;
    throw new R5Error(`'${wanted}' is a run of research: ${typedName()} research log ${wanted} lists what happened, ${typedName()} research open ${wanted} shows its report.`, { cause: error });
  }
}

function fits({ step, row, rollout, verdict, dropped }: EpisodeEvent, chosen: InspectOptions): boolean {
  const isOr = <Value>(wanted: Value | undefined, value: Value): boolean => wanted === undefined || wanted === value;
  return isOr(chosen.step, step) && isOr(chosen.row, row) && isOr(chosen.rollout, rollout) && isOr(chosen.verdict, verdict) && (!chosen.dropped || dropped !== undefined);
}

/** The episodes that the warnings name, in the order of the steps. */
async function namedEpisodes(path: string, warnings: readonly WarningEvent[]): Promise<EpisodeEvent[]> {
  const keyOf = ({ step, row, rollout }: { step: number; row: number; rollout: number }): string => `${step} ${row} ${rollout}`;
  const names = new Set(warnings.flatMap(({ episodes = [] }) => episodes.map(keyOf)));
  if (names.size === 0) return [];
  const { episodes } = await findEpisodes(path, { order: 'newest', reverse: true, count: names.size, accepts: (episode) => names.has(keyOf(episode)) });
  return episodes;
}

function print(output: Output, name: string, found: FoundEpisodes, shown: readonly EpisodeEvent[], chosen: InspectOptions): void {
  const { fitting, logged, meanReward, dropped, warnings, problems } = found;
  const depth = depthOf(output);
  const columns = Math.max(20, (output.stream.columns || 100) - 1);
  const say = (spans: readonly InkSpan[]): void => {
    for (const line of wrapSpans(spans, columns)) output.line(printSpans(line, depth).trimEnd());
  };
  say([{ text: `${name}: ${fitting === logged ? `${logged} episodes in the log` : `${fitting} of the log's ${logged} episodes fit`}${meanReward === undefined ? '' : `, mean reward ${meanReward.toFixed(3)}`}` }]);
  const reasons = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  if (reasons.length > 0) say([{ text: `dropped: ${reasons.join(', ')}` }]);
  for (const problem of problems) say([{ text: problem, ink: depth === 'none' ? undefined : '33' }]);
  for (const { step, message } of chosen.warnings ? warnings : []) say([{ text: '\n' }, { text: `${step === undefined ? '' : `step ${step}: `}${printable(message)}`, ink: depth === 'none' ? undefined : '33' }]);
  if (!chosen.warnings && warnings.length > 0) say([{ text: `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}; --warnings shows them`, ink: depth === 'none' ? undefined : '33' }]);
  if (chosen.warnings && warnings.length === 0) say([{ text: 'There are no warnings.' }]);
  if (depth !== 'none' && shown.length > 0) say(legend(chosen.by, depth));
  const view: EpisodeView = { columns, depth, by: chosen.by, full: chosen.full, scale: Math.max(0, ...shown.map(({ advantage = 0 }) => Math.abs(advantage))) };
  for (const episode of shown) {
    output.line();
    for (const line of renderEpisode(episode, view)) output.line(printSpans(line, depth).trimEnd());
  }
}

function depthOf({ colour, stream }: Output): Depth {
  if (!colour) return 'none';
  return stream.hasColors(256) ? 'rich' : 'basic';
}

function legend(by: InspectOptions['by'], depth: Depth): InkSpan[] {
  if (by === 'advantage') return [{ text: 'text by advantage: green above its group, red below, dim where nothing was learned', ink: DIM }];
  const samples = [0.5, 0.3, 0.1, 0.02, 0.001].map((probability): InkSpan => ({ text: ` ${probability} `, ink: inkOfLogprob(Math.log(probability), depth) }));
  return [{ text: 'tokens by the probability that the model gave them: 1 ', ink: DIM }, ...samples, { text: ' 0; the bar beside them by advantage', ink: DIM }];
}
