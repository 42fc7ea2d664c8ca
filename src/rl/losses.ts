/**
 * The losses of supervised fine-tuning and of the GRPO family, as pure functions over symbolic tensors. All are sums over tokens and
 * sequences (Tinker's convention); normalization is a factor on the advantages or weights, so gradients add up however a batch is cut.
 *
 * Arrays of a datum: `weights` (cross entropy), or `advantages` (already normalized), `logprobs` (q, of the sampler) and, for
 * sequence-level losses and KL, `weights` (1 on completion tokens). r = exp(logp - q).
 */
import { R5Error } from '../error.ts';
import {
  abs, add, cast, clamp, div, equal, exp, greater, less, maximum, minimum, mul, neg, stopGradient, sub, sum, where, type Tensor,
} from '../tensor/index.ts';
import type { LossFunction, LossInputs } from '../engine/loss.ts';

/** -sum w logp. */
export const crossEntropy: LossFunction = {
  name: 'cross_entropy',
  inputs: ['weights'],
  build: ({ logprobs, input }) => ({ loss: neg(sum(mul(logprobs, input('weights')))) }),
};

/** What the policy losses report, summed over completion tokens: k1 and k3 estimates of KL(sampler || trainer) and clipped tokens. */
function ratioMetrics({ logprobs, input, mask }: LossInputs, clipped?: Tensor): Record<string, Tensor> {
  const active = mul(mask, input('weights'));
  const difference = mul(stopGradient(sub(logprobs, input('logprobs'))), active);
  const metrics: Record<string, Tensor> = {
    ratio: sum(mul(exp(difference), active)),
    kl: sum(mul(sub(sub(exp(difference), 1), difference), active)),
  };
  if (clipped) metrics.clipped = sum(mul(clipped, active));
  return metrics;
}

/** 1 where the condition holds, else 0, in the type of `like`. */
const indicator = (condition: Tensor, like: Tensor): Tensor => cast(condition, like.dtype);

const POLICY_INPUTS = ['advantages', 'logprobs', 'weights'] as const;

const ratioOf = ({ logprobs, input }: LossInputs): Tensor => exp(sub(logprobs, input('logprobs')));

/** -sum r A (the policy gradient with the importance weight of the sampler). */
export const importanceSampling: LossFunction = {
  name: 'importance_sampling',
  inputs: POLICY_INPUTS,
  build: (inputs) => ({ loss: neg(sum(mul(ratioOf(inputs), inputs.input('advantages')))), metrics: ratioMetrics(inputs) }),
};

/**
 * -sum min(r, cap) A, the gradient of a token above the cap being that of the cap times logp: samples of older weights cannot bring more
 * variance than that (truncated importance sampling, Ionides 2008; IMPALA, Espeholt et al. 2018).
 */
export function truncatedImportanceSampling(cap: number): LossFunction {
  if (!(cap >= 1)) throw new R5Error(`The cap of importance weights is ${cap}; it must be at least 1, for example 2.`);
  return {
    name: `importance_sampling up to ${cap}`,
    inputs: POLICY_INPUTS,
    build: (inputs) => {
      const ratio = ratioOf(inputs);
      const bounded = mul(ratio, stopGradient(minimum(div(cap, ratio), 1)));
      return { loss: neg(sum(mul(bounded, inputs.input('advantages')))), metrics: ratioMetrics(inputs, indicator(greater(ratio, cap), ratio)) };
    },
  };
}

export interface ClipBounds {
  /** The ratio is kept above 1 - low. Default 0.2. */
  low?: number;
  /** The ratio is kept below 1 + high. Default 0.28 (DAPO, Yu et al. 2025). */
  high?: number;
}

/** -sum min(r A, clamp(r, 1 - low, 1 + high) A): PPO (Schulman et al. 2017) with separate bounds. */
export function ppo({ low = 0.2, high = 0.28 }: ClipBounds = {}): LossFunction {
  checkBounds(low, high);
  return {
    name: `ppo ${low} ${high}`,
    inputs: POLICY_INPUTS,
    build: (inputs) => {
      const ratio = ratioOf(inputs);
      const advantages = inputs.input('advantages');
      const free = mul(ratio, advantages);
      const bound = mul(clamp(ratio, 1 - low, 1 + high), advantages);
      return { loss: neg(sum(minimum(free, bound))), metrics: ratioMetrics(inputs, indicator(less(bound, free), ratio)) };
    },
  };
}

/** -sum sg(clamp(r, 1 - low, 1 + high)) A logp: CISPO (MiniMax-M1, 2025). Clipped tokens keep their gradient. */
export function cispo({ low = 0.2, high = 0.28 }: ClipBounds = {}): LossFunction {
  checkBounds(low, high);
  return {
    name: `cispo ${low} ${high}`,
    inputs: POLICY_INPUTS,
    build: (inputs) => {
      const ratio = ratioOf(inputs);
      const bounded = stopGradient(clamp(ratio, 1 - low, 1 + high));
      const loss = neg(sum(mul(mul(bounded, inputs.input('advantages')), inputs.logprobs)));
      return { loss, metrics: ratioMetrics(inputs, indicator(greater(abs(sub(bounded, ratio)), 0), ratio)) };
    },
  };
}

/**
 * GSPO (Zheng et al. 2025): one ratio a sequence, s = exp(mean over its completion of (logp - q)), clipped as in PPO:
 * -sum over sequences of min(s A, clamp(s) A), A being spread over the sequence's tokens as its advantages are.
 */
export function gspo({ low = 3e-4, high = 4e-4 }: ClipBounds = {}): LossFunction {
  checkBounds(low, high);
  return {
    name: `gspo ${low} ${high}`,
    inputs: POLICY_INPUTS,
    build: (inputs) => {
      const { logprobs, input } = inputs;
      const weights = input('weights');
      const length = maximum(sum(weights, [1], true), 1);
      const mean = div(sum(mul(sub(logprobs, input('logprobs')), weights), [1], true), length);
      const ratio = exp(mean);
      const advantage = sum(input('advantages'), [1], true);
      const free = mul(ratio, advantage);
      const bound = mul(clamp(ratio, 1 - low, 1 + high), advantage);
      return { loss: neg(sum(minimum(free, bound))), metrics: ratioMetrics(inputs, mul(indicator(less(bound, free), ratio), weights)) };
    },
  };
}

export type KlEstimator = 'k1' | 'k2' | 'k3';

/**
 * Estimators of KL(policy || reference) per token (Schulman 2020), x = log reference - logp: k1 = -x; k2 = x^2 / 2; k3 = exp(x) - 1 - x.
 * They differ as gradients: k1's has mean zero, k2's is the gradient of the KL on samples of the policy.
 */
export function klTerm(estimator: KlEstimator, logprobs: Tensor, reference: Tensor): Tensor {
  const x = sub(reference, logprobs);
  if (estimator === 'k1') return neg(x);
  if (estimator === 'k2') return mul(mul(x, x), 0.5);
  return sub(sub(exp(x), 1), x);
}

/** Adds beta * sum over tokens of klWeights * KL estimate to a policy loss. Data carry `reference` and `klWeights` then. */
export function withKl(loss: LossFunction, beta: number, estimator: KlEstimator): LossFunction {
  if (!(beta > 0 && beta < Infinity)) throw new R5Error(`The KL coefficient is ${beta}; it must be a positive number, or 0 for no KL term.`);
  return {
    name: `${loss.name} + ${beta} ${estimator}`,
    inputs: [...loss.inputs, 'reference', 'klWeights'],
    build: (inputs) => {
      const policy = loss.build(inputs);
      const weights = inputs.input('klWeights');
      // Where there is no weight there is no reference either: padded, it is 0, and exp(0 - logp) may be infinite.
      const reference = where(equal(weights, 0), stopGradient(inputs.logprobs), inputs.input('reference'));
      const penalty = sum(mul(klTerm(estimator, inputs.logprobs, reference), weights));
      return { loss: add(policy.loss, mul(penalty, beta)), metrics: { ...policy.metrics, referenceKl: penalty } };
    },
  };
}

function checkBounds(low: number, high: number): void {
  if (!(low >= 0 && low <= 1)) throw new R5Error(`The lower clip bound is ${low}; it must be from 0 to 1, for example 0.2.`);
  if (!(high >= 0 && high < Infinity)) throw new R5Error(`The upper clip bound is ${high}; it must be at least 0, for example 0.28.`);
}

/** Losses by the names that settings use. */
export const policyLosses = { importance_sampling: () => importanceSampling, ppo, cispo, gspo } as const;
export type PolicyLossName = keyof typeof policyLosses;
