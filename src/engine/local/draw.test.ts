import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { compile, input } from '../../tensor/index.ts';
import { drawFrom } from './draw.ts';

const ROWS = 64;

/** What the graph draws for each row of weights [ROWS, width]. */
function drawn(weights: Float32Array, width: number, uniforms: Float32Array): number[] {
  const runtime = Runtime.open();
  const graph = compile({ next: drawFrom(input('weights', 'float32', ['row', width]), input('uniform', 'float32', ['row', 1])) });
  const session = runtime.session(graph.model, { name: 'draw' });
  const weightStorage = runtime.allocate('float32', [ROWS, width]);
  const uniformStorage = runtime.allocate('float32', [ROWS]);
  const rowIndex = runtime.allocate('int64', [ROWS]);
  const next = runtime.allocate('int64', [ROWS]);
  weightStorage.data.set(weights);
  uniformStorage.data.set(uniforms);
  for (let row = 0; row < ROWS; row++) rowIndex.data[row] = BigInt(row);
  const inputs = { weights: weightStorage.value([ROWS, width]), uniform: uniformStorage.value([ROWS, 1]) };
  const needsRows = session.inputNames.includes('rowIndex');
  session.bind(needsRows ? { ...inputs, rowIndex: rowIndex.value([ROWS]) } : inputs, { next: next.value([ROWS]) }).runSync();
  const result = [...next.data].map(Number);
  runtime.release();
  return result;
}

/** Share of the row's weight before and up to a position. */
function reach(weights: Float32Array, row: number, width: number, position: number): [before: number, upTo: number] {
  const line = weights.subarray(row * width, (row + 1) * width);
  const total = line.reduce((sum, weight) => sum + weight, 0);
  const before = line.subarray(0, position).reduce((sum, weight) => sum + weight, 0);
  return [before / total, (before + (line[position] ?? NaN)) / total];
}

describe.each([300, 1024, 4096, 5003, 151936])('drawing among %i', (width) => {
  const random = new Random(width);
  const weights = Float32Array.from({ length: ROWS * width }, () => (random.uniform() < 0.5 ? 0 : random.uniform() ** 8));
  const uniforms = Float32Array.from({ length: ROWS }, (_, row) => (row === 0 ? 0 : row === 1 ? 1 - 2 ** -24 : random.uniform()));

  test('each row gets the position whose share of the running sum holds its number, and never one of weight zero', () => {
    drawn(weights, width, uniforms).forEach((position, row) => {
      const [before, upTo] = reach(weights, row, width, position);
      expect(weights[row * width + position]).toBeGreaterThan(0);
      expect(before).toBeLessThanOrEqual((uniforms[row] ?? NaN) + 1e-4);
      expect(upTo).toBeGreaterThanOrEqual((uniforms[row] ?? NaN) - 1e-4);
    });
  });
});

test('one candidate of weight is drawn whatever the number', () => {
  const width = 4096;
  const weights = new Float32Array(ROWS * width);
  for (let row = 0; row < ROWS; row++) weights[row * width + row * 60] = 1e-3;
  const uniforms = Float32Array.from({ length: ROWS }, (_, row) => row / ROWS);
  expect(drawn(weights, width, uniforms)).toEqual(Array.from({ length: ROWS }, (_, row) => row * 60));
});
