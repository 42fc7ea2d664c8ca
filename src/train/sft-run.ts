/** Supervised fine-tuning as a run folder: settings, event log, checkpoints; stopped cleanly at any step and resumed to the same weights. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { hashText } from '../random.ts';
import { pickRows } from '../rl/row-order.ts';
import { fineTune, type SftExample, type SftStep } from '../rl/sft.ts';
import { latestCheckpoint } from '../run/checkpoint-folder.ts';
import type { NewEvent } from '../run/event.ts';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { createRun, eventsPath, type Run } from '../run/run-folder.ts';
import type { BoundTask } from './bind-task.ts';
import { bindToModel } from './bind-to-model.ts';
import { evaluate } from './evaluate.ts';
import { evaluationEvent, versions } from './events.ts';
import { recordRun, type RunRecorder } from './recorded-run.ts';
import { dataOptions } from './data-settings.ts';
import { engineOptions } from './engine-settings.ts';
import { resolveModel } from './resolve-model.ts';
import { defaultLearningRate } from './settings.ts';
import { encodeSftData, loadSftData, type SftData } from './sft-data.ts';
import { parseSftConfig, parseSftSettings, type SftSettings, type SftSettingsInput } from './sft-settings.ts';
import type { EvaluationSummary } from './train-run.ts';

export interface SftHooks {
  /** Called once, when the run's folder exists. `totalSteps` and `finalRows` are those of this run. */
  onRun?: (run: Run, settings: SftSettings, totalSteps: number, finalRows: number) => void;
  /** Called with every event as it is logged. */
  onEvent?: (event: NewEvent) => void;
  /** Stops after the step that is under way, with a checkpoint. */
  signal?: AbortSignal;
}

export interface SftResult {
  run: Run;
  settings: SftSettings;
  finished: boolean;
  /** Steps that are in the weights. */
  steps: number;
  examples: number;
  /** Loss of the last step that this process did, in nats a token, before its update. */
  loss: number | undefined;
  /** Held-out rows before and after, when the data are a task's. */
  before: EvaluationSummary | undefined;
  after: EvaluationSummary | undefined;
  /** Time spent in steps, this process. */
  trainSeconds: number;
}

/** Starts a new run in `runsDirectory` and fine-tunes to the end, or until the signal. Throws R5Error for data or a model that do not fit. */
export async function sftRun(input: SftSettingsInput, runsDirectory: string, hooks: SftHooks = {}): Promise<SftResult> {
  const settings = parseSftSettings(input);
  const data = await loadSftData(settings.data, dataOptions({ data: settings.taskData, columns: settings.columns }));
  const setup = await prepare(settings, data, runsDirectory);
  try {
    const config = JSON.parse(JSON.stringify({ algorithm: 'sft', ...settings, dataHash: data.hash }));
    const run = createRun(runsDirectory, { task: `sft-${data.name}`, config, seed: settings.seed });
    return await drive(run, settings, setup, hooks, { fromStep: 0, resumed: false, before: undefined });
  } finally {
    await setup.engine.release();
  }
}

/** Whether a run is one of fine-tuning, for `resumeSftRun`. */
export const isSftRun = (run: Run): boolean => run.config.algorithm === 'sft';

/**
 * Goes on with a fine-tuning run from its newest whole checkpoint. The weights at the end are those of a run that was never interrupted.
 * Throws R5Error when the data have changed since.
 */
export async function resumeSftRun(run: Run, runsDirectory: string, hooks: SftHooks = {}): Promise<SftResult> {
  const { algorithm: _, dataHash, ...settings } = parseSftConfig(run.config);
  const data = await loadSftData(settings.data, dataOptions({ data: settings.taskData, columns: settings.columns }));
  if (data.hash !== dataHash) {
    throw new R5Error(`The data of the run ${run.name} have changed (${settings.data}), so it cannot go on as if they had not. Put them back, or start a new run.`);
  }
  const setup = await prepare(settings, data, runsDirectory);
  try {
    const checkpoint = await latestCheckpoint(run);
    if (checkpoint) await setup.engine.load(checkpoint.directory);
    const { events } = await loadEvents(eventsPath(run));
    const before = effectiveEvents(events).find((event) => event.type === 'evaluation');
    return await drive(run, settings, setup, hooks, { fromStep: checkpoint?.step ?? 0, resumed: true, before });
  } finally {
    await setup.engine.release();
  }
}

interface Setup {
  engine: LocalEngine;
  examples: readonly SftExample[];
  /** Held-out rows, when the data are a task's and any are wanted. */
  test: BoundTask | undefined;
  sampling: { maxTokens: number; temperature: number; stop: readonly string[]; seed: number };
  learningRate: number;
  totalSteps: number;
  finalRows: number;
}

async function prepare(settings: SftSettings, data: SftData, runsDirectory: string): Promise<Setup> {
  const directory = await resolveModel(settings.model, runsDirectory);
  const engine = await LocalEngine.open(directory, { ...engineOptions(settings), seed: settings.seed });
  try {
    const { tokenizer, contextLength } = engine;
    if (!tokenizer) throw new R5Error(`The model ${directory} has no tokenizer.`);
    const endToken = tokenizer.endToken ?? engine.config.endTokens[0];
    if (endToken === undefined) throw new R5Error(`The model ${directory} names no end token (eos_token_id in config.json), so it could not learn to stop.`);
    const { task } = data;
    const maxTokens = task?.maxTokens ?? 0;
    const test = task && settings.finalRows > 0 ? await bindToModel(task, 'test', { engine, tokenizer, name: settings.model }, { maxTokens }) : undefined;
    return {
      engine,
      examples: encodeSftData(data, tokenizer, endToken, contextLength),
      test,
      sampling: { maxTokens, temperature: 1, stop: task?.stop ?? [], seed: hashText(`evaluation ${settings.seed}`) },
      learningRate: settings.learningRate ?? defaultLearningRate(engine.parameterCount, settings.loraRank !== undefined),
      totalSteps: settings.steps ?? Math.max(1, Math.ceil((settings.epochs * data.texts.length) / settings.batch)),
      finalRows: test ? Math.min(settings.finalRows, test.rowCount) : 0,
    };
  } catch (error) {
    await engine.release();
    throw error;
  }
}

interface Beginning {
  /** Steps that are in the weights already. */
  fromStep: number;
  resumed: boolean;
  before: EvaluationSummary | undefined;
}

/** Fine-tunes from the step after `fromStep`; everything that happens goes into the log. */
function drive(run: Run, settings: SftSettings, setup: Setup, hooks: SftHooks, beginning: Beginning): Promise<SftResult> {
  const { engine, totalSteps } = setup;
  const { fromStep, resumed } = beginning;
  return recordRun(run, { engine, keepCheckpoints: settings.keepCheckpoints, onEvent: hooks.onEvent }, async (recorder) => {
    hooks.onRun?.(run, settings, totalSteps, setup.finalRows);
    recorder.log(resumed ? { type: 'resume', fromStep } : { type: 'start', config: run.config, versions: versions() });
    const before = beginning.before ?? (fromStep === 0 ? await look(setup, recorder, 0) : undefined);
    const start = performance.now();
    const { steps, loss } = await learn(settings, setup, recorder, fromStep, hooks.signal);
    const trainSeconds = (performance.now() - start) / 1000;
    const result = { run, settings, steps, examples: setup.examples.length, loss, before, trainSeconds };
    if (steps < totalSteps) {
      recorder.log({ type: 'stop', reason: 'interrupted', message: `stopped after step ${steps}` });
      return { ...result, finished: false, after: undefined };
    }
    const after = await look(setup, recorder, steps);
    recorder.log({ type: 'stop', reason: 'finished' });
    return { ...result, finished: true, after };
  });
}

/** The steps, with a checkpoint at the end whichever way it comes. */
async function learn(
  settings: SftSettings,
  { engine, examples, learningRate, totalSteps }: Setup,
  { log, checkpoint }: RunRecorder,
  fromStep: number,
  signal: AbortSignal | undefined,
): Promise<{ steps: number; loss: number | undefined }> {
  let steps = fromStep;
  let lastCheckpoint = fromStep;
  let lastLoss: number | undefined;
  await fineTune(engine, {
    schedule: { learningRate, kind: settings.schedule, warmupSteps: settings.warmupSteps, totalSteps, finalShare: 0.1 },
    optimizer: { weightDecay: settings.weightDecay, clipNorm: settings.clipNorm },
    // Named by seed and step, so a resumed run draws what it would have drawn.
    nextBatch: (step) => pickRows(examples.length, settings.batch, settings.seed, step).flatMap((row) => examples[row] ?? []),
    firstStep: fromStep + 1,
    ...(signal ? { signal } : {}),
    onStep: async (report) => {
      steps = report.step;
      lastLoss = report.loss;
      log(supervisedStepEvent(report));
      if (steps % settings.checkpointEvery !== 0 && steps !== totalSteps) return;
      await checkpoint(steps);
      lastCheckpoint = steps;
    },
  });
  if (lastCheckpoint < steps) await checkpoint(steps);
  return { steps, loss: lastLoss };
}

function supervisedStepEvent({ step, loss, gradientNorm, learningRate, tokens, seconds }: SftStep): NewEvent {
  return { type: 'supervised-step', step, loss, gradientNorm, learningRate, trainTokensPerSecond: tokens / seconds, seconds };
}

/** Held-out accuracy after `step`, logged; undefined when there is nothing to evaluate. */
async function look({ engine, test, sampling, finalRows }: Setup, { log }: RunRecorder, step: number): Promise<EvaluationSummary | undefined> {
  if (!test) return undefined;
  const evaluation = await evaluate(engine, test, { rows: finalRows, sampling });
  log(evaluationEvent(step, evaluation));
  return evaluation;
}
