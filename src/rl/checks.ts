/**
 * Checks against what goes wrong in silence: a sampler on stale weights, a shifted mask, a grader that reads nothing, parameters that do
 * not learn. A failed check stops the run and says in plain words what it means and where to look.
 */
import { R5Error } from '../error.ts';
import type { ParameterChange } from '../engine/engine.ts';
import { isFlat } from './advantages.ts';
import type { Group, ScoredRollout } from './rollouts.ts';
import type { TrainingSequence } from '../task/episode.ts';

export interface CheckResult {
  name: string;
  passed: boolean;
  value: number;
  /** What was found; when failed, also what it means and what to look at. */
  message: string;
}

/** Thrown when a check fails. */
export class CheckFailure extends R5Error {
  override readonly name = 'CheckFailure';
  readonly result: CheckResult;

  constructor(result: CheckResult, step: number) {
    super(`Check '${result.name}' failed at step ${step}: ${result.message}`);
    this.result = result;
  }
}

/** Sampler and trainer compute the same function from the same weights; only rounding may differ. */
const LARGEST_LOGPROB_DIFFERENCE = 1e-3;
/** Below this share of readable answers, the reward says nothing. */
export const SMALLEST_PARSED_SHARE = 0.02;

function finding(name: string, passed: boolean, value: number, found: string, advice: string): CheckResult {
  return { name, passed, value, message: passed ? found : `${found} ${advice}` };
}

/**
 * The trainer's log-probabilities of the sampled tokens against the sampler's, for sequences that were drawn from the weights of `version`,
 * which are those that the trainer used. `trained[i]` belongs to `sequences[i]`, pre-shifted.
 */
export function checkSamplerMatchesTrainer(
  sequences: readonly TrainingSequence[],
  trained: readonly Float32Array[],
  version: number,
  tolerance = LARGEST_LOGPROB_DIFFERENCE,
): CheckResult {
  let largest = 0;
  sequences.forEach(({ mask, logprobs, weightsVersion }, i) => {
    if (weightsVersion !== version) return;
    mask.forEach((written, k) => {
      if (written === 0) return;
      // Token k is predicted at entry k - 1.
      const difference = Math.abs((trained[i]?.[k - 1] ?? NaN) - (logprobs[k] ?? NaN));
      if (!(difference <= largest)) largest = difference;
    });
  });
  return finding(
    'sampler = trainer',
    largest <= tolerance,
    largest,
    `log-probabilities of sampler and trainer differ by at most ${largest.toExponential(1)}.`,
    `More than ${tolerance} means that they do not compute the same function, so importance ratios are wrong. Look for ` +
      'stale weights in the sampler, a temperature that only one of them uses, tokens that were re-encoded, or a mask that is off by one.',
  );
}

/** Every sequence was drawn from the weights that are about to be updated, or from some that are at most `maxStaleness` optimizer steps older. */
export function checkWeightsVersion(rollouts: readonly ScoredRollout[], version: number, maxStaleness = 0): CheckResult {
  const sequences = rollouts.flatMap((rollout) => rollout.sequences);
  const wrong = sequences.filter(({ weightsVersion }) => !(weightsVersion <= version && weightsVersion >= version - maxStaleness)).length;
  const wanted = maxStaleness === 0 ? `version ${version}` : `versions ${version - maxStaleness} to ${version}`;
  return finding(
    'weights version',
    wrong === 0,
    wrong,
    `${wrong} of ${sequences.length} sequences come from other weights than ${wanted}.`,
    'Training on them as if they were fresh biases the gradient. Look at when samples are drawn and when the weights are updated.',
  );
}

/** After updates, every trained parameter has moved and no frozen one has. */
export function checkParametersMoved(changes: readonly ParameterChange[]): CheckResult {
  const wrong = changes.filter(({ trained, largest }) => (trained ? largest === 0 : largest !== 0));
  const broken = changes.filter(({ largest }) => Number.isNaN(largest));
  const listed = [...new Set([...broken, ...wrong])].slice(0, 4).map(({ name, trained, largest }) => {
    if (Number.isNaN(largest)) return `${name} is no longer a number`;
    return trained ? `${name} is trained but did not move` : `${name} is frozen but moved`;
  });
  return finding(
    'parameters moved',
    listed.length === 0,
    wrong.length + broken.length,
    listed.length === 0 ? `${changes.filter((change) => change.trained).length} trained parameters moved, the frozen ones did not.` : `${listed.join('; ')}.`,
    'Part of the model does not learn, or learns what it should not. Look at which parameters the gradient reaches and at the learning rate.',
  );
}

/** Some group has unequal rewards; otherwise there is nothing to learn. */
export function checkGroupsNotFlat(groups: readonly Group[]): CheckResult {
  const flat = groups.filter((group) => isFlat(group.map(({ reward }) => reward))).length;
  const rewards = groups.flatMap((group) => group.map(({ reward }) => reward));
  const mean = rewards.reduce((total, reward) => total + reward, 0) / rewards.length;
  return finding(
    'groups not flat',
    flat < groups.length,
    flat / groups.length,
    `${flat} of ${groups.length} groups have equal rewards throughout (mean reward ${mean.toFixed(3)}).`,
    'With all groups flat every advantage is 0 and the gradient is empty. If rewards are all low the task is too hard for this model: ' +
      'fine-tune on worked solutions first, or make the task easier. If they are all high it is too easy. Or raise the group size.',
  );
}

/** The grader could read a fair share of the answers. */
export function checkParsedShare(rollouts: readonly ScoredRollout[]): CheckResult {
  const parsed = rollouts.filter(({ verdict }) => verdict !== 'unparsable').length;
  const share = parsed / rollouts.length;
  const example = rollouts.find(({ verdict }) => verdict === 'unparsable');
  return finding(
    'answers readable',
    share >= SMALLEST_PARSED_SHARE,
    share,
    `the grader could read ${parsed} of ${rollouts.length} answers.`,
    `Nearly no answer has the form that the grader wants, so rewards carry no signal. One of them: ${JSON.stringify(example?.text.slice(-160) ?? '')}. ` +
      'Compare it with the format that the prompt asks for; look at the stop tokens and at the limit on tokens.',
  );
}

/** The loss is a number. */
export function checkLossFinite(loss: number): CheckResult {
  return finding(
    'loss finite', Number.isFinite(loss), loss, `the loss is ${loss}.`,
    'Look for a reward that is not finite, weights that have diverged (lower the learning rate), or a loss function that divides by zero.',
  );
}
