/**
 * Rollouts and training in turn against overlapped, where tools wait: countdown, with a tool that looks at every line of the search and takes
 * its time. Per bound of staleness: seconds a step, reward over the steps, and held-out accuracy before and after.
 * node bench/async.ts [--steps 24] [--seeds 1,2] [--bounds 0,1,2] [--wait 200] [--prompts 8] [--group 8]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { hashWords } from '../src/random.ts';
import { grpoDefaults, trainGrpo, type GrpoSettings, type GrpoStep } from '../src/rl/grpo.ts';
import type { EpisodeSource, RolloutContext } from '../src/rl/rollouts.ts';
import { mean } from '../src/run/statistics.ts';
import { trainingSequences, type EpisodeSegment } from '../src/task/episode.ts';
import { loadTask } from '../src/train/load-task.ts';
import { bindTask, type BoundCompletions } from '../src/train/bind-task.ts';
import { evaluate } from '../src/train/evaluate.ts';
import { resolveModel } from '../src/train/resolve-model.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '24' },
    seeds: { type: 'string', default: '1' },
    bounds: { type: 'string', default: '0,1,2' },
    wait: { type: 'string', default: '200' },
    prompts: { type: 'string', default: '8' },
    group: { type: 'string', default: '8' },
    rate: { type: 'string', default: '2.5e-4' },
    rows: { type: 'string', default: '128' },
  },
});
const steps = Number(values.steps);
const waitMs = Number(values.wait);
const prompts = Number(values.prompts);
const groupSize = Number(values.group);
const rows = Number(values.rows);
/** Steps that are not timed: graphs are compiled in them, and the pipeline fills. */
const WARM = 3;

/** The model writes a line, the tool looks at it, the model writes the next one, until it ends by itself. */
function lineByLine(engine: LocalEngine, task: BoundCompletions): EpisodeSource {
  return {
    rowCount: task.rowCount,
    rollout: async (row, { sampling, signal }: RolloutContext) => {
      const prompt = task.prompt(row);
      const segments: EpisodeSegment[] = [{ source: 'prompt', tokens: prompt }];
      const written: number[] = [];
      const logprobs: number[] = [];
      for (let call = 0; ; call++) {
        const params = { ...sampling, stop: ['\n'], maxTokens: sampling.maxTokens - written.length, seed: hashWords(sampling.seed, call) };
        const line = await engine.generate({ prompt: [...prompt, ...written], params, signal });
        if (line.stopReason === 'aborted') throw signal.reason;
        segments.push({ source: 'model', tokens: line.tokens, logprobs: line.logprobs, weightsVersion: line.weightsVersion });
        written.push(...line.tokens);
        logprobs.push(...line.logprobs);
        const ended = engine.endTokens.includes(line.tokens.at(-1) ?? -1);
        if (ended || line.stopReason === 'length' || written.length >= sampling.maxTokens) {
          const stopReason = ended ? 'stop' as const : 'length' as const;
          const score = await task.score(row, { tokens: written, logprobs, stopReason, weightsVersion: line.weightsVersion });
          return { ...score, stopReason, sequences: trainingSequences({ sequences: [{ segments }] }) };
        }
        await sleep(waitMs, undefined, { signal });
      }
    },
  };
}

interface Measured {
  steps: GrpoStep[];
  /** Of the steps after the first ones, all that happens between their ends. */
  secondsPerStep: number;
  /** Of all steps; tells apart what overlap costs from what else the machine does. */
  processorSecondsPerStep: number;
  before: number;
  after: number;
}

async function measure(maxStaleness: number, seed: number): Promise<Measured> {
  const engine = await LocalEngine.open(await resolveModel('r5-tiny', 'runs'), { seed });
  try {
    const countdown = await loadTask('countdown');
    const { tokenizer, contextLength } = engine;
    if (!tokenizer) throw new Error('r5-tiny has a tokenizer');
    const binding = { tokenizer, contextLength, maxTokens: countdown.maxTokens };
    const test = await bindTask(countdown, 'test', binding);
    const accuracy = async (): Promise<number> => (await evaluate(engine, test, { rows, sampling: { maxTokens: countdown.maxTokens, temperature: 0 } })).accuracy;
    const settings: GrpoSettings = {
      ...grpoDefaults, prompts, groupSize, loss: 'ppo', maxStaleness, seed,
      // As in `r5 start`: a search that never ends is a wrong answer.
      truncated: 'keep',
      sampling: { maxTokens: countdown.maxTokens, temperature: 1 },
      schedule: { ...grpoDefaults.schedule, learningRate: Number(values.rate), totalSteps: steps },
    };
    const before = await accuracy();
    const done: GrpoStep[] = [];
    const ends: number[] = [];
    const processor = process.cpuUsage();
    await trainGrpo(engine, lineByLine(engine, await bindTask(countdown, 'train', binding)), settings, {
      onStep: (step) => {
        done.push(step);
        ends.push(performance.now());
      },
    });
    const { user, system } = process.cpuUsage(processor);
    // The last steps begin nothing new, so they are left out as well.
    const [first = NaN, last = NaN] = [ends[WARM - 1], ends.at(-1 - maxStaleness)];
    return { steps: done, secondsPerStep: (last - first) / 1000 / (steps - maxStaleness - WARM), processorSecondsPerStep: (user + system) / 1e6 / steps, before, after: await accuracy() };
  } finally {
    await engine.release();
  }
}

const decimals = (numbers: readonly number[], digits = 2): string => numbers.map((x) => x.toFixed(digits)).join(' ');
const inTurn = new Map<number, number>();
for (const seed of values.seeds.split(',').map(Number)) {
  for (const bound of values.bounds.split(',').map(Number)) {
    const { steps: done, secondsPerStep, processorSecondsPerStep, before, after } = await measure(bound, seed);
    if (bound === 0) inTurn.set(seed, secondsPerStep);
    const faster = (inTurn.get(seed) ?? NaN) / secondsPerStep;
    console.log(
      `seed ${seed}, bound ${bound}: ${secondsPerStep.toFixed(2)} s a step (${faster.toFixed(2)} times as fast as in turn), ${processorSecondsPerStep.toFixed(2)} s of processor time, ` +
        `held-out ${before.toFixed(3)} -> ${after.toFixed(3)}, mean reward of the second half ${mean(done.slice(steps / 2).map(({ reward }) => reward)).toFixed(3)}`,
    );
    console.log(`  reward     ${decimals(done.map(({ reward }) => reward))}`);
    console.log(`  waiting s  ${decimals(done.map(({ waitSeconds }) => waitSeconds), 1)}`);
    console.log(`  staleness  ${decimals(done.map(({ meanStaleness }) => meanStaleness), 1)}`);
    console.log(`  KL         ${decimals(done.map(({ kl }) => kl), 3)}`);
  }
}
