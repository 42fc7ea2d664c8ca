/** A training run as a folder: settings, event log, checkpoints; stopped cleanly at any step and resumed to the same weights. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { hashText } from '../random.ts';
import { trainGrpo, type GrpoStep } from '../rl/grpo.ts';
import { RewardWatch, type WatchedPast } from '../rl/reward-hacking.ts';
import type { GroupPosition, Rest } from '../rl/step-rollouts.ts';
import { latestCheckpoint, pruneCheckpoints, writeCheckpoint } from '../run/checkpoint-folder.ts';
import type { NewEvent } from '../run/event.ts';
import type { JsonObject } from '../run/json.ts';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { createRun, eventsPath, type Run } from '../run/run-folder.ts';
import { openForWriting, type RunWriter } from '../run/run-writer.ts';
import type { BoundTask } from './bind-task.ts';
import { episodeEvents, restEvents, type EpisodeLogging } from './episode-events.ts';
import { evaluationEvent, stepEvent, versions } from './events.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { engineOptions } from './engine-settings.ts';
import { loadGroupPosition, saveGroupPosition } from './group-position.ts';
import { resolveModel } from './resolve-model.ts';
import { defaultLearningRate, grpoSettings, parseTrainSettings, type TrainSettings, type TrainSettingsInput } from './settings.ts';
import { hackingEvent, watchedGroups, watchedPast, watchMetrics } from './watch.ts';
import { taskWorkload, type Workload } from './workload.ts';

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
  /** Held-out rows before and after. Undefined where there are none; `before` also for a resumed run whose log has no evaluation of the base. */
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
  return startRun(settings, await taskWorkload(settings), runsDirectory, hooks);
}

/** The same for any workload. `more` goes into the run's config beside the settings. */
export async function startRun(settings: TrainSettings, workload: Workload, runsDirectory: string, hooks: TrainHooks, more: JsonObject = {}): Promise<TrainResult> {
  const setup = await prepare(settings, workload, runsDirectory);
  try {
    const config = JSON.parse(JSON.stringify({ ...settings, ...more }));
    const run = createRun(runsDirectory, { task: setup.taskName, config, seed: settings.seed });
    return await drive(run, settings, setup, hooks, { fromStep: 0, resumed: false });
  } finally {
    await setup.engine.release();
  }
}

/** Goes on with a run from its newest whole checkpoint. The weights at the end are those of a run that was never interrupted. */
export async function resumeRun(run: Run, runsDirectory: string, hooks: TrainHooks = {}): Promise<TrainResult> {
  const settings = parseTrainSettings(run.config);
  return continueRun(run, settings, await taskWorkload(settings), runsDirectory, hooks);
}

/** The same for any workload; it must be the one that the run was started with. */
export async function continueRun(run: Run, settings: TrainSettings, workload: Workload, runsDirectory: string, hooks: TrainHooks): Promise<TrainResult> {
  const setup = await prepare(settings, workload, runsDirectory);
  try {
    const checkpoint = await latestCheckpoint(run);
    if (checkpoint) await setup.engine.load(checkpoint.directory);
    const { events } = await loadEvents(eventsPath(run), { skip: ['episode'] });
    const fromStep = checkpoint?.step ?? 0;
    const past = effectiveEvents(events).filter((event) => !('step' in event) || event.step === undefined || event.step <= fromStep);
    const before = past.find((event) => event.type === 'evaluation' && event.step === 0);
    return await drive(run, settings, setup, hooks, { fromStep, resumed: true, before: before?.type === 'evaluation' ? before : undefined, watched: watchedPast(past), position: checkpoint && loadGroupPosition(checkpoint.directory) });
  } finally {
    await setup.engine.release();
  }
}

interface Setup {
  engine: LocalEngine;
  taskName: string;
  train: BoundTask;
  test: BoundTask | undefined;
  maxTokens: number;
  stop: readonly string[];
  learningRate: number;
}

async function prepare(settings: TrainSettings, workload: Workload, runsDirectory: string): Promise<Setup> {
  const maxTokens = settings.maxTokens ?? workload.maxTokens;
  const directory = await resolveModel(settings.model, runsDirectory);
  const engine = await LocalEngine.open(directory, { ...engineOptions(settings), reference: settings.klCoefficient > 0, seed: settings.seed });
  try {
    return {
      engine,
      taskName: workload.name,
      ...(await workload.bind(engine, maxTokens)),
      maxTokens,
      stop: workload.stop,
      learningRate: settings.learningRate ?? defaultLearningRate(engine.parameterCount, settings.loraRank !== undefined),
    };
  } catch (error) {
    await engine.release();
    throw error;
  }
}

/** Where a process's part of a run begins. */
interface Origin {
  /** Steps that are in the weights it starts from. */
  fromStep: number;
  resumed: boolean;
  /** The evaluation of the base that an earlier process made. */
  before?: EvaluationSummary | undefined;
  /** What the watch for reward hacking has seen and said then. */
  watched?: WatchedPast;
  /** How far it came through the rows. */
  position?: GroupPosition | undefined;
}

/** Trains from the step after the origin's; everything that happens goes into the log. */
async function drive(
  run: Run,
  settings: TrainSettings,
  setup: Setup,
  hooks: TrainHooks,
  origin: Origin,
): Promise<TrainResult> {
  const writer = openForWriting(run);
  const driver = new Driver(run, settings, setup, hooks, writer, origin);
  try {
    return await driver.run();
  } catch (error) {
    recordFailure((event) => driver.record(event), error);
    throw error;
  } finally {
    writer.close();
  }
}

/** One process's part of a run. */
class Driver {
  readonly #run: Run;
  readonly #settings: TrainSettings;
  readonly #setup: Setup;
  readonly #hooks: TrainHooks;
  readonly #writer: RunWriter;
  readonly #origin: Origin;
  readonly #watch = new RewardWatch();
  /** Steps that are in the weights, and in the newest checkpoint. */
  #steps: number;
  #savedSteps: number;
  #position: GroupPosition | undefined;

  constructor(run: Run, settings: TrainSettings, setup: Setup, hooks: TrainHooks, writer: RunWriter, origin: Origin) {
    this.#run = run;
    this.#settings = settings;
    this.#setup = setup;
    this.#hooks = hooks;
    this.#writer = writer;
    this.#origin = origin;
    this.#steps = this.#savedSteps = origin.fromStep;
    if (origin.watched) this.#watch.restore(origin.watched);
    this.#position = origin.position;
  }

  record(event: NewEvent): void {
    this.#writer.log.append(event);
    this.#hooks.onEvent?.(event);
  }

  async run(): Promise<TrainResult> {
    const { finalRows, steps } = this.#settings;
    const { fromStep, resumed } = this.#origin;
    this.#hooks.onRun?.(this.#run, this.#settings);
    if (resumed) this.record({ type: 'resume', fromStep });
    else this.record({ type: 'start', config: this.#run.config, versions: versions() });
    const base = fromStep === 0 ? await this.#evaluate(finalRows) : undefined;
    const start = performance.now();
    await this.#train();
    const trainSeconds = (performance.now() - start) / 1000;
    const finished = this.#steps === steps;
    if (!finished && this.#savedSteps < this.#steps) await this.#checkpoint();
    const after = finished ? await this.#evaluate(finalRows) : undefined;
    this.record(finished ? { type: 'stop', reason: 'finished' } : { type: 'stop', reason: 'interrupted', message: `stopped after step ${this.#steps}` });
    return {
      run: this.#run, settings: this.#settings, finished, steps: this.#steps, before: base ?? this.#origin.before, after, trainSeconds,
      examples: { before: base, after },
    };
  }

  async #train(): Promise<void> {
    const { engine, train, learningRate, maxTokens, stop } = this.#setup;
    const { signal } = this.#hooks;
    await trainGrpo(engine, train, grpoSettings(this.#settings, learningRate, maxTokens, stop), {
      firstStep: this.#origin.fromStep + 1,
      position: this.#position,
      ...(signal ? { signal } : {}),
      onCheck: (check, step) => {
        // A check that passes is worth a line once; later ones only when they fail.
        if (!check.passed || step <= this.#origin.fromStep + 2) this.record({ type: 'check', step, ...check });
      },
      onStep: (step) => this.#afterStep(step),
      onRest: (rest) => this.#recordRest(rest),
    });
  }

  async #afterStep(step: GrpoStep): Promise<void> {
    const { steps, evalEvery, evalRows, checkpointEvery } = this.#settings;
    this.#steps = step.step;
    this.#position = step.position;
    this.#recordStep(step);
    this.#hooks.onStep?.(step);
    const isLast = step.step === steps;
    if (evalEvery > 0 && step.step % evalEvery === 0 && !isLast) await this.#evaluate(evalRows);
    if (step.step % checkpointEvery === 0 || isLast) await this.#checkpoint();
  }

  /** The step, its episodes, and what looks like reward hacking. */
  #recordStep(step: GrpoStep): void {
    const { measures, warnings } = this.#watch.observe(step.step, watchedGroups(step, this.#setup.train));
    this.record(stepEvent(step, watchMetrics(measures)));
    const named = warnings.flatMap(({ episodes }) => episodes);
    for (const episode of episodeEvents(step, { ...this.#episodeLogging, named })) this.record(episode);
    for (const warning of warnings) this.record(hackingEvent(warning));
  }

  get #episodeLogging(): EpisodeLogging {
    const { train: task, engine: { tokenizer } } = this.#setup;
    return { task, tokenizer, truncated: this.#settings.truncated, whole: this.#settings.logEpisodes };
  }

  /** Rollouts that had ended when training did; nothing of what was played is lost. */
  #recordRest(rest: Rest): void {
    const step = Math.min(this.#steps + 1, this.#settings.steps);
    for (const episode of restEvents(step, rest, this.#episodeLogging)) this.record(episode);
  }

  /** The same held-out rows and the same draws every time. */
  async #evaluate(rows: number): Promise<Evaluation | undefined> {
    const { engine, test, maxTokens, stop } = this.#setup;
    if (!test) return undefined;
    const { evalTemperature: temperature, seed, rolloutTimeout, maxLostShare } = this.#settings;
    const sampling = { maxTokens, temperature, stop, seed: hashText(`evaluation ${seed}`) };
    const evaluation = await evaluate(engine, test, { rows, sampling, timeoutMs: 1000 * rolloutTimeout, maxLostShare });
    this.record(evaluationEvent(this.#steps, evaluation));
    return evaluation;
  }

  async #checkpoint(): Promise<void> {
    await writeCheckpoint(this.#run, this.#steps, async (directory) => {
      await this.#setup.engine.save(directory);
      if (this.#position) saveGroupPosition(directory, this.#position);
    });
    this.#savedSteps = this.#steps;
    this.record({ type: 'checkpoint', step: this.#steps });
    this.#writer.log.sync();
    await pruneCheckpoints(this.#run, this.#settings.keepCheckpoints);
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

