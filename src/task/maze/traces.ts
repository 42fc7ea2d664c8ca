/**
 * The written search: walk from the start, at each cell towards the goal where that is open (right, down, left, up), else any other
 * new way; a dead end is marked `x`, and the next line walks again from the start and turns off at the last cell that has a way left:
 *
 *     11 12 13 x
 *     11 21 31 32 33
 *     answer: DDRR
 *
 * A cell is named by its row and column, so the answer can be read off the last line.
 */
import type { Random } from '../../random.ts';
import { chance } from '../traces.ts';
import type { Habits, Quality } from '../traces.ts';
import { directions, distance, find, isOpen, nameOf, stepsFrom } from './grid.ts';
import type { Step } from './grid.ts';
import type { MazeRow } from './row.ts';

export const mazeHabits: Readonly<Record<Quality, Habits>> = {
  careful: { giveUp: 0, slip: 0, garble: 0 },
  hasty: { giveUp: 0.5, slip: 0, garble: 0 },
  sloppy: { giveUp: 0, slip: 0.15, garble: 0.3 },
};

/** The worked solution of someone with these habits. Ends with its answer line, without a line end. */
export function mazeTrace(row: MazeRow, habits: Habits, random: Random): string {
  const start = find(row.grid, 'S');
  const goal = find(row.grid, 'G');
  const lines: string[] = [];
  const path: Step[] = [];
  const seen = new Set([start]);
  const here = (): number => path.at(-1)?.cell ?? start;
  const line = (): string => [start, ...path.map((step) => step.cell)].map(nameOf).join(' ');
  const finish = (steps: readonly Step[]): string => [...lines, line(), answerText(steps)].join('\n');

  while (here() !== goal) {
    const around = stepsTowards(here(), goal).filter((step) => !seen.has(step.cell));
    const open = around.filter((step) => isOpen(row.grid, step.cell));
    const next = around.length > 0 && chance(habits.slip, random) ? random.pick(around) : open[0];
    if (next !== undefined) {
      path.push(next);
      seen.add(next.cell);
    } else {
      lines.push(`${line()} x`);
      if (!turnBack(row, path, seen, start)) return [...lines, answerText(straight(start, goal))].join('\n');
    }
    if (here() !== goal && chance(habits.giveUp, random)) return finish([...path, ...straight(here(), goal)]);
  }
  return finish(chance(habits.garble, random) ? garbledPath(path, random) : path);
}

/** The answer line of a path. */
export function answerText(path: readonly Step[]): string {
  return `answer: ${path.map((step) => step.direction).join('')}`;
}

/** The path with one of its moves replaced by another one. */
export function garbledPath(path: readonly Step[], random: Random): Step[] {
  const at = random.integer(0, path.length - 1);
  return path.map((step, i) => {
    return i === at ? { ...step, direction: random.pick(directions.filter((direction) => direction !== step.direction)) } : step;
  });
}

/** Shortens the path to its last cell with an open cell beside it that was not seen yet; false where no cell has one. */
function turnBack(row: MazeRow, path: Step[], seen: ReadonlySet<number>, start: number): boolean {
  const hasWay = (cell: number): boolean => stepsFrom(cell).some((step) => !seen.has(step.cell) && isOpen(row.grid, step.cell));
  while (path.length > 0) {
    path.pop();
    if (hasWay(path.at(-1)?.cell ?? start)) return true;
  }
  return false;
}

/** The moves from a cell, those that come nearer to the goal first. */
function stepsTowards(cell: number, goal: number): Step[] {
  const nearer = (step: Step): boolean => distance(step.cell, goal) < distance(cell, goal);
  const steps = stepsFrom(cell);
  return [...steps.filter(nearer), ...steps.filter((step) => !nearer(step))];
}

/** The way to the goal as if there were no walls. */
function straight(from: number, goal: number): Step[] {
  const path: Step[] = [];
  for (let cell = from; cell !== goal; cell = path.at(-1)!.cell) path.push(stepsTowards(cell, goal)[0]!);
  return path;
}
