/** Primitives that move elements without changing them. */
import { canonicalShape, dimFactors, dimProduct, formatShape, normalizeAxis, sameShape, ShapeError, staticDim, type Dim, type Shape } from '../shape.ts';
import { apply, applyAll, at, expectSameType, type Primitive, type Tensor } from '../tensor.ts';

const reshapePrimitive: Primitive<{ shape: Shape }> = {
  name: 'reshape',
  infer: (inputs, { shape }) => {
    const x = at(inputs, 0);
    if (dimProduct(x.shape) !== dimProduct(shape)) {
      throw new ShapeError(`reshape: ${formatShape(x.shape)} and ${formatShape(shape)} differ in their number of elements.`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [reshape(g, at(inputs, 0).shape)] : []),
  lower: ({ attributes: { shape } }, inputs, emit) => {
    // One symbolic dimension can be left for ONNX to work out; with more, the shape is computed from the graph's inputs.
    const symbolic = shape.filter((dim) => typeof dim !== 'number').length;
    const target =
      symbolic === 1 ? emit.constant('int64', [shape.length], shape.map((dim) => (typeof dim === 'number' ? dim : -1))) : emit.shape(shape, { inferOne: true });
    return emit.node('Reshape', [at(inputs, 0), target]);
  },
};

/** The same elements in row-major order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const canonical = canonicalShape(shape);
  return sameShape(x.shape, canonical) ? x : apply(reshapePrimitive, [x], { shape: canonical });
}

const transposePrimitive: Primitive<{ order: readonly number[] }> = {
  name: 'transpose',
  infer: (inputs, { order }) => {
    const x = at(inputs, 0);
    if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x.shape.length) {
      throw new ShapeError(`transpose: [${order.join(', ')}] is not an order of the axes of ${formatShape(x.shape)}.`);
    }
    return [{ shape: order.map((axis) => at(x.shape, axis)), dtype: x.dtype }];
  },
  gradient: ({ attributes: { order } }, [g]) => {
    if (!g) return [];
    const inverse = order.map((_, axis) => order.indexOf(axis));
    return [transpose(g, inverse)];
  },
  lower: ({ attributes }, inputs, emit) => emit.node('Transpose', inputs, { perm: attributes.order }),
};

/** Permutes the axes; default: swaps the last two. */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const swapped = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return apply(transposePrimitive, [x], { order: order ?? swapped });
}

const concatPrimitive: Primitive<{ axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const head = at(inputs, 0);
    const dtype = expectSameType('concat', inputs);
    let total = 0;
    for (const x of inputs) {
      if (x.shape.length !== head.shape.length || x.shape.some((dim, i) => i !== axis && dim !== head.shape[i])) {
        throw new ShapeError(`concat: shapes ${formatShape(head.shape)} and ${formatShape(x.shape)} differ beside axis ${axis}.`);
      }
      total += staticDim(x.shape, axis, 'concat');
    }
    return [{ shape: head.shape.map((dim, i) => (i === axis ? total : dim)), dtype }];
  },
  gradient: ({ inputs, attributes: { axis } }, [g]) => {
    if (!g) return [];
    const sizes = inputs.map((x) => staticDim(x.shape, axis, 'concat'));
    return split(g, axis, sizes);
  },
  lower: ({ attributes }, inputs, emit) => emit.node('Concat', inputs, { axis: attributes.axis }),
};

/** Joins along an axis whose sizes are numbers. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return apply(concatPrimitive, tensors, { axis: normalizeAxis(at(tensors, 0).shape, axis, 'concat') });
}

const splitPrimitive: Primitive<{ axis: number; sizes: readonly number[] }> = {
  name: 'split',
  infer: (inputs, { axis, sizes }) => {
    const x = at(inputs, 0);
    const whole = staticDim(x.shape, axis, 'split');
    const total = sizes.reduce((a, b) => a + b, 0);
    if (total !== whole) throw new ShapeError(`split: sizes [${sizes.join(', ')}] do not add up to axis ${axis} of ${formatShape(x.shape)}.`);
    return sizes.map((size) => ({ shape: x.shape.map((dim, i): Dim => (i === axis ? size : dim)), dtype: x.dtype }));
  },
  gradient: ({ outputs, attributes: { axis } }, gradients) => {
    if (gradients.every((g) => g === undefined)) return [];
    const parts = outputs.map((output, i) => gradients[i] ?? zerosLike(output));
    return [concat(parts, axis)];
  },
  lower: ({ attributes: { axis, sizes } }, inputs, emit) =>
    emit.node('Split', [at(inputs, 0), emit.constant('int64', [sizes.length], sizes)], { axis }, { outputs: sizes.length }),
};

/** Cuts along an axis whose size is a number. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] {
  return applyAll(splitPrimitive, [x], { axis: normalizeAxis(x.shape, axis, 'split'), sizes });
}

const joinPairPrimitive: Primitive<{ axis: number; size: Dim }> = {
  name: 'joinPair',
  infer: (inputs, { axis, size }) => {
    const head = at(inputs, 0);
    const rest = at(inputs, 1);
    const dtype = expectSameType('joinPair', [head, rest]);
    if (rest.shape.length !== head.shape.length || rest.shape.some((dim, i) => i !== axis && dim !== head.shape[i])) {
      throw new ShapeError(`joinPair: shapes ${formatShape(head.shape)} and ${formatShape(rest.shape)} differ beside axis ${axis}.`);
    }
    return [{ shape: head.shape.map((dim, i) => (i === axis ? size : dim)), dtype }];
  },
  gradient: ({ inputs, attributes: { axis } }, [g]) =>
    g ? apply2(cutPairPrimitive, [g, ...inputs], { axis, sizes: [at(at(inputs, 0).shape, axis), at(at(inputs, 1).shape, axis)] }) : [],
  lower: ({ attributes }, inputs, emit) => emit.node('Concat', inputs, { axis: attributes.axis }),
};

/** Joins two tensors along an axis whose sizes may be symbols; `size` is the dimension that comes out. */
export function joinPair(head: Tensor, rest: Tensor, axis: number, size: Dim): Tensor {
  return apply(joinPairPrimitive, [head, rest], { axis: normalizeAxis(head.shape, axis, 'joinPair'), size });
}

const cutPairPrimitive: Primitive<{ axis: number; sizes: readonly [Dim, Dim] }> = {
  name: 'cutPair',
  infer: (inputs, { axis, sizes }) => {
    const x = at(inputs, 0);
    return sizes.map((size) => ({ shape: x.shape.map((dim, i): Dim => (i === axis ? size : dim)), dtype: x.dtype }));
  },
  gradient: ({ inputs, outputs, attributes: { axis } }, gradients) => {
    if (gradients.every((g) => g === undefined)) return [];
    const [head, rest] = outputs.map((output, i) => gradients[i] ?? zerosLike(output));
    if (!head || !rest) throw new Error('cutPair has two results');
    return [joinPair(head, rest, axis, at(at(inputs, 0).shape, axis))];
  },
  lower: ({ attributes: { axis, sizes } }, inputs, emit) => {
    const x = at(inputs, 0);
    const start = emit.constant('int64', [1], [0]);
    const border = emit.shape([sizes[0]]);
    const end = emit.constant('int64', [1], [Number.MAX_SAFE_INTEGER]);
    const axes = emit.constant('int64', [1], [axis]);
    const part = (from: string, to: string) => at(emit.node('Slice', [x, from, to, axes]), 0);
    return [part(start, border), part(border, end)];
  },
};

/**
 * Cuts along an axis in two parts whose sizes may be symbols. `holders` are tensors in whose shapes the symbols stand, where no other input of
 * the graph has them.
 */
export function cutPair(x: Tensor, axis: number, sizes: readonly [Dim, Dim], holders: readonly Tensor[] = []): readonly [head: Tensor, rest: Tensor] {
  return apply2(cutPairPrimitive, [x, ...holders], { axis: normalizeAxis(x.shape, axis, 'cutPair'), sizes });
}

function apply2<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): [Tensor, Tensor] {
  const results = applyAll(primitive, inputs, attributes);
  return [at(results, 0), at(results, 1)];
}

const zerosPrimitive: Primitive<{ shape: Shape }> = {
  name: 'zerosLike',
  infer: (inputs, { shape }) => [{ shape, dtype: at(inputs, 0).dtype }],
  gradient: () => [],
  lower: ({ attributes, outputs }, _, emit) =>
    emit.node('Expand', [emit.constant(at(outputs, 0).dtype, [], [0]), emit.shape(attributes.shape)]),
};

/** Zeros of a tensor's shape and type. */
export const zerosLike = (x: Tensor): Tensor => apply(zerosPrimitive, [x], { shape: x.shape });

/** All dimensions but the last merged into one. */
export function flattenRows(x: Tensor): Tensor {
  return reshape(x, [dimProduct(x.shape.slice(0, -1)), at(x.shape, x.shape.length - 1)]);
}

/** True when a dimension has symbols. */
export const isSymbolic = (dim: Dim): boolean => dimFactors(dim).symbols.length > 0;
