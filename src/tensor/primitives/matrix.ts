/** Matrix products. */
import { broadcastShapes, formatShape, ShapeError, type Dim } from '../shape.ts';
import { apply, at, expectRank, expectSameType, type Primitive, type Tensor } from '../tensor.ts';
import { transpose } from './layout.ts';
import { sumToShape } from './reduce.ts';

interface GemmAttributes {
  transposeLeft: boolean;
  transposeRight: boolean;
}

/** op(A) op(B) + C over matrices; the sum with C costs no pass of its own, which gradient accumulation uses. */
const gemmPrimitive: Primitive<GemmAttributes> = {
  name: 'gemm',
  infer: (inputs, { transposeLeft, transposeRight }) => {
    const left = at(inputs, 0);
    const right = at(inputs, 1);
    expectRank('gemm', left, 2);
    expectRank('gemm', right, 2);
    const dtype = expectSameType('gemm', inputs);
    const [rows, inner] = transposeLeft ? [left.shape[1], left.shape[0]] : left.shape;
    const [rightInner, columns] = transposeRight ? [right.shape[1], right.shape[0]] : right.shape;
    if (inner !== rightInner || rows === undefined || columns === undefined) {
      const flags = `${transposeLeft ? ' (left transposed)' : ''}${transposeRight ? ' (right transposed)' : ''}`;
      throw new ShapeError(`gemm: ${formatShape(left.shape)} and ${formatShape(right.shape)}${flags} do not fit: ${inner} against ${rightInner}.`);
    }
    const shape: Dim[] = [rows, columns];
    const addend = inputs[2];
    if (addend && String(broadcastShapes(addend.shape, shape, 'gemm')) !== String(shape)) {
      throw new ShapeError(`gemm: ${formatShape(addend.shape)} cannot be added to a product of shape ${formatShape(shape)}.`);
    }
    return [{ shape, dtype }];
  },
  gradient: ({ inputs, attributes: { transposeLeft, transposeRight } }, [g]) => {
    if (!g) return [];
    const left = at(inputs, 0);
    const right = at(inputs, 1);
    const leftGradient = transposeLeft
      ? gemm(right, g, { transposeLeft: transposeRight, transposeRight: true })
      : gemm(g, right, { transposeRight: !transposeRight });
    const rightGradient = transposeRight
      ? gemm(g, left, { transposeLeft: true, transposeRight: transposeLeft })
      : gemm(left, g, { transposeLeft: !transposeLeft });
    const addend = inputs[2];
    return [leftGradient, rightGradient, addend && sumToShape(g, addend.shape)];
  },
  lower: ({ attributes }, inputs, emit) =>
    emit.node('Gemm', inputs, { transA: attributes.transposeLeft ? 1 : 0, transB: attributes.transposeRight ? 1 : 0 }),
};

/** Product of two matrices, each transposed first if asked; `addend` broadcasts to the result. */
export function gemm(
  left: Tensor,
  right: Tensor,
  options: { transposeLeft?: boolean; transposeRight?: boolean; addend?: Tensor | undefined } = {},
): Tensor {
  const { transposeLeft = false, transposeRight = false, addend } = options;
  return apply(gemmPrimitive, addend ? [left, right, addend] : [left, right], { transposeLeft, transposeRight });
}

/** `accumulator + product` in one operation, when `product` is a plain product of two matrices. */
export function accumulateProduct(accumulator: Tensor, product: Tensor): Tensor | undefined {
  const [left, right, addend] = product.node.inputs;
  if (product.node.primitive.name !== gemmPrimitive.name || !left || !right || addend) return undefined;
  const { transposeLeft, transposeRight } = product.node.attributes as GemmAttributes;
  return gemm(left, right, { transposeLeft, transposeRight, addend: accumulator });
}

const matmulPrimitive: Primitive<null> = {
  name: 'matmul',
  infer: (inputs) => {
    const left = at(inputs, 0);
    const right = at(inputs, 1);
    const dtype = expectSameType('matmul', inputs);
    const rank = left.shape.length;
    if (rank < 2 || right.shape.length !== rank || left.shape[rank - 1] !== right.shape[rank - 2]) {
      throw new ShapeError(`matmul: ${formatShape(left.shape)} and ${formatShape(right.shape)} do not fit.`);
    }
    const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2), 'matmul');
    return [{ shape: [...batch, at(left.shape, rank - 2), at(right.shape, rank - 1)], dtype }];
  },
  gradient: ({ inputs }, [g]) => {
    if (!g) return [];
    const left = at(inputs, 0);
    const right = at(inputs, 1);
    return [sumToShape(matmul(g, transpose(right)), left.shape), sumToShape(matmul(transpose(left), g), right.shape)];
  },
  lower: (_, inputs, emit) => emit.node('MatMul', inputs),
};

/** Batched matrix product over the last two axes; operands have the same rank, at least 2. */
export const matmul = (left: Tensor, right: Tensor): Tensor => apply(matmulPrimitive, [left, right], null);
