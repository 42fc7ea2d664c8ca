/** The grid of a maze: cells are numbered from 0, row by row. */

export type Grid = readonly string[];

/** Rows and columns. */
export const size = 5;

export const directions = ['R', 'D', 'L', 'U'] as const;
export type Direction = (typeof directions)[number];

export interface Step {
  direction: Direction;
  cell: number;
}

const rowChange: Readonly<Record<Direction, number>> = { R: 0, D: 1, L: 0, U: -1 };
const columnChange: Readonly<Record<Direction, number>> = { R: 1, D: 0, L: -1, U: 0 };

/** The two digits, row and column from 1, by which the written work names a cell: `11` is top left, `55` bottom right. */
export function nameOf(cell: number): string {
  return `${Math.floor(cell / size) + 1}${(cell % size) + 1}`;
}

/** The cell one move away; undefined where the move leaves the grid. */
export function move(cell: number, direction: Direction): number | undefined {
  const row = Math.floor(cell / size) + rowChange[direction];
  const column = (cell % size) + columnChange[direction];
  return row >= 0 && row < size && column >= 0 && column < size ? row * size + column : undefined;
}

const stepTable: readonly (readonly Step[])[] = Array.from({ length: size * size }, (_, cell) => {
  return directions.flatMap((direction) => {
    const next = move(cell, direction);
    return next === undefined ? [] : [{ direction, cell: next }];
  });
});

/** The moves from a cell that stay on the grid, right, down, left, up; walls are not looked at. */
export function stepsFrom(cell: number): readonly Step[] {
  return stepTable[cell] ?? [];
}

/** Whether a cell is no wall. */
export function isOpen(grid: Grid, cell: number): boolean {
  return grid[Math.floor(cell / size)]?.[cell % size] !== '#';
}

/** The cell that holds a mark, which must be there. */
export function find(grid: Grid, mark: 'S' | 'G'): number {
  const cell = grid.join('').indexOf(mark);
  if (cell < 0) throw new RangeError(`the maze has no ${mark}:\n${grid.join('\n')}`);
  return cell;
}

/** Moves between two cells if there were no walls. */
export function distance(from: number, to: number): number {
  return Math.abs(Math.floor(from / size) - Math.floor(to / size)) + Math.abs((from % size) - (to % size));
}
