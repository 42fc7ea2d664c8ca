/**
 * On-policy distillation: the student writes, the teacher says how likely each of its tokens was, and the student moves towards the
 * teacher where it went astray. Per token the advantage is log p_teacher - log p_student, so a step follows the gradient of the reverse
 * KL(student || teacher) on the student's own texts (Agarwal et al. 2024, GKD; Gu et al. 2024, MiniLLM), with importance sampling as loss.
 */
import { R5Error } from '../error.ts';
import { hashWords } from '../random.ts';
import { importanceSampling } from './losses.ts';
import { pickRows } from './row-order.ts';
import { learningRateAt, type LearningRateSchedule } from './schedule.ts';
import type { Completion, Datum, Engine, OptimParams, SamplingParams } from '../engine/engine.ts';

export interface DistillSettings {
  schedule: LearningRateSchedule;
  /** Prompts a step, and completions of each. */
  prompts: number;
  groupSize: number;
  sampling: SamplingParams;
  optimizer?: Omit<OptimParams, 'learningRate'>;
  seed: number;
}

export interface DistillStep {
  step: number;
  /** Mean of log p_student - log p_teacher over the tokens that the student drew: an estimate of the reverse KL per token, in nats. */
  reverseKl: number;
  tokens: number;
  gradientNorm: number;
  seconds: number;
}

export interface DistillHooks {
  onStep?: (report: DistillStep) => void | Promise<void>;
  /** Ends the loop after the step that is under way. */
  signal?: AbortSignal;
}

/** `prompt(row)` of `rowCount` rows; both engines must have the same vocabulary. Throws R5Error when they do not. */
export async function distillOnPolicy(
  student: Engine,
  teacher: Pick<Engine, 'forward' | 'vocabularySize'>,
  source: { rowCount: number; prompt: (row: number) => readonly number[] },
  settings: DistillSettings,
  { onStep, signal }: DistillHooks = {},
): Promise<void> {
  if (student.vocabularySize !== teacher.vocabularySize) {
    throw new R5Error(
      `The student has ${student.vocabularySize} tokens and the teacher ${teacher.vocabularySize}. On-policy distillation compares them token by token, ` +
        'so both need one tokenizer; distil by text instead.',
    );
  }
  const { schedule, seed, prompts, groupSize } = settings;
  for (let step = 1; step <= schedule.totalSteps && !signal?.aborted; step++) {
    const start = performance.now();
    const requests = pickRows(source.rowCount, prompts, seed, step).map((row) => ({ prompt: source.prompt(row), count: groupSize }));
    const completions = await student.sample(requests, { ...settings.sampling, seed: hashWords(seed, step) });
    const written = requests.flatMap(({ prompt }, i) => (completions[i] ?? []).map((completion) => ({ prompt, completion })));
    const judged = await teacher.forward(written.map(({ prompt, completion }) => ({ tokens: [...prompt, ...completion.tokens], inputs: {} })));
    const tokens = written.reduce((total, { completion }) => total + completion.tokens.length, 0);
    let divergence = 0;
    const batch = written.map(({ prompt, completion }, i) => {
      const { datum, reverseKl } = towardsTeacher(prompt, completion, judged[i] ?? new Float32Array(), tokens);
      divergence += reverseKl;
      return datum;
    });
    await student.forwardBackward(batch, importanceSampling, { temperature: settings.sampling.temperature ?? 1 });
    const { gradientNorm } = await student.optimStep({ ...settings.optimizer, learningRate: learningRateAt(schedule, step) });
    await onStep?.({ step, reverseKl: divergence / tokens, tokens, gradientNorm, seconds: (performance.now() - start) / 1000 });
  }
}

/** `judged`: the teacher's log-probabilities, pre-shifted. The sum over tokens of the student's minus the teacher's comes back as well. */
function towardsTeacher(prompt: readonly number[], { tokens, logprobs }: Completion, judged: Float32Array, total: number): { datum: Datum; reverseKl: number } {
  const entries = prompt.length + tokens.length - 1;
  const [old, advantages, weights] = [new Float32Array(entries), new Float32Array(entries), new Float32Array(entries)];
  let reverseKl = 0;
  logprobs.forEach((logprob, k) => {
    const entry = prompt.length - 1 + k;
    const difference = logprob - (judged[entry] ?? NaN);
    reverseKl += difference;
    old[entry] = logprob;
    advantages[entry] = -difference / total;
    weights[entry] = 1;
  });
  return { datum: { tokens: [...prompt, ...tokens], inputs: { logprobs: old, advantages, weights } }, reverseKl };
}
