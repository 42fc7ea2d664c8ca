/** A training run as a folder: settings, event log, checkpoints; stopped cleanly at any step and resumed to the same weights. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { hashText } from '../random.ts';
import { trainGrpo, type GrpoStep } from '../rl/grpo.ts';
import { latestCheckpoint, pruneCheckpoints, writeCheckpoint } from '../run/checkpoint-folder.ts';
import type { NewEvent } from '../run/event.ts';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { createRun, eventsPath, type Run } from '../run/run-folder.ts';
import { openForWriting } from '../run/run-writer.ts';
import { loadTask } from '../task/load.ts';
import { bindTask, type BoundTask } from './bind-task.ts';
import { episodeEvents, evaluationEvent, stepEvent, versions } from './events.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { resolveModel } from './resolve-model.ts';
import { defaultLearningRate, grpoSettings, parseTrainSettings, type TrainSettings, type TrainSettingsInput } from './settings.ts';

export interface TrainHooks {
  /** Called once, when the run's folder exists. */
  onRun?: (run: Run, settings: TrainSettings) => void;
  /** Called with every event as it is logged. */
  onEvent?: (event: NewEvent) => void;
  /** Called with every step, episodes included. */
  onStep?: (step: GrpoStep) => void;
  /** Stops after the step that is under way, with a checkpoint. */
  signal?: AbortSignal;
}

export interface TrainResult {
  run: Run;
  settings: TrainSettings;
  finished: boolean;
  /** Steps that are in the weights. */
  steps: number;
  /** Held-out rows before and after. `before` is undefined for a resumed run whose log has no evaluation of the base. */
  before: EvaluationSummary | undefined;
  after: EvaluationSummary | undefined;
  /** Time spent in steps, this process. Evaluations before and after apart. */
  trainSeconds: number;
  /** Held-out completions before and after, of the first rows; only what this process evaluated. */
  examples: { before: Evaluation | undefined; after: Evaluation | undefined };
}

export type EvaluationSummary = Pick<Evaluation, 'n' | 'accuracy' | 'interval' | 'meanLength'>;

/** Starts a new run in `runsDirectory` and trains to the end, or until the signal. */
export async function trainRun(input: TrainSettingsInput, runsDirectory: string, hooks: TrainHooks = {}): Promise<TrainResult> {
  const settings = parseTrainSettings(input);
  const setup = await prepare(settings, runsDirectory);
  try {
    const config = JSON.parse(JSON.stringify(settings));
    const run = createRun(runsDirectory, { task: setup.taskName, config, seed: settings.seed });
    return await drive(run, settings, setup, hooks, 0, undefined);
  } finally {
    await setup.engine.release();
  }
}

/** Goes on with a run from its newest whole checkpoint. The weights at the end are those of a run that was never interrupted. */
export async function resumeRun(run: Run, runsDirectory: string, hooks: TrainHooks = {}): Promise<TrainResult> {
  const settings = parseTrainSettings(run.config);
  const setup = await prepare(settings, runsDirectory);
  try {
    const checkpoint = await latestCheckpoint(run);
    if (checkpoint) await setup.engine.load(checkpoint.directory);
    const { events } = await loadEvents(eventsPath(run), { skip: ['episode'] });
    const first = effectiveEvents(events).find((event) => event.type === 'evaluation' && event.step === 0);
    const before = first?.type === 'evaluation' ? first : undefined;
    return await drive(run, settings, setup, hooks, checkpoint?.step ?? 0, before);
  } finally {
    await setup.engine.release();
  }
}

interface Setup {
  engine: LocalEngine;
  taskName: string;
  train: BoundTask;
  test: BoundTask;
  maxTokens: number;
  stop: readonly string[];
  learningRate: number;
}

async function prepare(settings: TrainSettings, runsDirectory: string): Promise<Setup> {
  const task = await loadTask(settings.task);
  const maxTokens = settings.maxTokens ?? task.maxTokens;
  const directory = await resolveModel(settings.model, runsDirectory);
  const lora = settings.loraRank === undefined ? undefined : { rank: settings.loraRank, alpha: settings.loraAlpha };
  const engine = await LocalEngine.open(directory, {
    device: settings.device,
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
    lora,
    reference: settings.klCoefficient > 0,
    seed: settings.seed,
  });
  try {
    const { tokenizer, contextLength } = engine;
    if (!tokenizer) throw new R5Error(`The model ${directory} has no tokenizer.`);
    const binding = { tokenizer, contextLength, maxTokens };
    return {
      engine,
      taskName: task.name,
      train: await bindTask(task, 'train', binding),
      test: await bindTask(task, 'test', binding),
      maxTokens,
      stop: task.stop ?? [],
      learningRate: settings.learningRate ?? defaultLearningRate(engine.parameterCount, lora !== undefined),
    };
  } catch (error) {
    await engine.release();
    throw error;
  }
}

/** Trains from the step after `fromStep`; everything that happens goes into the log. */
async function drive(
  run: Run,
  settings: TrainSettings,
  setup: Setup,
  hooks: TrainHooks,
  fromStep: number,
  knownBefore: EvaluationSummary | undefined,
): Promise<TrainResult> {
  const { engine, test } = setup;
  const writer = openForWriting(run);
  const log = (event: NewEvent): void => {
    writer.log.append(event);
    hooks.onEvent?.(event);
  };
  const look = (rows: number, samplingSeed: number) =>
    evaluate(engine, test, {
      rows,
      sampling: { maxTokens: setup.maxTokens, temperature: settings.temperature, stop: setup.stop, seed: samplingSeed },
    });
  const evaluationSeed = hashText(`evaluation ${settings.seed}`);
  let steps = fromStep;
  let trainSeconds = 0;
  const examples: TrainResult['examples'] = { before: undefined, after: undefined };
  const result = (finished: boolean, before?: EvaluationSummary, after?: EvaluationSummary): TrainResult => ({
    run, settings, finished, steps, before, after, trainSeconds, examples,
  });
  const checkpoint = async (step: number): Promise<void> => {
    await writeCheckpoint(run, step, (directory) => engine.save(directory));
    log({ type: 'checkpoint', step });
    writer.log.sync();
    await pruneCheckpoints(run, settings.keepCheckpoints);
  };
  try {
    hooks.onRun?.(run, settings);
    if (fromStep > 0) log({ type: 'resume', fromStep });
    else log({ type: 'start', config: run.config, versions: versions() });
    let before = knownBefore;
    if (!before) {
      examples.before = await look(settings.finalRows, evaluationSeed);
      before = examples.before;
      if (fromStep === 0) log(evaluationEvent(0, examples.before));
    }
    const start = performance.now();
    let lastCheckpoint = fromStep;
    await trainGrpo(engine, setup.train, grpoSettings(settings, setup.learningRate, setup.maxTokens, setup.stop), {
      firstStep: fromStep + 1,
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      onCheck: (check, step) => {
        // A check that passes is worth a line once; later ones only when they fail.
        if (!check.passed || step <= fromStep + 2) log({ type: 'check', step, ...check });
      },
      onStep: async (step) => {
        steps = step.step;
        log(stepEvent(step));
        for (const episode of episodeEvents(step, setup.train)) log(episode);
        hooks.onStep?.(step);
        const last = steps === settings.steps;
        if (settings.evalEvery > 0 && steps % settings.evalEvery === 0 && !last) log(evaluationEvent(steps, await look(settings.evalRows, evaluationSeed)));
        if (steps % settings.checkpointEvery === 0 || last) {
          await checkpoint(steps);
          lastCheckpoint = steps;
        }
      },
    });
    trainSeconds = (performance.now() - start) / 1000;
    if (steps < settings.steps) {
      if (lastCheckpoint < steps) await checkpoint(steps);
      log({ type: 'stop', reason: 'interrupted', message: `stopped after step ${steps}` });
      return result(false, before);
    }
    examples.after = await look(settings.finalRows, evaluationSeed);
    log(evaluationEvent(steps, examples.after));
    log({ type: 'stop', reason: 'finished' });
    return result(true, before, examples.after);
  } catch (error) {
    recordFailure(log, error);
    throw error;
  } finally {
    writer.close();
  }
}

/** The reason in the log, where it can still be written; the error itself goes on to the caller. */
function recordFailure(log: (event: NewEvent) => void, error: unknown): void {
  try {
    log({ type: 'stop', reason: 'failed', message: error instanceof Error ? error.message : String(error) });
  } catch (logError) {
    if (error instanceof Error && error.cause === undefined) error.cause = logError;
  }
}

