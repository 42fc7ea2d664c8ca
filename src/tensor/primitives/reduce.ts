/** Sums, means, maxima and softmax along axes, and their opposite, broadcasting. */
import { canonicalShape, formatShape, normalizeAxis, sameShape, ShapeError, type Dim, type Shape } from '../shape.ts';
import { apply, at, type Emitter, type Primitive, type Tensor } from '../tensor.ts';
import { div, equal, cast, mul, sub, exp } from './elementwise.ts';
import { reshape } from './layout.ts';

interface ReduceAttributes {
  axes: readonly number[];
  keepDims: boolean;
}

function reducedShape(name: string, x: Tensor, { axes, keepDims }: ReduceAttributes): Dim[] {
  const reduced = new Set(axes.map((axis) => normalizeAxis(x.shape, axis, name)));
  return x.shape.flatMap((dim, axis) => (reduced.has(axis) ? (keepDims ? [1] : []) : [dim]));
}

function reducePrimitive(
  name: string,
  op: string,
  gradient: (g: Tensor, x: Tensor, output: Tensor) => Tensor,
): Primitive<ReduceAttributes> {
  return {
    name,
    infer: (inputs, attributes) => [{ shape: reducedShape(name, at(inputs, 0), attributes), dtype: at(inputs, 0).dtype }],
    gradient: ({ inputs, outputs, attributes }, [g]) => {
      if (!g) return [];
      const x = at(inputs, 0);
      const kept = reducedShape(name, x, { ...attributes, keepDims: true });
      return [gradient(reshape(g, kept), x, reshape(at(outputs, 0), kept))];
    },
    lower: ({ inputs, attributes }, names, emit) => {
      const axes = attributes.axes.map((axis) => normalizeAxis(at(inputs, 0).shape, axis, name));
      return emit.node(op, [at(names, 0), emit.constant('int64', [axes.length], axes)], { keepdims: attributes.keepDims ? 1 : 0 });
    },
  };
}

const sumPrimitive = reducePrimitive('sum', 'ReduceSum', (g, x) => broadcastTo(g, x.shape));
// Elements that share the maximum share its gradient equally.
const maxPrimitive = reducePrimitive('max', 'ReduceMax', (g, x, output) => {
  const isMax = cast(equal(x, output), g.dtype);
  return mul(isMax, div(g, sum(isMax, axesThatDiffer(x.shape, output.shape), true)));
});

function axesThatDiffer(shape: Shape, kept: Shape): number[] {
  return shape.flatMap((dim, axis) => (dim === kept[axis] ? [] : [axis]));
}

const everyAxis = (x: Tensor): number[] => x.shape.map((_, axis) => axis);

/** Sum over `axes` (default: all, giving a scalar). */
export function sum(x: Tensor, axes: readonly number[] = everyAxis(x), keepDims = false): Tensor {
  return axes.length === 0 ? x : apply(sumPrimitive, [x], { axes, keepDims });
}

/** Largest element over `axes` (default: all). */
export function max(x: Tensor, axes: readonly number[] = everyAxis(x), keepDims = false): Tensor {
  return axes.length === 0 ? x : apply(maxPrimitive, [x], { axes, keepDims });
}

const sumSquarePrimitive = reducePrimitive('sumSquare', 'ReduceSumSquare', (g, x) => mul(mul(g, 2), x));

/** Sum of squares over `axes` (default: all). */
export function sumSquare(x: Tensor, axes: readonly number[] = everyAxis(x), keepDims = false): Tensor {
  return axes.length === 0 ? mul(x, x) : apply(sumSquarePrimitive, [x], { axes, keepDims });
}

const broadcastPrimitive: Primitive<{ shape: Shape }> = {
  name: 'broadcastTo',
  infer: (inputs, { shape }) => {
    const x = at(inputs, 0);
    const offset = shape.length - x.shape.length;
    if (offset < 0 || x.shape.some((dim, axis) => dim !== 1 && dim !== shape[axis + offset])) {
      throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [sumToShape(g, at(inputs, 0).shape)] : []),
  lower: ({ attributes }, inputs, emit) => emit.node('Expand', [at(inputs, 0), emit.shape(attributes.shape)]),
};

/** Repeats along dimensions of size 1 and in front. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  const canonical = canonicalShape(shape);
  return sameShape(x.shape, canonical) ? x : apply(broadcastPrimitive, [x], { shape: canonical });
}

/** The opposite of broadcasting: sums a tensor down to a shape that broadcasts to its own. */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const offset = x.shape.length - shape.length;
  const axes = everyAxis(x).filter((axis) => axis < offset || (shape[axis - offset] === 1 && x.shape[axis] !== 1));
  return reshape(sum(x, axes, true), shape);
}

function softmaxLike(name: string, op: string, gradient: (g: Tensor, y: Tensor, axis: number) => Tensor): Primitive<{ axis: number }> {
  return {
    name,
    infer: (inputs) => [{ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }],
    gradient: ({ outputs, attributes }, [g]) => (g ? [gradient(g, at(outputs, 0), attributes.axis)] : []),
    lower: ({ attributes }, inputs, emit: Emitter) => emit.node(op, inputs, { axis: attributes.axis }),
  };
}

const softmaxPrimitive = softmaxLike('softmax', 'Softmax', (g, y, axis) => {
  const weighted = mul(g, y);
  return sub(weighted, mul(y, sum(weighted, [axis], true)));
});
const logSoftmaxPrimitive = softmaxLike('logSoftmax', 'LogSoftmax', (g, y, axis) => sub(g, mul(exp(y), sum(g, [axis], true))));

/** exp(x) / sum(exp(x)) along the last axis. */
export const softmax = (x: Tensor): Tensor => apply(softmaxPrimitive, [x], { axis: x.shape.length - 1 });
/** log(softmax(x)) along the last axis. */
export const logSoftmax = (x: Tensor): Tensor => apply(logSoftmaxPrimitive, [x], { axis: x.shape.length - 1 });
