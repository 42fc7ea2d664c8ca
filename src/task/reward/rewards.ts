/** Combines components by name and weight into the grader of a task. */
import { R5Error } from '../../error.ts';
import { LostRollout } from '../lost-rollout.ts';
import { describe, messageOf } from '../rows.ts';
import type { Answer, Score, Task, Verdict } from '../task.ts';
import type { Component, GroupComponent, PartResult, PartScore } from './component.ts';

/** A component and its weight; a negative weight makes it a penalty. */
export type Weighted<Part> = readonly [component: Part, weight: number];

/**
 * The grader that pays for several things: `score: rewards({ correct: [exactMatch(({ answer }) => answer), 1], style: [judge(...), 0.2] })`.
 *
 * The reward is the weighted mean of the components, so full marks are 1 whatever the weights; penalties are not counted in what it is
 * divided by. Each component's own value is in the score's `parts` under its name, and what it says in words in `notes`.
 *
 * The verdict is the worst that any component has, and without one `correct` from a reward of 0.5 on. Components are asked in the order in
 * which they are written. Once one cannot read the answer, nothing is earned: those after it are not asked (put the dear ones last) and count
 * 0. What a component throws is thrown.
 * @throws R5Error for weights that make no sense, here and not later.
 */
export function rewards<Row>(components: Readonly<Record<string, Weighted<Component<Row>>>>): (row: Row, answer: Answer) => Promise<Score> {
  const entries = checkedEntries('rewards', components);
  const total = positiveSum(entries);
  return async (row, answer) => {
    const found: Found[] = [];
    let unreadable = false;
    for (const [name, [component, weight]] of entries) {
      const part: PartScore = unreadable ? { reward: 0 } : await askFor(name, () => component(row, answer));
      unreadable ||= part.verdict === 'unparsable';
      found.push({ name, weight, part });
    }
    return combined(found, total, unreadable);
  };
}

/**
 * The group's part of a task's reward: `scoreGroup: groupRewards({ better: [ranking(...), 0.3] })`. The task's `score` weighs 1, each component
 * what is given, and the reward is their weighted mean. Components see only the answers that `score` could read; the others get 0 for
 * them and earn nothing. Verdicts stay.
 * @throws R5Error for weights that make no sense, here and not later.
 */
export function groupRewards<Row>(components: Readonly<Record<string, Weighted<GroupComponent<Row>>>>): NonNullable<Task<Row>['scoreGroup']> {
  const entries = checkedEntries('groupRewards', components);
  const total = 1 + positiveSum(entries);
  return async (row, answers, scores) => {
    const readable = answers.flatMap((_, i) => (scores[i]?.verdict === 'unparsable' ? [] : [i]));
    const shown = readable.flatMap((i) => answers[i] ?? []);
    const found = scores.map((): Found[] => []);
    for (const [name, [component, weight]] of entries) {
      const results = shown.length === 0 ? [] : await askGroup(name, () => component(row, shown), shown.length);
      for (const [i, list] of found.entries()) list.push({ name, weight, part: results[readable.indexOf(i)] ?? { reward: 0 } });
    }
    return scores.map((score, i) => withGroupParts(score, found[i] ?? [], total));
  };
}

interface Found {
  name: string;
  weight: number;
  part: PartScore;
}

function combined(found: readonly Found[], total: number, unreadable: boolean): Score {
  const sum = weightedSum(found) / total;
  const reward = unreadable ? Math.min(0, sum) : sum;
  const verdict = worstVerdict(found) ?? (reward >= 0.5 ? 'correct' : 'wrong');
  return { reward, verdict, parts: partsOf(found), ...notesOf(found) };
}

function withGroupParts(score: Score, found: readonly Found[], total: number): Score {
  const sum = (score.reward + weightedSum(found)) / total;
  const { notes } = notesOf(found);
  return {
    reward: score.verdict === 'unparsable' ? Math.min(0, score.reward, sum) : sum,
    verdict: score.verdict,
    parts: { ...score.parts, ...partsOf(found) },
    ...(notes === undefined && score.notes === undefined ? {} : { notes: { ...score.notes, ...notes } }),
  };
}

const weightedSum = (found: readonly Found[]): number => found.reduce((sum, { weight, part }) => sum + weight * part.reward, 0);

function worstVerdict(found: readonly Found[]): Verdict | undefined {
  const given = found.map(({ part }) => part.verdict);
  return (['unparsable', 'wrong', 'correct'] as const).find((verdict) => given.includes(verdict));
}

/** Components by name; those of a component behind its name and a point. */
function partsOf(found: readonly Found[]): Record<string, number> {
  return Object.fromEntries(
    found.flatMap(({ name, part }) => [[name, part.reward], ...Object.entries(part.parts ?? {}).map(([inner, value]) => [`${name}.${inner}`, value])]),
  );
}

function notesOf(found: readonly Found[]): { notes?: Record<string, string> } {
  const notes = found.flatMap(({ name, part: { note, notes: inner = {} } }) => [
    ...(note === undefined ? [] : [[name, note]]),
    ...Object.entries(inner).map(([key, text]) => [`${name}.${key}`, text]),
  ]);
  return notes.length === 0 ? {} : { notes: Object.fromEntries(notes) };
}

async function askFor(name: string, ask: () => PartResult | Promise<PartResult>): Promise<PartScore> {
  return checkedPart(name, await asked(name, ask));
}

async function askGroup(name: string, ask: () => readonly PartResult[] | Promise<readonly PartResult[]>, count: number): Promise<PartScore[]> {
  const results = await asked(name, ask);
  if (!Array.isArray(results) || results.length !== count) {
    throw new R5Error(`The reward "${name}" returned ${describe(results)} for ${count} answers; it must return a list with one result each.`);
  }
  return results.map((result: PartResult) => checkedPart(name, result));
}

async function asked<Result>(name: string, ask: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    const message = `The reward "${name}" could not be computed: ${messageOf(error)}`;
    throw error instanceof LostRollout ? new LostRollout(message, { cause: error }) : new R5Error(message, { cause: error });
  }
}

function checkedPart(name: string, result: PartResult): PartScore {
  const part: PartScore = typeof result === 'object' && result !== null ? result : { reward: Number(result) };
  if (typeof part.reward === 'number' && Number.isFinite(part.reward)) return part;
  throw new R5Error(`The reward "${name}" returned ${describe(result)}; it must return a finite number, true or false, or an object with such a reward.`);
}

function checkedEntries<Part>(what: string, components: Readonly<Record<string, Weighted<Part>>>): [string, Weighted<Part>][] {
  const entries = Object.entries(components);
  if (entries.length === 0) throw new R5Error(`${what}({}) pays for nothing; give it at least one component.`);
  for (const [name, weighted] of entries) {
    if (!Array.isArray(weighted) || typeof weighted[0] !== 'function') {
      throw new R5Error(`${what}: "${name}" is ${describe(weighted)}; it must be a component and its weight, such as ${name}: [exactMatch(...), 1].`);
    }
    const [, weight] = weighted;
    if (typeof weight !== 'number' || !Number.isFinite(weight)) throw new R5Error(`${what}: the weight of "${name}" is ${describe(weight)}; it must be a finite number.`);
  }
  if (what === 'rewards' && positiveSum(entries) === 0) throw new R5Error('rewards: no component has a weight above 0, so that nothing can be earned.');
  return entries;
}

const positiveSum = (entries: readonly (readonly [string, Weighted<unknown>])[]): number => entries.reduce((sum, [, [, weight]]) => sum + Math.max(0, weight), 0);
