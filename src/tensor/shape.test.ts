import { describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import {
  broadcastShapes,
  canonicalShape,
  dimProduct,
  input,
  normalizeAxis,
  reshape,
  sameShape,
  ShapeError,
  staticDim,
  staticSize,
} from './index.ts';

describe('symbolic dimensions', () => {
  test('products are monomials in one canonical text', () => {
    expect(dimProduct([])).toBe(1);
    expect(dimProduct([2, 3])).toBe(6);
    expect(dimProduct(['time', 2, 'batch'])).toBe('2*batch*time');
    expect(dimProduct(['2*batch', '3*time', 'batch'])).toBe('6*batch*batch*time');
    expect(dimProduct(['batch', 0])).toBe(0);
    expect(dimProduct(['2*3'])).toBe(6);
  });

  test('equal dimensions are equal however they are written', () => {
    expect(canonicalShape(['time*2*batch', 4])).toEqual(['2*batch*time', 4]);
    const x = input('x', 'float32', ['time*batch', 2]);
    expect(sameShape(x.shape, ['batch*time', 2])).toBe(true);
    expect(reshape(x, ['time', '2*batch']).shape).toEqual(['time', '2*batch']);
  });
});

describe('broadcasting', () => {
  test('aligns the last dimensions; 1 and what is missing stretch', () => {
    expect(broadcastShapes([2, 1, 3], [4, 1], 'add')).toEqual([2, 4, 3]);
    expect(broadcastShapes([], [2], 'add')).toEqual([2]);
    expect(broadcastShapes(['batch', 1], ['time'], 'add')).toEqual(['batch', 'time']);
    expect(broadcastShapes([1], [0], 'add')).toEqual([0]);
  });

  test('names the operation, both shapes and the dimensions that differ', () => {
    expect(() => broadcastShapes([2, 3], [2, 4], 'mul')).toThrow('mul: shapes [2, 3] and [2, 4] do not broadcast (3 against 4).');
    expect(() => broadcastShapes(['batch'], [3], 'mul')).toThrow('mul: shapes [batch] and [3] do not broadcast (batch against 3).');
  });
});

describe('sizes that must be known', () => {
  test('numbers are given back', () => {
    expect(staticDim([2, 'batch', 5], -1, 'split')).toBe(5);
    expect(staticSize([2, 3], 'constant')).toBe(6);
    expect(normalizeAxis([2, 3], -2, 'sum')).toBe(0);
  });

  test('symbols and axes that are not there are refused', () => {
    expect(() => staticDim([2, 'batch'], 1, 'split')).toThrow('split: dimension 1 of [2, batch] must be a number.');
    expect(() => staticSize(['batch'], 'constant')).toThrow('constant: needs a shape without symbolic dimensions, got [batch].');
    for (const axis of [2, -3, 0.5, NaN]) expect(() => normalizeAxis([2, 3], axis, 'sum')).toThrow(`sum: axis ${axis} is not an axis`);
  });

  test('the errors are for the person who wrote the graph', () => {
    expect(() => staticSize(['batch'], 'constant')).toThrow(ShapeError);
    expect(new ShapeError('')).toBeInstanceOf(R5Error);
  });
});
