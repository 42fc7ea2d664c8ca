import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { measureTraces, piecesOf } from '../trace-report.ts';
import { endOf, gradeMaze } from './grade.ts';
import { find, nameOf, size, stepsFrom } from './grid.ts';
import { maze, workedMaze } from './maze.ts';
import { isHeldOutMaze, mazeTest, mazeTrain, shortestPath } from './row.ts';
import { mazeHabits, mazeTrace } from './traces.ts';

const grid = ['S..#.', '.#.#.', '.#...', '...#.', '.#..G'];
const grade = (text: string, stopReason: 'stop' | 'length' = 'stop') => gradeMaze({ grid }, { text, tokens: 9, stopReason });

describe('the grid', () => {
  test('names cells by row and column and knows its edges', () => {
    expect([0, 4, 12, 20, 24].map(nameOf)).toEqual(['11', '15', '33', '51', '55']);
    expect(stepsFrom(0)).toEqual([{ direction: 'R', cell: 1 }, { direction: 'D', cell: 5 }]);
    expect(stepsFrom(12).map((step) => step.cell)).toEqual([13, 17, 11, 7]);
    expect(stepsFrom(24).map((step) => step.direction)).toEqual(['L', 'U']);
  });

  test('has a shortest path, or none', () => {
    expect(shortestPath(grid)).toBe(8);
    expect(shortestPath(['S#...', '##...', '.....', '.....', '....G'])).toBeUndefined();
  });
});

describe('maze rows', () => {
  const train = mazeTrain();
  const held = mazeTest();

  test('are 4,096 and 1,024 different mazes, none in both', () => {
    const prompts = [...train, ...held].map((row) => maze.prompt(row));
    expect(prompts).toHaveLength(4096 + 1024);
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(held.every(isHeldOutMaze)).toBe(true);
    expect(train.some(isHeldOutMaze)).toBe(false);
    expect(mazeTest()).toEqual(held);
  });

  test('are 5 x 5 with one start and one goal at least 5 moves apart', () => {
    for (const row of train) {
      expect(row.grid.join('|')).toMatch(/^[SG.#]{5}(\|[SG.#]{5}){4}$/);
      expect(row.grid.join('').replace(/[.#]/g, '')).toMatch(/^(SG|GS)$/);
      expect(shortestPath(row.grid)).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('gradeMaze', () => {
  test('takes any way from start to goal, also one that turns back', () => {
    for (const moves of ['RRDDRRDD', 'DDDRRDRR', 'DURRDDRRDD']) {
      expect(grade(`answer: ${moves}`), moves).toEqual({ reward: 1, verdict: 'correct' });
    }
    expect(endOf(grid, 'RRDD')).toBe(12);
  });

  test('calls moves that hit a wall or the edge, or end elsewhere, wrong', () => {
    for (const moves of ['RRDDRRD', 'RRDDRRDDL', 'RDDDRRDD', 'URRDDRRDD', 'LLLLLLLL', 'RRRRDDDD', 'R']) {
      expect(grade(`answer: ${moves}`), moves).toEqual({ reward: 0, verdict: 'wrong' });
    }
  });

  test('calls everything else unparsable', () => {
    for (const moves of ['', 'R R D D R R D D', 'rrddrrdd', 'RRDDRRDD.', 'RIGHT', `${'RL'.repeat(20)}RRDDRRDD`]) {
      expect(grade(`answer: ${moves}`), moves).toEqual({ reward: 0, verdict: 'unparsable' });
    }
    expect(grade('answer: RRDDRRDD', 'length')).toEqual({ reward: 0, verdict: 'unparsable' });
  });
});

describe('maze traces', () => {
  test('walk towards the goal, mark dead ends and turn off at the last cell with a way left', () => {
    const dead = ['S....', '.####', '.....', '####.', '...G.'];
    expect(mazeTrace({ grid: dead }, mazeHabits.careful, new Random(0))).toBe(
      ['11 12 13 14 15 x', '11 21 31 32 33 34 35 45 55 54', 'answer: DDRRRRDDL'].join('\n'),
    );
    expect(mazeTrace({ grid }, mazeHabits.careful, new Random(0))).toBe('11 12 13 23 33 34 35 45 55\nanswer: RRDDRRDD');
  });

  test('written carefully solve every row within maxTokens; corruptions earn nothing', () => {
    for (const row of [...mazeTrain(), ...mazeTest()]) {
      const text = maze.solution!(row);
      expect(maze.score(row, { text, tokens: 9, stopReason: 'stop' }), text).toEqual({ reward: 1, verdict: 'correct' });
      expect(piecesOf(text).length).toBeLessThan(maze.maxTokens);
      for (const corrupted of maze.corruptions!(row)) {
        expect(gradeMaze(row, { text: corrupted, tokens: 9, stopReason: 'stop' }).reward, corrupted).toBe(0);
      }
    }
  });

  test('of every quality end in moves, and careless walkers stay on the grid', () => {
    const random = new Random(4);
    for (let i = 0; i < 1000; i++) {
      const row = workedMaze.drawRow(random);
      expect(find(row.grid, 'S')).toBeLessThan(size * size);
      for (const quality of ['hasty', 'sloppy'] as const) {
        expect(workedMaze.trace(row, quality, random)).toMatch(/^([1-5]{2}( [1-5]{2})*( x)?\n)+answer: [RDLU]+$/);
      }
    }
  });

  test('are right as often as a base model should be', async () => {
    const measured = await measureTraces(workedMaze);
    expect(measured.careful.accuracy).toBe(1);
    expect(measured.mix.accuracy).toBeGreaterThan(0.3);
    expect(measured.mix.accuracy).toBeLessThan(0.55);
  });
});
