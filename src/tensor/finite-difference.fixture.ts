/**
 * Compares gradients of the graph with central differences of its value. For tests.
 *
 * A case runs in float64, where differences are exact to about nine digits, and then in float32, whose kernels are others, against the
 * float64 gradients. Where ONNX Runtime has float32 kernels only, the differences are taken in float32 with a large step; that is right
 * for linear functions alone.
 */
import { describe, expect, test } from 'vitest';
import { hashText, Random } from '../random.ts';
import { gradients, input, mul, sum, type DType, type Shape, type Tensor } from './index.ts';
import { Program, resolveShape, type NumberArray } from './run-graph.fixture.ts';

type FloatType = 'float32' | 'float64';

interface Source {
  shape: Shape;
  /** Element `index` in row-major order. Default: uniform in [-2, 2]. */
  at?: (index: number) => number;
  /** Default: the floating-point type that the case runs in. */
  dtype?: DType;
}

export interface GradientSpec<V extends string, D extends string> {
  /** What the gradient is taken for; a bare shape is filled with random numbers. */
  variables: Record<V, Shape | Source>;
  /** Further inputs, which are not varied. */
  data?: Record<D, Shape | Source>;
  build: (tensors: Record<V | D, Tensor>, dtype: FloatType) => Tensor;
  /** Sizes of symbolic dimensions. Each set runs on the same compiled graph. */
  sizes?: readonly Readonly<Record<string, number>>[];
  /** The primitive has float32 kernels only, and the case is linear in its variables. */
  float32Only?: boolean;
  /** Step of the differences. Default 1e-5; 1/8 in float32. */
  step?: number;
}

/** A case whose types of names are forgotten, so that cases can stand in one list. */
export interface GradientCase {
  check: () => void;
}

/** The case "the gradients of this function are its differences". */
export function gradientCase<V extends string, D extends string = never>(spec: GradientSpec<V, D>): GradientCase {
  return { check: () => checkGradients(spec) };
}

/** Fails unless gradients and differences agree. */
export function checkGradients<V extends string, D extends string = never>(spec: GradientSpec<V, D>): void {
  const exact = spec.float32Only ? undefined : new DifferentiatedFunction(spec, 'float64');
  const single = new DifferentiatedFunction(spec, 'float32');
  for (const sizes of spec.sizes ?? [{}]) {
    const arrays = single.arrays(sizes);
    const reference = exact ? exact.gradients(arrays) : single.differences(arrays, spec.step ?? 1 / 8);
    if (exact) {
      const differences = exact.differences(arrays, spec.step ?? 1e-5);
      for (const name of single.names) expectClose(reference[name], differences[name], 1e-8, `float64 gradient of ${name}`);
    }
    const found = single.gradients(arrays);
    for (const name of single.names) expectClose(found[name], reference[name], 1e-5, `float32 gradient of ${name}`);
  }
}

/** sum(f(variables, data) * fixed random weights) and its gradients, compiled in one floating-point type. */
class DifferentiatedFunction<V extends string, D extends string> {
  readonly names: readonly V[];
  readonly #sources: Record<string, Source>;
  readonly #weightShape: Shape;
  readonly #program: Program;

  constructor({ variables, data, build }: GradientSpec<V, D>, dtype: FloatType) {
    const everything: Record<string, Shape | Source> = { ...variables, ...data };
    this.#sources = Object.fromEntries(
      Object.entries(everything).map(([name, given]) => [name, 'shape' in given ? given : { shape: given }]),
    );
    const tensors: Record<string, Tensor> = {};
    for (const [name, source] of Object.entries(this.#sources)) tensors[name] = input(name, source.dtype ?? dtype, source.shape);
    this.names = Object.keys(variables) as V[];
    const result = build(tensors as Record<V | D, Tensor>, dtype);
    this.#weightShape = result.shape;
    const total = sum(mul(result, input('weights of the result', result.dtype, result.shape)));
    const found = gradients(
      total,
      this.names.map((name) => tensors[name]).filter((tensor) => tensor !== undefined),
    );
    this.#program = new Program({ total, ...Object.fromEntries(this.names.map((name, i) => [`gradient of ${name}`, existing(found[i])])) });
  }

  /** Random arrays, the same ones for the same names, exact in float32. */
  arrays(sizes: Readonly<Record<string, number>>): Record<string, NumberArray> {
    const symbols = new Map(Object.entries(sizes));
    const arrayOf = (name: string, { shape, at }: Source): NumberArray => {
      const random = new Random(hashText(name));
      const resolved = resolveShape(shape, symbols);
      const length = resolved.reduce((a, b) => a * b, 1);
      const element = at ?? (() => random.uniform() * 4 - 2);
      return { shape: resolved, values: Array.from({ length }, (_, i) => Math.fround(element(i))) };
    };
    const given = Object.entries(this.#sources).map(([name, source]) => [name, arrayOf(name, source)] as const);
    return { ...Object.fromEntries(given), 'weights of the result': arrayOf('weights', { shape: this.#weightShape }) };
  }

  gradients(arrays: Readonly<Record<string, NumberArray>>): Record<string, number[]> {
    const results = this.#program.run(arrays);
    return Object.fromEntries(this.names.map((name) => [name, existing(results[`gradient of ${name}`])]));
  }

  differences(arrays: Readonly<Record<string, NumberArray>>, step: number): Record<string, number[]> {
    const totalWith = (name: string, { shape, values }: NumberArray, index: number, change: number): number => {
      const changed = values.map((value, i) => (i === index ? value + change : value));
      return existing(this.#program.run({ ...arrays, [name]: { shape, values: changed } }).total?.[0]);
    };
    return Object.fromEntries(
      this.names.map((name) => {
        const array = existing(arrays[name]);
        const slope = (_: number, i: number) => (totalWith(name, array, i, step) - totalWith(name, array, i, -step)) / (2 * step);
        return [name, array.values.map(slope)];
      }),
    );
  }
}

/** Fails unless every element is within `tolerance` times the largest expected magnitude (at least 1). */
export function expectClose(
  actual: readonly number[] | undefined,
  expected: readonly number[] | undefined,
  tolerance: number,
  label = 'values',
): void {
  if (!actual || !expected) throw new Error(`${label}: nothing to compare`);
  expect(actual.length, `${label}: number of elements`).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const wrong = expected.findIndex((value, i) => !(Math.abs((actual[i] ?? NaN) - value) <= tolerance * scale));
  if (wrong >= 0)
    expect.fail(
      `${label}: element ${wrong} is ${actual[wrong]}, expected ${expected[wrong]}\ngot  ${actual.join(' ')}\nwant ${expected.join(' ')}`,
    );
}

/**
 * Tests the gradients of the functions that a module of primitives exports. Fails as well when a function is exported that has neither a
 * case nor a place in `others`: operations without a gradient, those that another test covers, and functions that are no operations.
 */
export function testGradients(
  module: Readonly<Record<string, unknown>>,
  cases: Readonly<Record<string, GradientCase | Readonly<Record<string, GradientCase>>>>,
  others: readonly string[],
): void {
  describe('gradients are the slopes of the values', () => {
    for (const [operation, given] of Object.entries(cases)) {
      if (isCase(given)) test(operation, given.check);
      else for (const [label, { check }] of Object.entries(given)) test(`${operation}: ${label}`, check);
    }
  });
  test('every exported function has a gradient test or is listed as one without', () => {
    const exported = Object.keys(module).filter((name) => typeof module[name] === 'function');
    expect([...Object.keys(cases), ...others].sort()).toEqual(exported.sort());
  });
}

function isCase(given: GradientCase | Readonly<Record<string, GradientCase>>): given is GradientCase {
  return typeof given.check === 'function';
}

function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a result is missing');
  return value;
}
