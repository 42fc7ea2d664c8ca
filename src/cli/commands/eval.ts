import type { Command } from 'commander';
import { z } from 'zod';
import { dataFields, dataOptions } from '../../train/data-settings.ts';
import { loadTask } from '../../train/load-task.ts';
import { bindToModel } from '../../train/bind-to-model.ts';
import { evaluate, type Evaluation } from '../../train/evaluate.ts';
import { jsonOption, machineOptions, modelOption, runsOption } from '../common-options.ts';
import { evaluationSeed } from '../evaluation-seed.ts';
import { duration, percent, percentRange } from '../format.ts';
import { withModel } from '../open-model.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { defaultModel } from '../default-model.ts';
import { Output } from '../output.ts';
import { textTable } from '../text-table.ts';

const positive = z.number().int().positive();

const options = z.strictObject({
  ...modelOption,
  rows: positive.default(512).describe('held-out rows, from the first on'),
  samples: positive.default(1).describe('completions a row: the k of pass@k and maj@k'),
  temperature: z.number().nonnegative().optional().describe('sampling temperature; 0 is greedy (default: 0 for one sample a row, 1 for more)'),
  greedy: z.boolean().default(false).describe('always take the likeliest token (temperature 0)'),
  maxTokens: positive.optional().describe("longest completion in tokens (default: the task's own)"),
  tools: z.boolean().default(true).describe('a task with tools: take them away, to see what the model knows without them'),
  seed: z.number().int().nonnegative().default(1).describe('names the draws'),
  ...dataFields,
  ...machineOptions,
  ...runsOption,
  ...jsonOption,
});
type EvalOptions = z.output<typeof options>;

/** `r5 eval <task>`: accuracy on held-out rows. */
export function registerEval(program: Command): void {
  const command = program
    .command('eval')
    .description('measure a model on the held-out rows of a task: accuracy with 95 % interval, pass@k, maj@k')
    .argument('<task>', 'built-in task, or the path of a TypeScript file');
  addOptions(command, options).action(async (task: string) => {
    const chosen = readOptions(command, options, defaultModel(task));
    const output = new Output(chosen.json);
    const { directory, evaluation } = await measure(task, chosen);
    report(output, task, directory, evaluation);
    const { groups: _, ...figures } = evaluation;
    output.result({ task, model: directory, seed: chosen.seed, temperature: temperatureOf(chosen), tools: chosen.tools, ...figures });
  });
  command.addHelpText('after', '\nExamples:\n  r5 eval countdown --model r5-tiny\n  r5 eval ./my-task.ts --model 3fa2c1 --samples 8\n  r5 eval search --no-tools\n');
}

const temperatureOf = ({ greedy, temperature, samples }: EvalOptions): number => (greedy ? 0 : (temperature ?? (samples === 1 ? 0 : 1)));

async function measure(nameOrPath: string, chosen: EvalOptions): Promise<{ directory: string; evaluation: Evaluation }> {
  const task = await loadTask(nameOrPath, dataOptions(chosen));
  const maxTokens = chosen.maxTokens ?? task.maxTokens;
  return withModel(chosen, async ({ engine, tokenizer, directory }) => {
    const bound = await bindToModel(task, 'test', { engine, tokenizer, name: chosen.model }, { maxTokens, tools: chosen.tools ? 'on' : 'off' });
    const sampling = { maxTokens, temperature: temperatureOf(chosen), stop: task.stop ?? [], seed: evaluationSeed(chosen.seed) };
    return { directory, evaluation: await evaluate(engine, bound, { rows: chosen.rows, samples: chosen.samples, sampling }) };
  });
}

function report(output: Output, task: string, directory: string, evaluation: Evaluation): void {
  const { n, samples, accuracy, interval, passAtK, majAtK, meanLength, parsedShare, truncatedShare, seconds } = evaluation;
  const rows = [['accuracy', `${percent(accuracy)}  (95 % interval ${percentRange(interval)})`]];
  if (samples > 1) rows.push([`pass@${samples}`, percent(passAtK)], [`maj@${samples}`, percent(majAtK)]);
  rows.push(
    ['mean length', `${meanLength.toFixed(1)} tokens`],
    ['readable answers', percent(parsedShare)],
    ['cut at the limit', percent(truncatedShare)],
  );
  output.line(`${task}, ${n} held-out rows, ${samples} ${samples === 1 ? 'completion' : 'completions'} each, in ${duration(seconds)}`);
  output.line(`model ${directory}`);
  output.line();
  for (const line of textTable(rows)) output.line(`  ${line}`);
}
