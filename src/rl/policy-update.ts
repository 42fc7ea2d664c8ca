/** Scored groups become gradients, and gradients the optimizer steps of a training step. */
import { hashWords, Random } from '../random.ts';
import { groupAdvantages, tokenFactors } from './advantages.ts';
import { checkLossFinite, checkSamplerMatchesTrainer, type CheckResult } from './checks.ts';
import { policyLosses, truncatedImportanceSampling, withKl } from './losses.ts';
import { totalTokens, writtenTokens, type Group, type ScoredRollout } from './rollouts.ts';
import { isFlatGroup } from './sampled-steps.ts';
import { learningRateAt } from './schedule.ts';
import type { GrpoSettings } from './grpo-settings.ts';
import type { Datum, Engine } from '../engine/engine.ts';
import type { LossFunction } from '../engine/loss.ts';
import type { TrainingSequence } from '../task/episode.ts';

export interface UpdateReport {
  loss: number;
  gradientNorm: number;
  /** k3 estimate of KL(sampler || trainer) per token, before the first update: about 0 unless rollouts are stale. */
  kl: number;
  /** Mean of the trainer's probability over the sampler's, and share of tokens whose ratio the loss clips, before the first update. */
  meanRatio: number;
  clippedShare: number;
  /** Largest difference of the sampler's and the trainer's log-probabilities before the first update, over rollouts that are not stale. */
  largestDifference: number;
  /** Optimizer steps between the weights that drew a sequence's oldest token and those that are trained on it; over sequences. */
  meanStaleness: number;
  largestStaleness: number;
  /** k3-style estimate of the KL to the reference per token; only with a KL term. */
  referenceKl?: number;
  learningRate: number;
  trainedTokens: number;
  /** Advantage of each rollout, by group. */
  advantages: number[][];
}

interface Learner {
  rollout: ScoredRollout;
  advantage: number;
}

/** Takes the step's optimizer steps. `check` records a check and throws when it has failed. */
export async function updatePolicy(
  engine: Engine,
  groups: readonly Group[],
  loss: LossFunction,
  settings: GrpoSettings,
  step: number,
  check: (checked: CheckResult) => number,
): Promise<UpdateReport> {
  const advantages = groups.map((group) => groupAdvantages(group.map(({ reward }) => reward), settings.advantage));
  const learningRate = learningRateAt(settings.schedule, step);
  const report: UpdateReport = {
    loss: 0, gradientNorm: 0, kl: 0, meanRatio: 1, clippedShare: 0, largestDifference: 0, ...staleness(groups, engine.weightsVersion), learningRate, trainedTokens: 0, advantages,
  };
  const learners = groups
    .flatMap((group, g) => (isFlatGroup(group) ? [] : group.map((rollout, i) => ({ rollout, advantage: advantages[g]?.[i] ?? 0 }))))
    .filter(({ rollout }) => writtenTokens(rollout) > 0 && (settings.truncated === 'keep' || rollout.stopReason === 'stop'));
  if (learners.length === 0) return report;
  const parts = cutIntoParts(learners, settings.updates, hashWords(settings.seed, step));
  const batches: Datum[][] = [];
  for (const members of parts) batches.push(await makeBatch(engine, members, settings));
  const temperature = settings.sampling.temperature ?? 1;
  for (const [part, members] of parts.entries()) {
    const version = engine.weightsVersion;
    const result = await engine.forwardBackward(batches[part] ?? [], loss, { temperature });
    check(checkLossFinite(result.loss));
    const tokens = totalTokens(members.map(({ rollout }) => rollout));
    // Later updates of the same rollouts are off-policy by intent; the first one must see exactly what the sampler saw.
    if (part === 0) {
      const sequences = members.flatMap(({ rollout }) => rollout.sequences);
      report.largestDifference = check(checkSamplerMatchesTrainer(sequences, result.logprobs, version, engine.logprobTolerance));
      Object.assign(report, ratioStatistics(sequences, result.logprobs));
      report.clippedShare = (result.metrics.clipped ?? 0) / tokens;
    }
    if (result.metrics.referenceKl !== undefined) report.referenceKl = result.metrics.referenceKl;
    const { gradientNorm } = await engine.optimStep({ ...settings.optimizer, learningRate });
    report.loss += result.loss / parts.length;
    report.gradientNorm += gradientNorm / parts.length;
    report.trainedTokens += tokens;
  }
  return report;
}

/** How far the trainer's probabilities are from the sampler's, over tokens that the model wrote. `trained` is pre-shifted. */
function ratioStatistics(sequences: readonly TrainingSequence[], trained: readonly Float32Array[]): Pick<UpdateReport, 'kl' | 'meanRatio'> {
  let [kl, ratios, tokens] = [0, 0, 0];
  sequences.forEach(({ mask, logprobs }, i) => {
    mask.forEach((written, k) => {
      if (written === 0) return;
      const difference = (trained[i]?.[k - 1] ?? NaN) - (logprobs[k] ?? NaN);
      kl += Math.expm1(difference) - difference;
      ratios += Math.exp(difference);
      tokens++;
    });
  });
  return { kl: kl / tokens, meanRatio: ratios / tokens };
}

function staleness(groups: readonly Group[], version: number): Pick<UpdateReport, 'meanStaleness' | 'largestStaleness'> {
  const ages = groups.flat().flatMap(({ sequences }) => sequences.map(({ weightsVersion }) => version - weightsVersion));
  return { meanStaleness: ages.reduce((total, age) => total + age, 0) / Math.max(1, ages.length), largestStaleness: Math.max(0, ...ages) };
}

function cutIntoParts(learners: readonly Learner[], parts: number, seed: number): Learner[][] {
  if (parts === 1) return [[...learners]];
  const shuffled = new Random(seed).shuffle(learners);
  const size = Math.ceil(shuffled.length / parts);
  return Array.from({ length: Math.ceil(shuffled.length / size) }, (_, part) => shuffled.slice(part * size, (part + 1) * size));
}

/** One datum a sequence, its arrays pre-shifted; normalization is a factor on advantages and KL weights. */
async function makeBatch(engine: Engine, learners: readonly Learner[], settings: GrpoSettings): Promise<Datum[]> {
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
  const temperature = settings.sampling.temperature ?? 1;
  if (isDecoupled(settings)) decouple(batch, await engine.forward(batch, { temperature }), settings.importanceCap);
  if (settings.klCoefficient === 0) return batch;
  const reference = await engine.forward(batch, { temperature, reference: true });
  return batch.map((datum, i) => ({ ...datum, inputs: { ...datum.inputs, reference: reference[i] ?? new Float32Array(0) } }));
}

/**
 * Decoupled PPO (Hilton et al. 2022; AReaL, Fu et al. 2025): clipping is to hold the policy near the weights that the step begins with, not
 * near the older ones that drew the rollouts. What lies between those two becomes a factor on the advantages, cut at the cap.
 * `proximal`: log-probabilities under the weights that the step begins with.
 */
function decouple(batch: readonly Datum[], proximal: readonly Float32Array[], cap: number): void {
  batch.forEach(({ inputs: { advantages, logprobs } }, i) => {
    advantages?.forEach((advantage, entry) => {
      if (advantage === 0 || !logprobs) return;
      const start = proximal[i]?.[entry] ?? NaN;
      advantages[entry] = advantage * Math.min(cap, Math.exp(start - (logprobs[entry] ?? NaN)));
      logprobs[entry] = start;
    });
  });
}

/** Losses that clip around the sampler's weights need it where these may be stale. */
const isDecoupled = ({ maxStaleness, loss, updates }: GrpoSettings): boolean => maxStaleness > 0 && (loss === 'gspo' || (loss === 'ppo' && updates > 1));

/** The loss that the settings name, made for rollouts that may be stale where they may be. */
export function policyLoss(settings: GrpoSettings): LossFunction {
  const { klCoefficient, klEstimator } = settings;
  const policy = policyWithoutKl(settings);
  return klCoefficient > 0 ? withKl(policy, klCoefficient, klEstimator) : policy;
}

function policyWithoutKl({ loss, clip, maxStaleness, importanceCap, updates }: GrpoSettings): LossFunction {
  // With one update a step, decoupled PPO has nothing to clip, and this is what is left of it.
  const isTruncated = maxStaleness > 0 && (loss === 'importance_sampling' || (loss === 'ppo' && updates === 1));
  return isTruncated ? truncatedImportanceSampling(importanceCap) : policyLosses[loss](clip);
}
