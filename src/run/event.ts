/**
 * What a run's log can say. One line of `events.jsonl` is one event. A reader takes events of newer versions as well: fields that it
 * does not know stay on the event, types that it does not know are handed on as they are.
 */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { describeProblem, jsonObjectSchema } from './json.ts';

const notFinite = ['NaN', 'Infinity', '-Infinity'] as const;

/** JSON has no NaN and no infinities, and those are the very values a log must not lose: they are written as their names. */
const number = z.union([z.custom<number>((value) => typeof value === 'number', 'expected number'), z.enum(notFinite).transform(Number)]);
const count = z.int().nonnegative();
const numbersByName = z.record(z.string(), number);
const time = z.iso.datetime();

const start = z.object({
  type: z.literal('start'),
  time,
  /** The settings worth showing; `config.json` has all of them. */
  config: jsonObjectSchema,
  /** Versions by name: r5, node, onnxruntime. */
  versions: z.record(z.string(), z.string()),
});

const resume = z.object({
  type: z.literal('resume'),
  time,
  /** Last step that is in the weights which the run goes on from; events of later steps written before this line no longer count. */
  fromStep: count,
});

const step = z.object({
  type: z.literal('step'),
  time,
  /** Counts from 1; the weights hold this step once it is logged. */
  step: count,
  /** Mean over the batch's completions. */
  reward: number,
  /** Means of the reward's components. */
  rewardParts: numbersByName.optional(),
  /** Share of the batch's completions that were correct, in [0, 1]. */
  accuracy: number.optional(),
  /** Share of completions that the grader could parse, in [0, 1]. */
  parsedShare: number,
  /** Share of completions cut at the limit, in [0, 1]. */
  truncatedShare: number,
  /** Share of groups whose rewards are all equal, in [0, 1]. */
  flatShare: number,
  /** Mean completion length in tokens. */
  meanLength: number,
  loss: number,
  /** Global norm before clipping. */
  gradientNorm: number,
  /** Sampler-trainer KL in nats a token. */
  kl: number,
  /** Largest |ratio - 1| of trainer to sampler probability over the batch's tokens. */
  ratioLargestDifference: number,
  learningRate: number,
  sampleTokensPerSecond: number,
  trainTokensPerSecond: number,
  /** Wall-clock time of the whole step. */
  seconds: number,
  /** Rollouts that could not be finished or scored, by reason: `timeout`, `unscored`, `threw`. */
  lost: z.record(z.string(), count).optional(),
  /** Whatever else the loss or the loop measures. */
  metrics: numbersByName.optional(),
});

/** A step of supervised learning, which has no reward. */
const supervisedStep = z.object({
  type: z.literal('supervised-step'),
  time,
  step: count,
  /** Mean cross-entropy in nats a token. */
  loss: number,
  gradientNorm: number,
  learningRate: number,
  trainTokensPerSecond: number,
  seconds: number,
  metrics: numbersByName.optional(),
});

const evaluation = z.object({
  type: z.literal('evaluation'),
  time,
  /** Step whose weights were evaluated; 0 is the base. */
  step: count,
  /** Number of held-out problems. */
  n: count,
  /** Share of them answered correctly, in [0, 1], and its 95 % interval. */
  accuracy: number,
  interval: z.tuple([number, number]),
  meanLength: number,
  seconds: number,
  metrics: numbersByName.optional(),
});

const check = z.object({
  type: z.literal('check'),
  time,
  step: count,
  name: z.string(),
  passed: z.boolean(),
  /** What was measured, where it is a number. */
  value: number.optional(),
  /** What it means, in plain words. */
  message: z.string(),
});

/** A stretch of an episode's tokens that came from one place. */
const segment = z.object({
  /** `prompt`: what the model was given; `model`: what it wrote; `tool`: results of tools, with what the template puts around them. */
  source: z.enum(['prompt', 'model', 'tool']),
  /** The tokens as text, special tokens included. */
  text: z.string(),
  /** Which sequence of the episode it belongs to, where that is not the first: a new one begins where the template or the agent rewrote earlier turns. */
  sequence: count.optional(),
  /** Why that sequence had to begin; on its first segment. */
  startedBecause: z.string().optional(),
  /** Where each token ends in `text`, in UTF-16 units. A token that completes no character ends where the one before it does. */
  tokenEnds: z.array(count).optional(),
  /** Of a `model` segment: the sampler's log-probability of each token, in nats. */
  logprobs: z.array(number).optional(),
});

/** A tool call and what came of it. */
const toolResult = z.object({
  name: z.string(),
  arguments: z.json(),
  result: z.string(),
  error: z.enum(['threw', 'timeout', 'unknown-tool', 'bad-arguments']).optional(),
  seconds: number,
});

/**
 * Why nothing was learned from a rollout. `flat-group`: all rewards of its group are equal; `truncated`: it hit the limit and truncated ones
 * are left out; `stale`: its weights were too old; `surplus`: it was sampled beyond what the step needed; `lost`: it could not be finished or
 * scored (`dropReason` says why), and its reward says nothing.
 */
const dropped = z.enum(['flat-group', 'truncated', 'stale', 'surplus', 'lost']);

const episode = z.object({
  type: z.literal('episode'),
  time,
  step: count,
  /** Index of the task's row. */
  row: count,
  /** Names the rollout's random draws. */
  rollout: count,
  prompt: z.string(),
  completion: z.string(),
  reward: number,
  rewardParts: numbersByName.optional(),
  /** What the reward's components said in words, such as a judge's reason. */
  rewardNotes: z.record(z.string(), z.string()).optional(),
  /** What the task's independent check made of it; nothing is trained on it. */
  audit: number.optional(),
  verdict: z.enum(['correct', 'wrong', 'unparsable']),
  /** Absent for held-out episodes, which nothing is learned from. */
  advantage: number.optional(),
  dropped: dropped.optional(),
  /** More about that, in words. */
  dropReason: z.string().optional(),
  /** Number of completion tokens, end token included. */
  tokens: count,
  stopReason: z.enum(['stop', 'length']),
  /** The rollout token by token, in the order in which the model saw it. */
  segments: z.array(segment).optional(),
  toolResults: z.array(toolResult).optional(),
  /** Why an episode of several turns ended. */
  end: z.string().optional(),
  /** Calls of the model. */
  turns: count.optional(),
});

const checkpoint = z.object({ type: z.literal('checkpoint'), time, step: count });
const warning = z.object({
  type: z.literal('warning'),
  time,
  message: z.string(),
  /** Step after which it came. */
  step: count.optional(),
  /** What kind of warning: `reward-hacking`. */
  name: z.string().optional(),
  /** What it is about: of `reward-hacking` the check that fell. */
  check: z.string().optional(),
  /** The rollouts that show it; their episodes are in the log. */
  episodes: z.array(z.object({ step: count, row: count, rollout: count })).optional(),
  metrics: numbersByName.optional(),
});
const stop = z.object({
  type: z.literal('stop'),
  time,
  reason: z.enum(['finished', 'interrupted', 'failed']),
  message: z.string().optional(),
});

const runEvent = z.discriminatedUnion('type', [
  start.loose(),
  resume.loose(),
  step.loose(),
  supervisedStep.loose(),
  evaluation.loose(),
  check.loose(),
  episode.loose(),
  checkpoint.loose(),
  warning.loose(),
  stop.loose(),
]);

/** Only the declared fields: a misspelt one is a type error where an event is made, though readers let unknown ones pass. */
export type RunEvent =
  | z.infer<typeof start>
  | z.infer<typeof resume>
  | z.infer<typeof step>
  | z.infer<typeof supervisedStep>
  | z.infer<typeof evaluation>
  | z.infer<typeof check>
  | z.infer<typeof episode>
  | z.infer<typeof checkpoint>
  | z.infer<typeof warning>
  | z.infer<typeof stop>;

export type EventType = RunEvent['type'];
export type EventOf<Type extends EventType> = Extract<RunEvent, { type: Type }>;
export type StepEvent = EventOf<'step'>;
export type EvaluationEvent = EventOf<'evaluation'>;
export type EpisodeEvent = EventOf<'episode'>;
export type EpisodeSegmentRecord = z.infer<typeof segment>;
export type DropReason = z.infer<typeof dropped>;
export type WarningEvent = EventOf<'warning'>;

/** An event to write; `time` (ISO 8601, UTC) is now unless given. */
export type NewEvent = { [Type in EventType]: Omit<EventOf<Type>, 'time'> & { time?: string } }[EventType];

const eventTypes: ReadonlySet<string> = new Set<string>(runEvent.options.map((option) => option.shape.type.value));

/** A line of the log: an event, or one whose type this version does not know. */
export type ParsedLine = { kind: 'event'; event: RunEvent } | { kind: 'unknown'; event: { type: string; [field: string]: unknown } };

const anyEvent = z.object({ type: z.string() }).loose();

/** One line of the log, without its line break. Throws R5Error saying what is wrong with it; the caller knows which line of what it is. */
export function parseEventLine(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new R5Error('not a JSON value', { cause });
  }
  const typed = anyEvent.safeParse(value);
  if (!typed.success) throw new R5Error(`not an event: ${describeProblem(typed.error)}`);
  if (!eventTypes.has(typed.data.type)) return { kind: 'unknown', event: typed.data };
  const event = runEvent.safeParse(value);
  if (!event.success) throw new R5Error(`not a whole '${typed.data.type}' event: ${describeProblem(event.error)}`);
  return { kind: 'event', event: event.data };
}

/** The start of every line that `encodeEvent` writes for a type, so that a reader can pass over lines without parsing them. */
export function linePrefix(type: string): string {
  return `{"type":${JSON.stringify(type)},`;
}

/**
 * The line for an event, line break included. Throws R5Error when the event could not be read back: a log with a line that no reader
 * takes would be worth nothing from there on.
 */
export function encodeEvent(event: NewEvent): string {
  const { type, time: given, ...rest } = event;
  const timed = { type, time: given ?? new Date().toISOString(), ...rest };
  const parsed = runEvent.safeParse(timed);
  if (!parsed.success) throw new R5Error(`cannot log a '${type}' event: ${describeProblem(parsed.error)}`);
  const named = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
  return `${JSON.stringify(timed, named)}\n`;
}
