import { freemem, totalmem } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';
import { planStep, type StepPlan } from '../../bench/plan.ts';
import { R5Error } from '../../error.ts';
import { readModelConfig } from '../../model/config.ts';
import { engineFields } from '../../train/engine-settings.ts';
import { resolveModel } from '../../train/resolve-model.ts';
import { jsonOption, modelOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { textTable } from '../text-table.ts';

const whole = z.number().int().positive();

const options = z.strictObject({
  ...modelOption,
  prompts: whole.default(32).describe('prompts a step'),
  groupSize: whole.default(8).describe('completions a prompt'),
  promptTokens: whole.default(256).describe('tokens of a prompt'),
  maxTokens: whole.default(256).describe('tokens of a completion'),
  loraRank: engineFields.loraRank,
  weights: engineFields.weights,
  recompute: engineFields.recompute,
  threads: engineFields.threads,
  ...runsOption,
  ...jsonOption,
});

/** `r5 plan`: memory and time of a training step, before it is run. */
export function registerPlan(program: Command): void {
  const command = program.command('plan').description('predict memory and time of a training step on this machine');
  addOptions(command, options).action(async () => {
    const { model, runsDir, json, prompts, groupSize, promptTokens, maxTokens, loraRank, weights, recompute, threads } = readOptions(command, options);
    if (weights !== 'f32' && loraRank === undefined) {
      throw new R5Error(`Weights in ${weights} cannot be trained themselves; plan with --lora-rank as well, or leave --weights out.`);
    }
    const config = await readModelConfig(await resolveModel(model, runsDir));
    const plan = planStep(
      {
        config, weights, prompts, groupSize, promptTokens, completionTokens: maxTokens, decodeRows: 64,
        lora: loraRank === undefined ? undefined : { rank: loraRank, alpha: 32 },
        ...(recompute === 'auto' ? {} : { recompute: recompute === 'on' }),
      },
      threads,
    );
    const output = new Output(json);
    output.result({ ...plan, memory: { ...plan.memory.parts, total: plan.memory.total, recompute: plan.memory.recompute } });
    if (!json) for (const line of reportLines(plan)) output.line(line);
  });
  command.addHelpText('after', '\nExamples:\n  r5 plan --model Qwen/Qwen2.5-0.5B-Instruct --lora-rank 32 --weights int8 --prompts 8\n');
}

function reportLines({ memory, peakGflops, samplingSeconds, trainingSeconds }: StepPlan): string[] {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  const { runtime, weights, kernelLayouts, training, cache, passes } = memory.parts;
  const seconds = (x: number) => (x < 90 ? `${x.toFixed(1)} s` : `${(x / 60).toFixed(1)} min`);
  const lines = textTable([
    ['program', gigabytes(runtime)],
    ['weights', gigabytes(weights)],
    ["the kernels' layouts of them", gigabytes(kernelLayouts)],
    ['gradient and optimizer', gigabytes(training)],
    ['keys and values of completions', gigabytes(cache)],
    [`activations${memory.recompute ? ', a block at a time' : ''}`, gigabytes(passes)],
    ['memory, at the peak', gigabytes(memory.total)],
    ['', ''],
    ['sampling', seconds(samplingSeconds)],
    ['training', seconds(trainingSeconds)],
    ['a step', seconds(samplingSeconds + trainingSeconds)],
  ]);
  const note = memory.total > totalmem() ? [`This machine has ${gigabytes(totalmem())}, which is less: take --weights int8, a lower --group-size, or shorter completions.`] : [];
  return [...lines, `(matrix products here: ${peakGflops.toFixed(0)} GFLOP/s; memory free now: ${gigabytes(freemem())})`, ...note];
}
