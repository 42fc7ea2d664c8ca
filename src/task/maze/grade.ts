import { answerLine } from '../answer-line.ts';
import type { Answer, Score } from '../task.ts';
import { directions, find, isOpen, move } from './grid.ts';
import type { Grid } from './grid.ts';
import type { MazeRow } from './row.ts';

/** Longer answers are not read: no path without a loop has as many moves. */
const mostMoves = 25;

/**
 * Reward 1 when the last line is `answer: ` and moves (`R`, `D`, `L`, `U`) that lead from start to goal, each onto an open cell, the
 * last one onto the goal; any such path will do. 0 otherwise: `wrong` for other moves, `unparsable` where there are none.
 */
export function gradeMaze(row: MazeRow, answer: Answer): Score {
  const line = answerLine(answer);
  if (line === undefined || line.length > mostMoves || !/^[RDLU]+$/.test(line)) return { reward: 0, verdict: 'unparsable' };
  return endOf(row.grid, line) === find(row.grid, 'G') ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
}

/** The cell that moves lead to from the start; undefined where one of them hits a wall or the edge or is no move. */
export function endOf(grid: Grid, moves: string): number | undefined {
  let cell: number | undefined = find(grid, 'S');
  for (const letter of moves) {
    const direction = directions.find((candidate) => candidate === letter);
    cell = direction === undefined ? undefined : move(cell, direction);
    if (cell === undefined || !isOpen(grid, cell)) return undefined;
  }
  return cell;
}
