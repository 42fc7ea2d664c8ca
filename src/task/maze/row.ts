/** Mazes: a 5 x 5 grid with walls, a start and a goal. */
import { hashText, Random } from '../../random.ts';
import { drawDistinct, splitOf } from '../split.ts';
import type { Split } from '../split.ts';
import { distance, find, isOpen, size, stepsFrom } from './grid.ts';
import type { Grid } from './grid.ts';

export interface MazeRow {
  /** Five lines of five characters: `S` start, `G` goal, `#` wall, `.` open. The goal can be reached. */
  grid: Grid;
}

const wallShare = 0.4;
/** Moves between start and goal if there were no walls, at least. */
const nearestGoal = 4;
/** Length of the shortest path, in moves, below which a maze is too easy to be one. */
const fewestMoves = 5;
const trainRows = 4096;
const testRows = 1024;
const streamName = hashText('maze rows');

/** Whether the maze belongs to the held-out tenth. */
export function isHeldOutMaze(row: MazeRow): boolean {
  return splitOf('maze', keyOf(row)) === 'test';
}

/** 4,096 mazes to train on, always the same in the same order. */
export function mazeTrain(): MazeRow[] {
  const random = new Random(streamName, 0);
  return drawDistinct(trainRows, () => draw('train', random), keyOf);
}

/** 1,024 held-out mazes, always the same in the same order. */
export function mazeTest(): MazeRow[] {
  const random = new Random(streamName, 1);
  return drawDistinct(testRows, () => draw('test', random), keyOf);
}

/** A maze of the training split. */
export function drawMazeRow(random: Random): MazeRow {
  return draw('train', random);
}

/** Moves on the shortest path from start to goal; undefined where there is none. Breadth first. */
export function shortestPath(grid: Grid): number | undefined {
  const goal = find(grid, 'G');
  let frontier = [find(grid, 'S')];
  const seen = new Set(frontier);
  for (let moves = 0; frontier.length > 0; moves++) {
    if (seen.has(goal)) return moves;
    const next: number[] = [];
    for (const cell of frontier) {
      for (const step of stepsFrom(cell)) {
        if (seen.has(step.cell) || !isOpen(grid, step.cell)) continue;
        seen.add(step.cell);
        next.push(step.cell);
      }
    }
    frontier = next;
  }
  return undefined;
}

function draw(split: Split, random: Random): MazeRow {
  for (;;) {
    const start = random.integer(0, size * size - 1);
    const goal = random.integer(0, size * size - 1);
    if (distance(start, goal) < nearestGoal) continue;
    const cells = Array.from({ length: size * size }, (_, cell) => {
      if (cell === start) return 'S';
      if (cell === goal) return 'G';
      return random.uniform() < wallShare ? '#' : '.';
    });
    const grid = Array.from({ length: size }, (_, i) => cells.slice(i * size, (i + 1) * size).join(''));
    // The hash first: it is cheaper than the search.
    if (isHeldOutMaze({ grid }) === (split === 'test') && (shortestPath(grid) ?? 0) >= fewestMoves) return { grid };
  }
}

function keyOf(row: MazeRow): string {
  return row.grid.join('\n');
}
