/**
 * A whole GRPO step of r5 (sampling, scoring, update) against TRL's GRPOTrainer: same model, prompts, completions, dtype; in turns, on
 * an idle machine. Either every completion has the same length on both sides, or, with `--task`, both see the same prompts of the task in
 * the same steps and completions end by themselves; then the report has the lengths of both sides.
 *
 *     node bench/compare-trl.ts [--python .venv/bin/python] [--prompts 32] [--completions 8] [--prompt-length 12] [--length 80]
 *     node bench/compare-trl.ts --model <0.5 B model> --lora-rank 32 --weights int8 --prompts 2 --prompt-length 256 --length 256 --steps 1 --warm 1 --rounds 1
 *     node bench/compare-trl.ts --task countdown [--python .venv/bin/python] [--prompts 32] [--completions 8] [--flat-groups drop]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { readModelConfig } from '../src/model/config.ts';
import { loadTokenizer } from '../src/model/tokenizer.ts';
import { WEIGHT_FORMATS } from '../src/model/weight-format.ts';
import { Random } from '../src/random.ts';
import { grpoDefaults, trainGrpo, type GrpoSettings, type GrpoStep } from '../src/rl/grpo.ts';
import { loadTask } from '../src/train/load-task.ts';
import { bindTask } from '../src/train/bind-task.ts';
import { writtenTokens, type CompletionSource } from '../src/rl/rollouts.ts';
import { pickRows } from '../src/rl/row-order.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '.venv/bin/python' },
    model: { type: 'string', default: 'models/r5-tiny' },
    task: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    prompts: { type: 'string', default: '32' },
    completions: { type: 'string', default: '8' },
    'prompt-length': { type: 'string', default: '12' },
    /** Tokens a completion: exactly (default 80), or with --task at most (default: the task's). */
    length: { type: 'string' },
    steps: { type: 'string', default: '4' },
    /** Adapters of this rank on all linear layers, on both sides; r5 may store the frozen weights in another format. */
    'lora-rank': { type: 'string' },
    weights: { type: 'string', default: 'f32' },
    /** Sequences in one pass of the peer (default: all at once). */
    'micro-batch': { type: 'string' },
    /** Steps before those that are measured. */
    warm: { type: 'string', default: '2' },
    /** With --task: groups of equal rewards are trained on, as TRL does, or left out, as r5 does by default. */
    'flat-groups': { type: 'string', default: 'keep' },
  },
});
const whole = z.coerce.number().int().positive();
const prompts = whole.parse(values.prompts);
const groupSize = whole.parse(values.completions);
const steps = whole.parse(values.steps);
const flatGroups = z.enum(['keep', 'drop']).parse(values['flat-groups']);
const WARM = whole.parse(values.warm);
const loraRank = values['lora-rank'] === undefined ? undefined : whole.parse(values['lora-rank']);
const weights = z.enum(WEIGHT_FORMATS).parse(values.weights);
/** Largest addition to the task's reward that tells the completions of a group apart: enough that no group is flat, too little to matter. */
const TIE_BREAK = 1e-3;

/** What r5 trains on, and the flags that give the peer the same work. */
interface Work {
  source: CompletionSource;
  settings: GrpoSettings;
  flags: Readonly<Record<string, string | number>>;
  /** What the report says of it. */
  description: Readonly<Record<string, string | number>>;
}

interface R5Result {
  secondsPerStep: number;
  secondsGenerating: number;
  /** Tokens of completions in the loss / tokens sampled. TRL trains on all. */
  trainedShare: number;
  /** By measured step, as in the peer's report. */
  meanPromptLengths: number[];
  meanLengths: number[];
  longestLengths: number[];
  truncatedShares: number[];
  /** Variance of a completion's length among those of the same prompt. */
  lengthVariance: number;
}

const list = z.array(z.number());
const peerSchema = z.looseObject({
  stepSeconds: list, stepSecondsGenerating: list, trl: z.string(), torch: z.string(), maskTruncated: z.boolean(),
});
/** What the peer reports besides when completions end by themselves. */
const peerLengthsSchema = z.object({ meanPromptLengths: list, meanLengths: list });

const directory = mkdtempSync(join(tmpdir(), 'compare-trl-'));
try {
  const work = values.task === undefined ? await equalLengthWork() : await taskWork(values.task, join(directory, 'rows.jsonl'));
  const rounds = [];
  for (let round = 0; round < whole.parse(values.rounds); round++) {
    const r5 = await r5Steps(work);
    rounds.push(compared(r5, peerOutput(work)));
    console.error(JSON.stringify(rounds.at(-1)));
  }
  const r5SecondsPerStep = median(rounds.map(({ r5 }) => r5.secondsPerStep));
  const trlSecondsPerStep = median(rounds.map(({ trl }) => trl.secondsPerStep));
  const faster = trlSecondsPerStep / r5SecondsPerStep;
  console.log(JSON.stringify({ prompts, completions: groupSize, ...work.description, r5SecondsPerStep, trlSecondsPerStep, faster, rounds }));
} finally {
  rmSync(directory, { recursive: true });
}

/** Random prompts of one length; completions end by the limit only. The reward is as trivial as the peer's. */
async function equalLengthWork(): Promise<Work> {
  const promptLength = whole.parse(values['prompt-length']);
  const length = whole.parse(values.length ?? '80');
  const { vocabularySize } = await readModelConfig(values.model);
  const random = new Random(3);
  const rows = Array.from({ length: prompts * (steps + WARM) }, () =>
    Array.from({ length: promptLength }, () => random.integer(3, vocabularySize - 1)),
  );
  return {
    source: {
      rowCount: rows.length,
      prompt: (row) => rows[row] ?? [],
      score: async (_row, { tokens }) => ({ reward: evenShare(tokens), verdict: 'wrong', text: '' }),
    },
    settings: settingsOf({ maxTokens: length, stopTokens: [], temperature: 1 }, 1e-5),
    flags: { 'prompt-length': promptLength, length },
    description: { promptLength, length },
  };
}

/**
 * The task's training rows, its own grader, completions that end by themselves; the peer gets the same prompts in the order of r5's
 * steps, through the file. The learning rate is so low that lengths stay as they are.
 */
async function taskWork(name: string, rowsPath: string): Promise<Work> {
  const task = await loadTask(name);
  if (task.stop?.length) throw new Error(`The task ${name} ends completions by stop strings, and the peer knows only the model's end token.`);
  const maxTokens = values.length === undefined ? task.maxTokens : whole.parse(values.length);
  const config = await readModelConfig(values.model);
  const tokenizer = await loadTokenizer(values.model, config);
  const bound = await bindTask(task, 'train', { tokenizer, contextLength: config.contextLength, maxTokens });
  const settings = settingsOf({ maxTokens, temperature: 1 }, 1e-6);
  const order = Array.from({ length: WARM + steps }, (_, step) => pickRows(bound.rowCount, prompts, settings.seed, step + 1)).flat();
  let scored = 0;
  writeFileSync(rowsPath, order.map((row) => `${JSON.stringify({ prompt: bound.promptText(row) })}\n`).join(''));
  return {
    source: {
      ...bound,
      // r5 leaves groups of equal rewards out of the update and TRL computes them: without a tie-break that would be less work. It counts
      // the calls, which come group by group, since even a group of equal completions must not be flat.
      score: async (row, completion) => {
        const tieBreak = (TIE_BREAK * (scored++ % groupSize)) / groupSize;
        const score = await bound.score(row, completion);
        return flatGroups === 'drop' ? score : { ...score, reward: score.reward + tieBreak };
      },
    },
    settings,
    flags: { rows: rowsPath, length: maxTokens },
    description: { task: name, mostTokens: maxTokens, flatGroups },
  };
}

/** Completions that were cut off are trained on: TRL masks them only when asked to. */
function settingsOf(sampling: GrpoSettings['sampling'], learningRate: number): GrpoSettings {
  const schedule = { ...grpoDefaults.schedule, learningRate, totalSteps: steps + WARM };
  return { ...grpoDefaults, prompts, groupSize, truncated: 'keep', sampling, schedule };
}

/** The steps after warming up; a step's time is from the end of the one before, so that nothing between steps is left out. */
async function r5Steps({ source, settings }: Work): Promise<R5Result> {
  const engine = await LocalEngine.open(values.model, loraRank === undefined ? {} : { lora: { rank: loraRank, alpha: 32 }, weights });
  const seconds: number[] = [];
  const reports: GrpoStep[] = [];
  let last = performance.now();
  const onStep = (report: GrpoStep): void => {
    seconds.push((performance.now() - last) / 1000);
    reports.push(report);
    last = performance.now();
  };
  try {
    await trainGrpo(engine, source, settings, { onStep });
  } finally {
    await engine.release();
  }
  const measured = reports.slice(WARM);
  const groups = measured.map((report) => report.groups.map((group) => group.map(writtenTokens)));
  return {
    secondsPerStep: mean(seconds.slice(WARM)),
    secondsGenerating: mean(measured.map(({ sampleSeconds }) => sampleSeconds)),
    trainedShare: mean(measured.map(({ trainedTokens }) => trainedTokens)) / mean(measured.map(({ sampledTokens }) => sampledTokens)),
    meanPromptLengths: measured.map((report) => mean(report.groups.flat().map(({ row }) => source.prompt(row).length))),
    meanLengths: measured.map(({ meanLength }) => meanLength),
    longestLengths: groups.map((step) => Math.max(...step.flat())),
    truncatedShares: measured.map(({ truncatedShare }) => truncatedShare),
    lengthVariance: mean(groups.flat().map(variance)),
  };
}

/** What the peer printed; its progress and warnings go to standard error. */
function peerOutput({ flags }: Work): unknown {
  const peerOptions = { ...(loraRank === undefined ? {} : { 'lora-rank': loraRank }), ...(values['micro-batch'] === undefined ? {} : { 'micro-batch': values['micro-batch'] }) };
  const all = { ...flags, ...peerOptions, prompts, completions: groupSize, steps, warm: WARM };
  const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const output = execFileSync(values.python, ['bench/peers/trl_grpo.py', values.model, ...words], { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

/** One round of both sides. Throws when they cannot have done the same work. */
function compared(r5: R5Result, output: unknown) {
  const peer = peerSchema.parse(output);
  if (peer.maskTruncated) throw new Error('The peer masks completions that were cut off, and r5 was told to keep them.');
  const trl = { ...peer, secondsPerStep: mean(peer.stepSeconds), secondsGenerating: mean(peer.stepSecondsGenerating) };
  const lengths = values.task === undefined ? {} : { meanLength: comparedLengths(r5, peerLengthsSchema.parse(output)) };
  return { r5, trl, ...lengths, faster: trl.secondsPerStep / r5.secondsPerStep };
}

/** Mean length of completions on both sides, and the standard error of their difference if both sample from the same model. */
function comparedLengths(r5: R5Result, trl: z.output<typeof peerLengthsSchema>) {
  // The same prompts in the same steps: their lengths are equal, or the two tokenizers differ.
  if (r5.meanPromptLengths.some((length, step) => !(Math.abs(length - (trl.meanPromptLengths[step] ?? NaN)) < 1e-6))) {
    throw new Error(`Prompts have other lengths in r5 (${r5.meanPromptLengths.join(', ')}) than in TRL (${trl.meanPromptLengths.join(', ')}).`);
  }
  if (flatGroups === 'keep' && r5.trainedShare < 1) throw new Error(`r5 trained on ${r5.trainedShare} of the sampled tokens, and TRL on all.`);
  const own = mean(r5.meanLengths);
  const other = mean(trl.meanLengths);
  // Both sides answered the same prompts, so only the spread within a prompt's group makes their means differ.
  return { r5: own, trl: other, difference: own - other, standardError: Math.sqrt((2 * r5.lengthVariance) / (steps * prompts * groupSize)) };
}

function evenShare(tokens: readonly number[]): number {
  return tokens.filter((token) => token % 2 === 0).length / tokens.length;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Unbiased; of at least two numbers. */
function variance(numbers: readonly number[]): number {
  const centre = mean(numbers);
  return numbers.reduce((sum, number) => sum + (number - centre) ** 2, 0) / (numbers.length - 1);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return mean([sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN, sorted[Math.floor(sorted.length / 2)] ?? NaN]);
}
