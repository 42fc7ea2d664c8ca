import type { Command } from 'commander';
import { z } from 'zod';
import { loadDataset } from '../../data/dataset.ts';
import { agentSettingsSchema } from '../../train/agent-settings.ts';
import { trainRemoteAgent } from '../../train/train-remote-agent.ts';
import { settledModel } from '../absolute-paths.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { followRun } from '../follow-run.ts';
import { duration, percent } from '../format.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { trainJson } from '../train-report.ts';

const options = agentSettingsSchema.extend({
  name: z.string().min(1).default('agent').describe('what the run is called'),
  heldOut: z.string().min(1).optional().describe('file of rows to measure on, before, between and after'),
  port: z.number().int().min(1).max(65_535).default(8080).describe('port where agents take their rollouts'),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on; 0.0.0.0 lets other machines in'),
  apiKey: z.array(z.string().min(1)).optional().describe('key that agents must send; may be given several times'),
  resume: z.string().min(1).optional().describe('go on with this run (folder, name or id); its settings are taken from there'),
  ...runsOption,
  ...jsonOption,
});

/** `r5 train-agent <rows>`: trains the model inside an agent of another process or language, which takes its rollouts over HTTP. */
export function registerTrainAgent(program: Command): void {
  const command = program
    .command('train-agent')
    .description('train the model inside an agent that runs elsewhere and takes its rollouts over HTTP')
    .argument('<rows>', 'file of rows (.jsonl, .json, .csv, .parquet), or a dataset of the hub; the agent gets them as JSON');
  addOptions(command, options).action(async (source: string) => {
    const { json, runsDir, port, host, apiKey, heldOut, model, resume, ...settings } = readOptions(command, options);
    const output = new Output(json);
    const rows = await loadDataset(source);
    const measured = heldOut === undefined ? [] : await loadDataset(heldOut);
    const settled = { ...settings, model: await settledModel(model, runsDir), ...(resume === undefined ? {} : { resume }) };
    output.line(`Agents take rollouts by POST http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}/episodes {"take": true}; docs/serving.md says how.`);
    const result = await followRun(output, (progress, signal) =>
      trainRemoteAgent({
        ...settled,
        rows,
        heldOut: measured,
        runsDirectory: runsDir,
        server: { host, port, apiKeys: apiKey ?? [] },
        signal,
        onRun: (run, { steps, finalRows }) => progress.begin({ task: run.task, model: settled.model, run: run.name, totalSteps: steps, finalRows }, []),
        onEvent: (event) => progress.event(event),
      }),
    );
    const { run, before, after, finished, steps, trainSeconds } = result;
    output.line(`${finished ? 'done' : 'stopped'} after ${steps} steps (${duration(trainSeconds)}): ${run.directory}`);
    if (before && after) output.line(`correct on ${after.n} held-out rows: ${percent(before.accuracy)} before, ${percent(after.accuracy)} after`);
    output.result(trainJson(result));
  });
  command.addHelpText('after', '\nExamples:\n  r5 train-agent questions.jsonl --model Qwen/Qwen3-0.6B --lora-rank 16\n  r5 train-agent questions.jsonl --resume 3fa2c1\n');
}
