/**
 * Group-relative policy optimization and its family. One step: draw prompts, sample a group of completions of each, score them, turn
 * rewards into advantages within each group, push up the log-probability of what did better than its group and down what did worse.
 *
 * Left out of the original GRPO (Shao et al. 2024), as the field has since: the KL term is off by default; advantages are not divided by
 * the standard deviation (Dr. GRPO); tokens are averaged over the batch, not within each answer (DAPO). All can be switched back on.
 */
import { R5Error } from '../error.ts';
import { hashWords, Random } from '../random.ts';
import { groupAdvantages, isFlat, tokenFactors, type AdvantageKind, type Normalization } from './advantages.ts';
import {
  CheckFailure, checkGroupsNotFlat, checkLossFinite, checkParametersMoved, checkParsedShare, checkSamplerMatchesTrainer, checkWeightsVersion,
  type CheckResult,
} from './checks.ts';
import { policyLosses, withKl, type ClipBounds, type KlEstimator, type PolicyLossName } from './losses.ts';
import { collectGroups, totalTokens, writtenTokens, type Group, type RolloutSource, type ScoredRollout } from './rollouts.ts';
import { pickRows } from './row-order.ts';
import { learningRateAt, type LearningRateSchedule } from './schedule.ts';
import type { Datum, Engine, OptimParams, SamplingParams } from '../engine/engine.ts';
import type { LossFunction } from '../engine/loss.ts';

export interface GrpoSettings {
  schedule: LearningRateSchedule;
  /** Prompts a step. */
  prompts: number;
  /** Completions a prompt. */
  groupSize: number;
  sampling: SamplingParams;
  /** Optimizer steps that each batch of rollouts is cut into. */
  updates: number;
  advantage: AdvantageKind;
  normalization: Normalization;
  loss: PolicyLossName;
  clip: ClipBounds;
  /** Weight of the KL to the starting model; 0 leaves it out. Needs an engine that was opened with `reference`. */
  klCoefficient: number;
  klEstimator: KlEstimator;
  /** What happens to groups whose rewards are all equal: left out, or replaced by fresh prompts (at most as many again). */
  flatGroups: 'drop' | 'resample';
  /** Completions that hit the token limit: left out of the loss, or kept with their reward. */
  truncated: 'mask' | 'keep';
  optimizer: Omit<OptimParams, 'learningRate'>;
  seed: number;
}

/** What the field has converged on for verifiable rewards; see each setting. The learning rate is for a tiny model. */
export const grpoDefaults: GrpoSettings = {
  schedule: { learningRate: 1e-3, kind: 'constant', warmupSteps: 0, totalSteps: 100, finalShare: 0 },
  prompts: 32,
  groupSize: 8,
  sampling: { maxTokens: 256, temperature: 1 },
  updates: 1,
  advantage: 'mean',
  normalization: 'token-mean',
  loss: 'importance_sampling',
  clip: {},
  klCoefficient: 0,
  klEstimator: 'k3',
  flatGroups: 'drop',
  truncated: 'mask',
  optimizer: {},
  seed: 1,
};

export interface GrpoStep {
  step: number;
  /** Means over all rollouts, flat groups included. */
  reward: number;
  rewardParts: Record<string, number>;
  accuracy: number;
  parsedShare: number;
  truncatedShare: number;
  flatShare: number;
  meanLength: number;
  loss: number;
  gradientNorm: number;
  /** k3 estimate of KL(sampler || trainer) per completion token, before the first update: about 0. */
  kl: number;
  /** Largest difference of the sampler's and the trainer's log-probabilities, before the first update. */
  largestDifference: number;
  /** k3-style estimate of the KL to the reference per token; only with a KL term. */
  referenceKl?: number;
  learningRate: number;
  sampledTokens: number;
  trainedTokens: number;
  sampleSeconds: number;
  trainSeconds: number;
  groups: readonly Group[];
  /** Advantage of each rollout, by group. */
  advantages: readonly (readonly number[])[];
}

export interface GrpoHooks {
  onStep?: (report: GrpoStep) => void | Promise<void>;
  onCheck?: (check: CheckResult, step: number) => void;
  /** Ends the loop before the next step. */
  signal?: AbortSignal;
  /** First step; more than 1 when a run is resumed. */
  firstStep?: number;
}

/** Runs the steps. Throws CheckFailure when a check fails, R5Error for settings that make no sense. */
export async function trainGrpo(engine: Engine, source: RolloutSource, settings: GrpoSettings, hooks: GrpoHooks = {}): Promise<void> {
  checkSettings(settings, source);
  const loss = policyLoss(settings);
  const { totalSteps } = settings.schedule;
  const firstStep = hooks.firstStep ?? 1;
  for (let step = firstStep; step <= totalSteps && !hooks.signal?.aborted; step++) {
    const check = (checked: CheckResult): number => {
      hooks.onCheck?.(checked, step);
      if (!checked.passed) throw new CheckFailure(checked, step);
      return checked.value;
    };
    const start = performance.now();
    const groups = await sampleGroups(engine, source, settings, step);
    const sampled = performance.now();
    const rollouts = groups.flat();
    check(checkWeightsVersion(rollouts, engine.weightsVersion));
    if (step === firstStep) {
      check(checkParsedShare(rollouts));
      check(checkGroupsNotFlat(groups));
    }
    const update = await updatePolicy(engine, groups, loss, settings, step, check);
    // A fresh adapter's first half gets its first gradient at the second update, so that is the first time all must have moved.
    if (step === firstStep + 1 && update.gradientNorm > 0) check(checkParametersMoved(engine.parameterChanges()));
    await hooks.onStep?.({
      step,
      ...summarize(groups),
      ...update,
      sampleSeconds: (sampled - start) / 1000,
      trainSeconds: (performance.now() - sampled) / 1000,
      groups,
    });
  }
}

/** The step's groups; with `resample`, flat ones are replaced once by groups of further prompts that turn out not flat. */
async function sampleGroups(engine: Engine, source: RolloutSource, settings: GrpoSettings, step: number): Promise<Group[]> {
  const { prompts, groupSize, sampling, seed, flatGroups } = settings;
  const draw = (attempt: number) => {
    // Each step names its draws by (seed, step), so a resumed run repeats them exactly.
    const rows = pickRows(source.rowCount, prompts, seed, step + attempt * settings.schedule.totalSteps);
    return collectGroups(engine, source, rows, groupSize, { ...sampling, seed: hashWords(seed, step, attempt) });
  };
  const groups = await draw(0);
  const lively = groups.filter((group) => !isFlatGroup(group));
  if (flatGroups === 'drop' || lively.length === groups.length) return groups;
  const spare = (await draw(1)).filter((group) => !isFlatGroup(group));
  return groups.map((group) => (isFlatGroup(group) ? (spare.pop() ?? group) : group));
}

const isFlatGroup = (group: Group): boolean => isFlat(group.map(({ reward }) => reward));

interface UpdateReport {
  loss: number;
  gradientNorm: number;
  kl: number;
  largestDifference: number;
  referenceKl?: number;
  learningRate: number;
  trainedTokens: number;
  advantages: number[][];
}

/** Turns scored groups into gradients and takes the step's optimizer steps. */
async function updatePolicy(
  engine: Engine,
  groups: readonly Group[],
  loss: LossFunction,
  settings: GrpoSettings,
  step: number,
  check: (checked: CheckResult) => number,
): Promise<UpdateReport> {
  const advantages = groups.map((group) => groupAdvantages(group.map(({ reward }) => reward), settings.advantage));
  const learningRate = learningRateAt(settings.schedule, step);
  const report: UpdateReport = { loss: 0, gradientNorm: 0, kl: 0, largestDifference: 0, learningRate, trainedTokens: 0, advantages };
  const learners = groups.flatMap((group, g) =>
    isFlatGroup(group) ? [] : group.map((rollout, i) => ({ rollout, advantage: advantages[g]?.[i] ?? 0 })),
  ).filter(({ rollout }) => settings.truncated === 'keep' || rollout.stopReason === 'stop');
  if (learners.length === 0) return report;
  const parts = cutIntoParts(learners, settings.updates, hashWords(settings.seed, step));
  const temperature = settings.sampling.temperature ?? 1;
  for (const [part, members] of parts.entries()) {
    const batch = await makeBatch(engine, members, settings, temperature);
    const result = await engine.forwardBackward(batch, loss, { temperature });
    check(checkLossFinite(result.loss));
    // Later updates of the same rollouts are off-policy by intent; the first one must see exactly what the sampler saw.
    if (part === 0) {
      report.largestDifference = check(checkSamplerMatchesTrainer(members.flatMap(({ rollout }) => rollout.sequences), result.logprobs, engine.logprobTolerance));
      report.kl = (result.metrics.kl ?? 0) / totalTokens(members.map(({ rollout }) => rollout));
    }
    const tokens = totalTokens(members.map(({ rollout }) => rollout));
    if (result.metrics.referenceKl !== undefined) report.referenceKl = result.metrics.referenceKl;
    const { gradientNorm } = await engine.optimStep({ ...settings.optimizer, learningRate });
    report.loss += result.loss / parts.length;
    report.gradientNorm += gradientNorm / parts.length;
    report.trainedTokens += tokens;
  }
  return report;
}

interface Learner {
  rollout: ScoredRollout;
  advantage: number;
}

function cutIntoParts(learners: readonly Learner[], parts: number, seed: number): Learner[][] {
  if (parts === 1) return [[...learners]];
  const shuffled = new Random(seed).shuffle(learners);
  const size = Math.ceil(shuffled.length / parts);
  return Array.from({ length: Math.ceil(shuffled.length / size) }, (_, part) => shuffled.slice(part * size, (part + 1) * size));
}

/** One datum a sequence, its arrays pre-shifted; normalization is a factor on advantages and KL weights. */
async function makeBatch(engine: Engine, learners: readonly Learner[], settings: GrpoSettings, temperature: number): Promise<Datum[]> {
  const factors = tokenFactors(learners.map(({ rollout }) => writtenTokens(rollout)), settings.normalization, settings.sampling.maxTokens);
  const batch = learners.flatMap(({ rollout, advantage }, i) =>
    rollout.sequences.map(({ tokens, mask, logprobs }): Datum => {
      const factor = factors[i] ?? 0;
      // Entry i speaks of token i + 1, so all arrays lose their first entry.
      const where = (value: number) => Float32Array.from(mask.subarray(1), (written) => (written === 0 ? 0 : value));
      const inputs: Record<string, Float32Array> = { advantages: where(advantage * factor), weights: where(1), logprobs: logprobs.slice(1) };
      if (settings.klCoefficient > 0) inputs.klWeights = where(factor);
      // What comes before the model's first token, the group's prompt, is the same for many, and the engine reads it once.
      return { tokens, inputs, firstEntry: Math.max(0, mask.indexOf(1) - 1) };
    }),
  );
  if (settings.klCoefficient === 0) return batch;
  const reference = await engine.forward(batch, { temperature, reference: true });
  return batch.map((datum, i) => ({ ...datum, inputs: { ...datum.inputs, reference: reference[i] ?? new Float32Array(0) } }));
}

function policyLoss({ loss, clip, klCoefficient, klEstimator }: GrpoSettings): LossFunction {
  const policy = policyLosses[loss](clip);
  return klCoefficient > 0 ? withKl(policy, klCoefficient, klEstimator) : policy;
}

function summarize(groups: readonly Group[]) {
  const rollouts = groups.flat();
  const mean = (value: (rollout: ScoredRollout) => number) => rollouts.reduce((total, rollout) => total + value(rollout), 0) / rollouts.length;
  const names = new Set(rollouts.flatMap(({ parts }) => Object.keys(parts ?? {})));
  return {
    reward: mean(({ reward }) => reward),
    rewardParts: Object.fromEntries([...names].map((name) => [name, mean(({ parts }) => parts?.[name] ?? 0)])),
    accuracy: mean(({ verdict }) => Number(verdict === 'correct')),
    parsedShare: mean(({ verdict }) => Number(verdict !== 'unparsable')),
    truncatedShare: mean(({ stopReason }) => Number(stopReason === 'length')),
    flatShare: groups.filter(isFlatGroup).length / groups.length,
    meanLength: mean(writtenTokens),
    sampledTokens: totalTokens(rollouts),
  };
}

function checkSettings({ prompts, groupSize, updates, schedule }: GrpoSettings, source: RolloutSource): void {
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isInteger(value) || value < least) throw new R5Error(`Setting ${name} is ${value}; it must be a whole number of at least ${least}.`);
  };
  whole('prompts', prompts, 1);
  whole('group-size', groupSize, 2);
  whole('updates', updates, 1);
  whole('steps', schedule.totalSteps, 1);
  if (source.rowCount === 0) throw new R5Error('The task has no training rows.');
}
