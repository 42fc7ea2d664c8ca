/**
 * Shapes whose dimensions are numbers or symbols. A symbolic dimension is a monomial over names, written `batch`, `batch*time` or
 * `4*time`; its value is known when the graph runs. Two dimensions are equal when their canonical texts are.
 */
import { R5Error } from '../error.ts';

export type Dim = number | string;
export type Shape = readonly Dim[];

export class ShapeError extends R5Error {
  override readonly name = 'ShapeError';
}

interface Monomial {
  coefficient: number;
  symbols: string[];
}

function parseDim(dim: Dim): Monomial {
  if (typeof dim === 'number') return { coefficient: dim, symbols: [] };
  const monomial: Monomial = { coefficient: 1, symbols: [] };
  for (const factor of dim.split('*')) {
    if (/^\d+$/.test(factor)) monomial.coefficient *= Number(factor);
    else monomial.symbols.push(factor);
  }
  return monomial;
}

/** Coefficient and symbols of a dimension; a number has no symbols. */
export function dimFactors(dim: Dim): { coefficient: number; symbols: readonly string[] } {
  return parseDim(dim);
}

function formatDim({ coefficient, symbols }: Monomial): Dim {
  if (symbols.length === 0 || coefficient === 0) return coefficient;
  const product = [...symbols].sort().join('*');
  return coefficient === 1 ? product : `${coefficient}*${product}`;
}

/** Product of dimensions: 1 for none. */
export function dimProduct(dims: Shape): Dim {
  const product: Monomial = { coefficient: 1, symbols: [] };
  for (const dim of dims) {
    const { coefficient, symbols } = parseDim(dim);
    product.coefficient *= coefficient;
    product.symbols.push(...symbols);
  }
  return formatDim(product);
}

/** The shape with its dimensions in canonical text, in which equal dimensions are equal: `time*2*batch` becomes `2*batch*time`. */
export const canonicalShape = (shape: Shape): Shape => shape.map((dim) => dimProduct([dim]));

/** Number of elements of a shape without symbols; throws when there are any. */
export function staticSize(shape: Shape, operation: string): number {
  const size = dimProduct(shape);
  if (typeof size === 'string') throw new ShapeError(`${operation}: needs a shape without symbolic dimensions, got ${formatShape(shape)}.`);
  return size;
}

/** A dimension that must be a number. */
export function staticDim(shape: Shape, axis: number, operation: string): number {
  const dim = shape[normalizeAxis(shape, axis, operation)];
  if (typeof dim !== 'number') throw new ShapeError(`${operation}: dimension ${axis} of ${formatShape(shape)} must be a number.`);
  return dim;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dim, axis) => dim === right[axis]);
}

/** Turns a possibly negative axis into 0..rank-1. */
export function normalizeAxis(shape: Shape, axis: number, operation: string): number {
  const normalized = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= shape.length) {
    throw new ShapeError(`${operation}: axis ${axis} is not an axis of a tensor of shape ${formatShape(shape)}.`);
  }
  return normalized;
}

/** NumPy broadcasting over the trailing dimensions. A symbol matches itself or 1. */
export function broadcastShapes(left: Shape, right: Shape, operation: string): Dim[] {
  const rank = Math.max(left.length, right.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      throw new ShapeError(`${operation}: shapes ${formatShape(left)} and ${formatShape(right)} do not broadcast (${a} against ${b}).`);
    }
    result.push(a === 1 ? b : a);
  }
  return result;
}
