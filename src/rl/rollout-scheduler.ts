/**
 * Rollouts that are under way while training runs. Groups are numbered and begun in order; a step takes the oldest groups that are whole, so
 * that a slow episode holds no step before its weights would be too old: it goes on, with newer weights from one token to the next
 * (PipelineRL, Piché et al. 2025; partial rollouts, Kimi k1.5, 2025).
 *
 * How far rollouts may run ahead is limited by when they begin (AReaL, Fu et al. 2025): while the weights hold v steps, at most
 * (v + 1 + lookahead) * prompts groups have begun. With a lookahead of 0 that is the step's own groups, all of which it waits for: the
 * synchronous loop.
 */
import { hashWords } from '../random.ts';
import { OutOfTime } from './lost-rollouts.ts';
import { rowAt } from './row-order.ts';
import { finishGroup, lostRecord, playRollout, type EpisodeSource, type Group, type RolloutAttempt, type RolloutContext } from './rollouts.ts';
import { isFlatGroup } from './sampled-steps.ts';
import type { GrpoSettings } from './grpo-settings.ts';
import type { LostRecord } from './lost-rollouts.ts';
import type { GroupPosition, Rest, StepBatch, StepRollouts, Unused, UnusedRollout } from './step-rollouts.ts';

/** How long `stop` waits for rollouts to heed their signal. */
const STOP_GRACE_MS = 5000;

/** A group from its beginning until a step takes it. */
interface Flight {
  number: number;
  row: number;
  /** Steps that the weights held when its first rollout began. */
  born: number | undefined;
  controller: AbortController;
  /** By position in the group, as they end. */
  attempts: (RolloutAttempt | undefined)[];
  /** Set once all have ended. */
  whole: { group: Group; lost: readonly LostRecord[] } | undefined;
}

export interface SchedulerOptions {
  settings: GrpoSettings;
  /** Steps that rollouts may run ahead. */
  lookahead: number;
  /** The first step that will be taken. */
  firstStep: number;
  /** Where an earlier process left off. */
  position?: GroupPosition | undefined;
}

export class RolloutScheduler implements StepRollouts {
  readonly #source: EpisodeSource;
  readonly #settings: GrpoSettings;
  readonly #lookahead: number;
  /** Groups begun beyond what the steps need. */
  readonly #extra: number;
  /** Groups that no step has taken, in the order of their numbers. */
  #flights: Flight[] = [];
  #next: number;
  /** Groups that an earlier process had begun. */
  #again: number[];
  /** Steps in the weights, and steps whose groups were taken. */
  #done: number;
  #taken: number;
  /** Rollouts that wait for one of the places of those under way. */
  readonly #line: { flight: Flight; index: number }[] = [];
  #running = 0;
  /** Rollouts that have not ended, those included that nobody waits for any more. */
  readonly #playing = new Set<Promise<void>>();
  /** What was put aside since the last step. */
  #unused: UnusedRollout[] = [];
  #lost: LostRecord[] = [];
  #flatAside = 0;
  #abandoned = 0;
  #changed = Promise.withResolvers<void>();

  constructor(source: EpisodeSource, { settings, lookahead, firstStep, position }: SchedulerOptions) {
    this.#source = source;
    this.#settings = settings;
    this.#lookahead = lookahead;
    this.#extra = Math.ceil(settings.oversample * settings.prompts);
    this.#done = this.#taken = firstStep - 1;
    this.#next = position?.next ?? this.#done * settings.prompts;
    this.#again = [...(position?.pending ?? [])];
  }

  get position(): GroupPosition {
    return { next: this.#next, pending: [...this.#flights.map(({ number }) => number), ...this.#again] };
  }

  async take(): Promise<StepBatch> {
    for (;;) {
      this.#begin();
      this.#putFlatAside();
      const chosen = this.#choose();
      if (chosen) return this.#deliver(chosen);
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
  }

  advance(): void {
    this.#done++;
    // Without a lookahead nothing begins before it is asked for, so that whatever comes between two steps has the machine for itself.
    if (this.#lookahead > 0) this.#begin();
  }

  async stop(): Promise<Rest> {
    this.#line.length = 0;
    for (const { controller } of this.#flights) controller.abort();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_GRACE_MS);
    });
    await Promise.race([Promise.all(this.#playing), grace]);
    clearTimeout(timer);
    return {
      unused: [...this.#unused, ...this.#flights.flatMap((flight) => unusedOf(flight, 'unfinished'))],
      lost: [...this.#lost, ...this.#flights.flatMap(lostOf)],
    };
  }

  /** Begins as many groups as may be under way now. */
  #begin(): void {
    const { prompts, groupSize, schedule, seed } = this.#settings;
    const stepsAhead = Math.min(this.#done + 1 + this.#lookahead, schedule.totalSteps) - this.#taken;
    const wanted = stepsAhead > 0 ? stepsAhead * prompts + this.#extra : 0;
    while (this.#flights.length < wanted) {
      const number = this.#again.shift() ?? this.#next++;
      const row = rowAt(this.#source.rowCount, seed, number);
      const flight: Flight = { number, row, born: undefined, controller: new AbortController(), attempts: [], whole: undefined };
      this.#flights.push(flight);
      for (let index = 0; index < groupSize; index++) this.#line.push({ flight, index });
    }
    this.#fill();
  }

  #fill(): void {
    while (this.#running < this.#settings.rolloutsAtOnce) {
      const next = this.#line.shift();
      if (!next) return;
      if (next.flight.controller.signal.aborted) continue;
      next.flight.born ??= this.#done;
      this.#running++;
      void this.#play(next.flight, next.index);
    }
  }

  /** Plays one rollout to its end, which is never an error. The last one of a group makes it whole. */
  async #play(flight: Flight, index: number): Promise<void> {
    const { sampling, seed, prompts, groupSize, rolloutTimeoutMs: timeoutMs } = this.#settings;
    const limits = { timeoutMs, signal: flight.controller.signal };
    // The step that would take it, were all done in turn, and its place there; a resumed run repeats the names.
    const step = Math.floor(flight.number / prompts) + 1;
    const named = { ...sampling, seed: hashWords(hashWords(seed, step, 0), flight.number % prompts, index) };
    const source = { ...this.#source, rollout: (row: number, context: RolloutContext) => this.#remember(this.#source.rollout(row, context), context.signal) };
    flight.attempts[index] = await playRollout(source, flight.row, { index, sampling: named }, limits);
    this.#running--;
    this.#fill();
    const ended = flight.attempts.filter((one) => one !== undefined);
    if (ended.length < groupSize || limits.signal.aborted) return;
    const whole = await finishGroup(this.#source, flight.row, ended, limits);
    if (limits.signal.aborted) return;
    flight.whole = whole;
    this.#changed.resolve();
  }

  /** So that `stop` can wait for it; not for one that has gone on beyond its time, because it heeds no signal. */
  #remember<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
    const ended = work.then(() => undefined, () => undefined);
    this.#playing.add(ended);
    const forget = (): void => void this.#playing.delete(ended);
    void ended.then(forget);
    signal.addEventListener('abort', () => {
      if (signal.reason instanceof OutOfTime) forget();
    });
    return work;
  }

  /** The groups of the step, when there are enough; undefined while it has to wait. */
  #choose(): Flight[] | undefined {
    const { prompts } = this.#settings;
    const chosen = this.#flights.filter(({ whole }) => whole).slice(0, prompts);
    if (chosen.length < prompts) return undefined;
    // With groups to spare, those that grow too old are given up. Without, each is trained on in time.
    return this.#extra > 0 || this.#leavesTime(chosen) ? chosen : undefined;
  }

  /** Whether the groups that are left can be trained on before they are too old: at most `prompts` at a time, from the next step on. */
  #leavesTime(chosen: readonly Flight[]): boolean {
    const left = this.#flights.filter((flight) => !chosen.includes(flight));
    return Array.from({ length: this.#lookahead + 1 }, (_, steps) => steps).every((steps) => {
      const due = left.filter(({ born }) => born !== undefined && born + this.#lookahead <= this.#done + steps);
      return due.length <= steps * this.#settings.prompts;
    });
  }

  #deliver(chosen: readonly Flight[]): StepBatch {
    this.#flights = this.#flights.filter((flight) => !chosen.includes(flight));
    this.#taken++;
    const tooOld = this.#flights.filter(({ born }) => born !== undefined && born + this.#lookahead <= this.#done);
    for (const flight of tooOld) this.#giveUp(flight, this.#lookahead === 0 ? 'surplus' : 'stale');
    const groups = chosen.flatMap(({ whole }) => (whole && whole.group.length > 0 ? [whole.group] : []));
    const lost = [...this.#lost, ...chosen.flatMap(({ whole }) => whole?.lost ?? [])];
    const batch = { groups, lost, unused: this.#unused, abandoned: this.#abandoned };
    this.#unused = [];
    this.#lost = [];
    this.#flatAside = 0;
    this.#abandoned = 0;
    return batch;
  }

  /** With `resample`, other prompts take the place of flat groups, at most as many a step as it has prompts. */
  #putFlatAside(): void {
    const { flatGroups, prompts } = this.#settings;
    if (flatGroups === 'drop') return;
    for (const flight of this.#flights.filter(({ whole }) => whole && isFlatGroup(whole.group))) {
      if (this.#flatAside === prompts) return;
      this.#flatAside++;
      this.#giveUp(flight, 'flat-group');
    }
    this.#begin();
  }

  #giveUp(flight: Flight, reason: Unused): void {
    this.#flights = this.#flights.filter((other) => other !== flight);
    flight.controller.abort();
    this.#unused.push(...unusedOf(flight, reason));
    this.#lost.push(...lostOf(flight));
    if (!flight.whole) this.#abandoned += this.#settings.groupSize - flight.attempts.filter((ended) => ended !== undefined).length;
  }
}

function lostOf({ row, whole, attempts }: Flight): LostRecord[] {
  return whole ? [...whole.lost] : attempts.flatMap((ended, index) => (ended?.kind === 'lost' ? [lostRecord(row, index, ended)] : []));
}

/** The rollouts of a group that have finished, though nothing will be learned from them. */
function unusedOf({ row, whole, attempts }: Flight, reason: Unused): UnusedRollout[] {
  const finished = whole?.group ?? attempts.flatMap((ended, index) => (ended?.kind === 'done' ? [{ ...ended.outcome, row, index }] : []));
  return finished.map((rollout) => ({ rollout, reason }));
}
