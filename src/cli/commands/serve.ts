import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { openRun, runNames } from '../../run/run-folder.ts';
import { EpisodeStore } from '../../serve/episodes/episode-store.ts';
import { openModel, type OpenModel } from '../../train/open-model.ts';
import type { RunningServer } from '../../serve/http-server.ts';
import { serve } from '../../serve/serve.ts';
import { servedModel, type ServedModel } from '../../serve/served-model.ts';
import { jsonOption, machineOptions, runsOption } from '../common-options.ts';
import { watchForInterrupt } from '../interrupt.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { serveScreen } from '../serve-screen.ts';

const whole = z.number().int();

const options = z.strictObject({
  port: whole.min(0).max(65_535).default(8080).describe('port to listen on; 0 takes one that is free'),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on; 0.0.0.0 lets other machines in'),
  name: z.string().min(1).optional().describe('name by which clients ask for the model (default: as typed)'),
  adapter: z.string().min(1).optional().describe('adapter in the form of PEFT to put on the model'),
  apiKey: z.array(z.string().min(1)).optional().describe('key that clients must send; may be given several times (also: R5_API_KEYS, separated by commas)'),
  apiKeyFile: z.string().min(1).optional().describe('file with such keys, one a line'),
  cors: z.array(z.string().min(1)).optional().describe("origin whose pages may call from a browser, or '*'; may be given several times"),
  rows: whole.positive().default(64).describe('answers that are written at the same time'),
  queue: whole.nonnegative().default(512).describe('answers that may wait; beyond that requests get the status 429'),
  maxTokens: whole.positive().optional().describe('most tokens of one answer (default: what the context leaves)'),
  maxBodyBytes: whole.positive().default(4 * 1024 * 1024).describe('largest body of a request'),
  record: z.string().min(1).optional().describe('folder or run: records the calls of episodes there, token by token'),
  grace: z.number().nonnegative().default(30).describe('seconds that answers under way may take when the server is stopped'),
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

async function untilStopped(server: RunningServer, grace: number, output: Output): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const interrupt = watchForInterrupt(() => {
    output.line(`stopping: answers under way have ${grace} s to end`);
    stopped.resolve();
  });
  try {
    await stopped.promise;
    await server.close({ graceMs: grace * 1000 });
  } finally {
    interrupt.release();
  }
}

/** A path is long and nobody else's business; its last part says enough. */
const nameOf = (typed: string): string => (/^[./~]/.test(typed) ? basename(typed) : typed);

async function keysOf({ apiKey = [], apiKeyFile }: Options): Promise<string[]> {
  const fromEnvironment = (process.env.R5_API_KEYS ?? '').split(',');
  const fromFile = apiKeyFile === undefined ? [] : (await readKeys(apiKeyFile)).split('\n');
  const keys = [...apiKey, ...fromEnvironment, ...fromFile].map((key) => key.trim()).filter((key) => key !== '' && !key.startsWith('#'));
  if (apiKeyFile !== undefined && keys.length === 0) throw new R5Error(`${apiKeyFile} holds no key; write one a line.`);
  const spaced = keys.find((key) => /\s/.test(key));
  if (spaced !== undefined) throw new R5Error('An API key has a space in it, so no client can send it; take one without.');
  return keys;
}

async function readKeys(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new R5Error(`The API keys cannot be read from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
