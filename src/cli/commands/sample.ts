import type { Command } from 'commander';
import { z } from 'zod';
import type { Completion, SamplingParams } from '../../engine/engine.ts';
import { R5Error } from '../../error.ts';
import { dataFields, dataOptions } from '../../train/data-settings.ts';
import { writtenTokens } from '../../rl/rollouts.ts';
import { loadTask } from '../../train/load-task.ts';
import type { Score } from '../../task/task.ts';
import type { ChatMessage } from '../../chat-message.ts';
import { hashWords } from '../../random.ts';
import type { BoundEpisodes } from '../../train/bind-episodes.ts';
import { encodePrompt } from '../../train/bind-task.ts';
import { bindToModel } from '../../train/bind-to-model.ts';
import { conversationLines } from '../conversation-lines.ts';
import { defaultModel } from '../default-model.ts';
import { jsonOption, machineOptions, modelOption, runsOption } from '../common-options.ts';
import { withModel, type OpenModel } from '../open-model.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { readStandardInput } from '../standard-input.ts';

const wholeNumber = z.number().int();

const options = z.strictObject({
  ...modelOption,
  prompt: z.string().min(1).optional().describe('text that the model continues (default: stdin, when that is no terminal)'),
  task: z.string().min(1).optional().describe("take the prompt from this task's held-out rows, and score the completions"),
  row: wholeNumber.nonnegative().default(0).describe('which held-out row of the task'),
  count: wholeNumber.positive().default(1).describe('completions'),
  maxTokens: wholeNumber.positive().optional().describe("longest completion in tokens (default: the task's own, else 256 or what the context leaves)"),
  temperature: z.number().nonnegative().default(1).describe('sampling temperature; 0 is greedy'),
  greedy: z.boolean().default(false).describe('always take the likeliest token (temperature 0)'),
  topK: wholeNumber.nonnegative().default(0).describe('keep the k likeliest tokens; 0 keeps all'),
  topP: z.number().min(0).max(1).default(1).describe('keep the likeliest tokens that together reach this probability'),
  minP: z.number().min(0).max(1).default(0).describe('drop tokens less likely than this share of the likeliest'),
  stop: z.array(z.string().min(1)).optional().describe('text that ends a completion; may be given several times'),
  seed: wholeNumber.nonnegative().default(1).describe('names the draws'),
  ...dataFields,
  ...machineOptions,
  ...runsOption,
  ...jsonOption,
});
type SampleOptions = z.output<typeof options>;

/** A completion as it is printed. */
interface Sample {
  text: string;
  tokens: number;
  stopReason: 'stop' | 'length';
  /** Sum of the tokens' log-probabilities, in nats. */
  logprob: number;
  score?: Score;
  /** The whole conversation of a task with tools. */
  messages?: readonly ChatMessage[];
}

/** `r5 sample`: completions of a prompt. */
export function registerSample(program: Command): void {
  const command = program.command('sample').description('print what a model writes after a prompt');
  addOptions(command, options).action(async () => {
    const { task } = readOptions(command, options);
    const chosen = readOptions(command, options, task === undefined ? {} : defaultModel(task));
    if (chosen.prompt !== undefined && chosen.task !== undefined) command.error('error: give either --prompt or --task, not both');
    const prompt = chosen.prompt ?? (chosen.task === undefined ? await readStandardInput() : undefined);
    if (prompt === undefined && chosen.task === undefined) command.error('error: no prompt: give --prompt TEXT or --task NAME, or pipe a text in');
    const output = new Output(chosen.json);
    await withModel(chosen, async (model) => {
      const { text, samples } = prompt === undefined ? await sampleRow(model, chosen) : await samplePrompt(model, chosen, prompt);
      print(output, text, samples);
      output.result({ model: model.directory, prompt: text, completions: samples });
    });
  });
  command.addHelpText('after', "\nExamples:\n  r5 sample --task countdown --row 3 --count 4\n  echo -n 'Once upon a time' | r5 sample --model ./my-model --temperature 0.7\n");
}

interface Sampled {
  /** The prompt. */
  text: string;
  samples: Sample[];
}

async function samplePrompt(model: OpenModel, chosen: SampleOptions, text: string): Promise<Sampled> {
  const { engine, tokenizer } = model;
  const prompt = encodePrompt(text, tokenizer);
  if (prompt.length === 0) throw new R5Error('The prompt has no tokens; give it some text.');
  const room = engine.contextLength - prompt.length;
  const maxTokens = chosen.maxTokens ?? Math.min(256, room);
  if (maxTokens > room || room < 1) {
    throw new R5Error(`The prompt has ${prompt.length} tokens, and with completions of up to ${Math.max(1, maxTokens)} that is more than the model's context of ${engine.contextLength}. Shorten the prompt or lower --max-tokens.`);
  }
  const completions = await sample(model, prompt, samplingOf(chosen, maxTokens), chosen.count);
  return { text, samples: completions.map((completion) => asSample(completion, tokenizer.decode(completion.tokens, { continues: true }))) };
}

async function sampleRow(model: OpenModel, chosen: SampleOptions): Promise<Sampled> {
  const { engine, tokenizer } = model;
  const task = await loadTask(chosen.task ?? '', dataOptions(chosen));
  const maxTokens = chosen.maxTokens ?? task.maxTokens;
  const bound = await bindToModel(task, 'test', { engine, tokenizer, name: chosen.model }, { maxTokens });
  const { row } = chosen;
  if (row >= bound.rowCount) throw new R5Error(`The task "${task.name}" has ${bound.rowCount} held-out rows, so there is no row ${row}; they count from 0.`);
  const sampling = samplingOf({ ...chosen, stop: [...(task.stop ?? []), ...(chosen.stop ?? [])] }, maxTokens);
  if ('rollout' in bound) return { text: bound.promptText(row), samples: await sampleEpisodes(bound, row, sampling, chosen) };
  const completions = await sample(model, bound.prompt(row), sampling, chosen.count);
  const samples = await Promise.all(
    completions.map(async (completion) => {
      const { text, ...score } = await bound.score(row, completion);
      return { ...asSample(completion, text), score };
    }),
  );
  return { text: bound.promptText(row), samples };
}

/** The row's episodes, played at the same time. */
function sampleEpisodes(bound: BoundEpisodes, row: number, params: SamplingParams, { count, seed }: SampleOptions): Promise<Sample[]> {
  const { signal } = new AbortController();
  return Promise.all(
    Array.from({ length: count }, async (_, index): Promise<Sample> => {
      const { text, sequences, stopReason, episode, reward, verdict, parts } = await bound.rollout(row, { index, sampling: { ...params, seed: hashWords(seed, index) }, signal });
      const logprob = sequences.reduce((total, { logprobs }) => total + logprobs.reduce((sum, value) => sum + value, 0), 0);
      const score = { reward, verdict, ...(parts === undefined ? {} : { parts }) };
      return { text, tokens: writtenTokens({ sequences }), stopReason, logprob, score, ...(episode ? { messages: episode.messages } : {}) };
    }),
  );
}

function samplingOf({ greedy, temperature, topK, topP, minP, stop, seed }: SampleOptions, maxTokens: number): SamplingParams {
  return { maxTokens, temperature: greedy ? 0 : temperature, topK, topP, minP, stop: stop ?? [], seed };
}

async function sample({ engine }: OpenModel, prompt: readonly number[], params: SamplingParams, count: number): Promise<Completion[]> {
  const completions = await engine.sample([{ prompt, count }], params);
  return completions.flat();
}

function asSample({ tokens, logprobs, stopReason }: Completion, text: string): Sample {
  return { text, tokens: tokens.length, stopReason, logprob: logprobs.reduce((total, logprob) => total + logprob, 0) };
}

function print(output: Output, prompt: string, samples: readonly Sample[]): void {
  for (const [i, { text, tokens, stopReason, score, messages }] of samples.entries()) {
    if (samples.length > 1 || score) {
      const parts = [`${i + 1} of ${samples.length}`, `${tokens} tokens`, stopReason === 'stop' ? 'ended' : 'cut at the limit'];
      if (score) parts.push(score.verdict, `reward ${score.reward}`);
      output.line(output.style('dim', `--- ${parts.join(', ')}`));
    }
    if (messages) for (const { said, line } of conversationLines(messages)) output.line(said ? line : output.style('dim', line));
    else output.line(`${output.style('dim', prompt)}${text}`);
  }
}
