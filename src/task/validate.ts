/** Checks a task without a model: can its grader tell right from wrong, and are its sets fit to train and to measure on? */
import { R5Error } from '../error.ts';
import { describe, loadRows, messageOf } from './rows.ts';
import { scoreAnswer } from './score-answer.ts';
import { solutionEpisode } from './solution-episode.ts';
import type { Episode } from './episode.ts';
import type { Answer, Score, Task } from './task.ts';

export interface ValidationProblem {
  /** Where: `train row 3`, or the whole task. */
  place: string;
  /** What is wrong and what to do, in words. */
  message: string;
}

export interface ValidationReport {
  task: string;
  trainRows: number;
  testRows: number;
  /** Rows whose grading was checked, of both sets together. */
  rowsChecked: number;
  /** Known solutions that were scored; 0 when the task has no `solution`. */
  solutionsChecked: number;
  /** Tool calls of known solutions that were made; 0 when the task has no `solutionCalls`. */
  callsChecked: number;
  /** Corrupted answers that were scored. */
  corruptionsChecked: number;
  problems: ValidationProblem[];
  /** Whether there are no problems. */
  passed: boolean;
}

/** A row under its name. */
interface PlacedRow<Row> {
  row: Row;
  place: string;
  /** Of a task with tools: what the grader sees of the way to the answer. */
  episode?: Episode;
}

/** How many other rows' solutions a row is tried with. */
const otherSolutions = 3;

/**
 * Checks prompts of all rows (texts, not empty, no held-out prompt among the training ones) and the grading of up to `rows` rows of
 * each set (default 100, spread evenly): the solution earns reward 1 and `correct`, corrupted answers earn less than 1, and the same answer
 * earns the same twice. The tool calls of a known solution are made, and none may fail. What is wrong comes back as problems.
 * @throws R5Error where the task cannot be used at all: an empty set, or a function of it that throws or returns the wrong
 * kind of value; and for a number of rows below 1.
 */
export async function validateTask<Row>(task: Task<Row>, { rows = 100 }: { rows?: number } = {}): Promise<ValidationReport> {
  if (!Number.isInteger(rows) || rows < 1) throw new R5Error(`Cannot validate ${rows} rows of each set; give a whole number from 1 up.`);
  const trainRows = placed(await loadRows(task, 'train'), 'train');
  const testRows = placed(await loadRows(task, 'test'), 'test');
  const problems = checkPrompts(task, trainRows, testRows);
  const sample = await Promise.all([...spread(trainRows, rows), ...spread(testRows, rows)].map((item) => withEpisode(task, item)));
  problems.push(...sample.flatMap(checkCalls));
  const solutions = sample.map((item) => solutionOf(task, item));
  let solutionsChecked = 0;
  let corruptionsChecked = 0;

  for (const [i, item] of sample.entries()) {
    const solution = solutions[i];
    if (solution !== undefined) {
      solutionsChecked++;
      problems.push(...(await checkSolution(task, item, solution)));
    }
    const corruptions = corruptionsOf(task, item, solution);
    corruptionsChecked += corruptions.length;
    problems.push(...(await checkCorruptions(task, item, corruptions)));
    const others = solutionsElsewhere(solutions, i);
    corruptionsChecked += others.length;
    problems.push(...(await checkOthers(task, item, others)));
  }

  return {
    task: task.name,
    trainRows: trainRows.length,
    testRows: testRows.length,
    rowsChecked: sample.length,
    solutionsChecked,
    callsChecked: sample.reduce((total, { episode }) => total + (episode?.toolResults.length ?? 0), 0),
    corruptionsChecked,
    problems,
    passed: problems.length === 0,
  };
}

function placed<Row>(rows: readonly Row[], set: 'train' | 'test'): PlacedRow<Row>[] {
  return rows.map((row, i) => ({ row, place: `${set} row ${i}` }));
}

/** Up to `count` items at even distances, the first included. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

function checkPrompts<Row>(
  task: Task<Row>,
  trainRows: readonly PlacedRow<Row>[],
  testRows: readonly PlacedRow<Row>[],
): ValidationProblem[] {
  const problems: ValidationProblem[] = [];
  const trainPlaces = new Map<string, string>();
  for (const { row, place } of trainRows) {
    const prompt = promptOf(task, row, place);
    if (prompt.trim() === '') problems.push({ place, message: 'the prompt is empty' });
    trainPlaces.set(prompt, place);
  }
  for (const { row, place } of testRows) {
    const prompt = promptOf(task, row, place);
    if (prompt.trim() === '') problems.push({ place, message: 'the prompt is empty' });
    const twin = trainPlaces.get(prompt);
    if (twin !== undefined) {
      problems.push({ place, message: `has the prompt of ${twin}, ${describe(prompt)}: held-out rows must not be trained on` });
    }
  }
  return problems;
}

function promptOf<Row>(task: Task<Row>, row: Row, place: string): string {
  return textFrom(task, place, 'prompt', () => task.prompt(row));
}

function solutionOf<Row>(task: Task<Row>, { row, place }: PlacedRow<Row>): string | undefined {
  const { solution } = task;
  return solution === undefined ? undefined : textFrom(task, place, 'solution', () => task.solution?.(row));
}

function textFrom<Row>(task: Task<Row>, place: string, field: string, make: () => unknown): string {
  const text = valueFrom(task, place, field, make);
  if (typeof text === 'string') return text;
  throw new R5Error(`The task "${task.name}", ${place}: ${field}() returned ${describe(text)}; it must return a text.`);
}

function valueFrom<Row>(task: Task<Row>, place: string, field: string, make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    throw new R5Error(`The task "${task.name}", ${place}: ${field}() threw: ${messageOf(error)}`, { cause: error });
  }
}

async function withEpisode<Row>(task: Task<Row>, item: PlacedRow<Row>): Promise<PlacedRow<Row>> {
  if (task.tools === undefined) return item;
  return { ...item, episode: await solutionEpisode(task, item.row, item.place) };
}

function checkCalls<Row>({ place, episode }: PlacedRow<Row>): ValidationProblem[] {
  const failed = episode?.toolResults.filter(({ error }) => error !== undefined) ?? [];
  return failed.map((call) => ({ place, message: `the solution's call ${call.name}(${describe(call.arguments)}) fails: ${call.result}` }));
}

/** The task's own corruptions; without them, nothing at all and the first half of the solution. */
function corruptionsOf<Row>(task: Task<Row>, { row, place }: PlacedRow<Row>, solution: string | undefined): string[] {
  if (task.corruptions === undefined) {
    return solution === undefined ? [''] : ['', solution.slice(0, Math.floor(solution.length / 2))];
  }
  const given = valueFrom(task, place, 'corruptions', () => task.corruptions?.(row));
  if (Array.isArray(given) && given.every((text) => typeof text === 'string')) return given;
  throw new R5Error(`The task "${task.name}", ${place}: corruptions() returned ${describe(given)}; it must return a list of texts.`);
}

/** The next few solutions of other rows that differ from row i's own. */
function solutionsElsewhere(solutions: readonly (string | undefined)[], i: number): string[] {
  const others = new Set<string>();
  for (let step = 1; step < solutions.length && others.size < otherSolutions; step++) {
    const other = solutions[(i + step) % solutions.length];
    if (other !== undefined && other !== solutions[i]) others.add(other);
  }
  return [...others];
}

async function checkSolution<Row>(task: Task<Row>, item: PlacedRow<Row>, solution: string): Promise<ValidationProblem[]> {
  const { place } = item;
  const problems: ValidationProblem[] = [];
  const score = await scoreText(task, item, solution);
  if (score.reward !== 1 || score.verdict !== 'correct') {
    const message = `the solution ${describe(solution)} scores ${describe(score)}; it must earn reward 1 and verdict correct`;
    problems.push({ place, message });
  }
  const again = await scoreText(task, item, solution);
  if (!sameScore(score, again)) problems.push({ place, message: unsteady(solution, score, again) });
  return problems;
}

async function checkCorruptions<Row>(
  task: Task<Row>,
  item: PlacedRow<Row>,
  corruptions: readonly string[],
): Promise<ValidationProblem[]> {
  const { place } = item;
  const problems: ValidationProblem[] = [];
  for (const text of corruptions) {
    const score = await scoreText(task, item, text);
    if (isFullMarks(score)) {
      problems.push({ place, message: `the corrupted answer ${describe(text)} scores ${describe(score)}; it must earn less` });
    }
    const again = await scoreText(task, item, text);
    if (!sameScore(score, again)) problems.push({ place, message: unsteady(text, score, again) });
  }
  return problems;
}

/** Another row's solution can happen to be right here too; that all of them are means that the grader does not look at the row. */
async function checkOthers<Row>(task: Task<Row>, item: PlacedRow<Row>, others: readonly string[]): Promise<ValidationProblem[]> {
  if (others.length === 0) return [];
  for (const text of others) {
    if (!isFullMarks(await scoreText(task, item, text))) return [];
  }
  return [{ place: item.place, message: `the solutions of ${others.length} other rows earn full marks here: does score() look at the row?` }];
}

function isFullMarks(score: Score): boolean {
  return score.reward >= 1 || score.verdict === 'correct';
}

function unsteady(text: string, first: Score, second: Score): string {
  return `the answer ${describe(text)} scores ${describe(first)} and then ${describe(second)}: score() must be deterministic`;
}

function sameScore(first: Score, second: Score): boolean {
  const partsOf = (score: Score): string => JSON.stringify(Object.entries(score.parts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  return first.reward === second.reward && first.verdict === second.verdict && partsOf(first) === partsOf(second);
}

function scoreText<Row>(task: Task<Row>, { row, place, episode }: PlacedRow<Row>, text: string): Promise<Score> {
  // Characters stand in for tokens: there is no tokenizer here, and a grader that looks at the count sees a plausible one.
  const answer: Answer = { text, tokens: Math.min(text.length + 1, task.maxTokens), stopReason: 'stop' };
  if (episode) answer.episode = { ...episode, messages: [...episode.messages, { role: 'assistant', content: text }] };
  return scoreAnswer(task, row, answer, place);
}
