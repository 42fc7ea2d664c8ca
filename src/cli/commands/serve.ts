import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { openRun, runNames } from '../../run/run-folder.ts';
import { EpisodeStore } from '../../serve/episodes/episode-store.ts';
import { openModel, type OpenModel } from '../../train/open-model.ts';
import { serve } from '../../serve/serve.ts';
import { servedModel, type ServedModel } from '../../serve/served-model.ts';
import { jsonOption, machineOptions, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { serveScreen } from '../serve-screen.ts';
import { accessOptions, addressOptions, graceOption, keysOf } from '../server-options.ts';
import { untilStopped } from '../until-stopped.ts';

const whole = z.number().int();

const options = z.strictObject({
  ...addressOptions,
  name: z.string().min(1).optional().describe('name by which clients ask for the model (default: as typed)'),
  adapter: z.string().min(1).optional().describe('adapter in the form of PEFT to put on the model'),
  ...accessOptions,
  rows: whole.positive().default(64).describe('answers that are written at the same time'),
  queue: whole.nonnegative().default(512).describe('answers that may wait; beyond that requests get the status 429'),
  maxTokens: whole.positive().optional().describe('most tokens of one answer (default: what the context leaves)'),
  maxBodyBytes: whole.positive().default(4 * 1024 * 1024).describe('largest body of a request'),
  record: z.string().min(1).optional().describe('folder or run: records the calls of episodes there, token by token'),
  ...graceOption,
  ...machineOptions,
  ...runsOption,
  ...jsonOption,
});
type Options = z.output<typeof options>;

/** `r5 serve <model>`: a server that OpenAI's clients can call. */
export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description('serve a model to the clients of OpenAI')
    .argument('<model>', 'model directory, run, hub name, or r5-tiny');
  addOptions(command, options).action(async (typed: string) => {
    const chosen = readOptions(command, options);
    const apiKeys = await keysOf(chosen);
    const opened = await openModel(typed, chosen.runsDir, { ...chosen, decodeRows: chosen.rows });
    try {
      await withRecorder(chosen, (episodes) => run(chosen, { apiKeys, opened, model: servedModel(chosen.name ?? nameOf(typed), opened), episodes }));
    } finally {
      await opened.engine.release();
    }
  });
  command.addHelpText('after', '\nExamples:\n  r5 serve r5-tiny\n  r5 serve Qwen/Qwen3-0.6B --weights int8 --port 8000\n  r5 serve r5-tiny --record ./recorded\n  r5 serve 3fa2c1 --host 0.0.0.0 --api-key-file keys.txt\n');
}

async function withRecorder({ record, runsDir }: Options, use: (episodes: EpisodeStore | undefined) => Promise<void>): Promise<void> {
  if (record === undefined) return use(undefined);
  const isRun = !existsSync(record) && runNames(runsDir).some((name) => name === record || name.includes(record));
  const episodes = await EpisodeStore.open(isRun ? openRun(record, runsDir).directory : record);
  try {
    await use(episodes);
  } finally {
    await episodes.close();
  }
}

interface Serving {
  apiKeys: readonly string[];
  opened: OpenModel;
  model: ServedModel;
  episodes: EpisodeStore | undefined;
}

/** Serves until it is told to stop; ends with the exit code 0 then. */
async function run(chosen: Options, { apiKeys, opened, model, episodes }: Serving): Promise<void> {
  const { host, port, cors, rows, queue, maxTokens, maxBodyBytes, grace, weights } = chosen;
  const output = new Output(chosen.json);
  const limits = { concurrent: rows, queue, maxTokens, bodyBytes: maxBodyBytes };
  const server = await serve({ model, host, port, apiKeys, corsOrigins: cors ?? [], limits, ...(episodes ? { episodes } : {}) });
  const { directory, engine } = opened;
  output.line(serveScreen({ server, model, directory, parameters: engine.parameterCount, weights, rows, host, keys: apiKeys.length, recorded: episodes?.folder }, output));
  output.result({ url: server.url, model: model.name, directory });
  await untilStopped(server, grace, output);
}

/** A path is long and nobody else's business; its last part says enough. */
const nameOf = (typed: string): string => (/^[./~]/.test(typed) ? basename(typed) : typed);
