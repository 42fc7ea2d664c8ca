import { Random } from '../../random.ts';
import { defineTask } from '../task.ts';
import type { WorkedTask } from '../traces.ts';
import { gradeMaze } from './grade.ts';
import { drawMazeRow, isHeldOutMaze, mazeTest, mazeTrain } from './row.ts';
import type { MazeRow } from './row.ts';
import { mazeHabits, mazeTrace } from './traces.ts';

function solution(row: MazeRow): string {
  return mazeTrace(row, mazeHabits.careful, new Random(0));
}

/** Wrong in the ways in which answers are wrong: each must score less than full marks. */
function corruptions(row: MazeRow): string[] {
  const right = solution(row);
  const moves = right.slice(right.lastIndexOf(' ') + 1);
  return [
    '',
    moves,
    'answer: ',
    right.slice(0, right.lastIndexOf('\n')),
    `answer: ${moves.slice(0, -1)}`,
    `answer: ${moves}${moves.slice(-1)}`,
    `answer: ${moves.toLowerCase()}`,
    `answer: ${[...moves].join(' ')}`,
    `answer: ${moves}X`,
    `${right}\nIs that right?`,
  ];
}

/** Find a way through a maze. */
export const maze = defineTask<MazeRow>({
  name: 'maze',
  description: 'Find a way from S to G through a 5 x 5 maze, as moves R, D, L and U.',
  train: mazeTrain,
  test: mazeTest,
  prompt: (row) => `Maze:\n${row.grid.join('\n')}\n`,
  maxTokens: 192,
  score: gradeMaze,
  solution,
  corruptions,
});

/** Mazes without end and worked solutions of every quality. */
export const workedMaze: WorkedTask<MazeRow> = {
  task: maze,
  drawRow: drawMazeRow,
  isHeldOut: isHeldOutMaze,
  trace: (row, quality, random, habits = mazeHabits[quality]) => mazeTrace(row, habits, random),
};
