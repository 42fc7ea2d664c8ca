/** Tensors that come from outside the graph: inputs and constants. */
import { canonicalShape, formatShape, ShapeError, staticSize, type Shape } from './shape.ts';
import { apply, type Primitive, type Tensor, type TensorType } from './tensor.ts';
import type { DType } from './dtype.ts';

interface InputAttributes extends TensorType {
  name: string;
}

export const inputPrimitive: Primitive<InputAttributes> = {
  name: 'input',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower: ({ attributes }) => [attributes.name],
};

/** A value that is fed when the graph runs. Dimensions may be symbols. */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  return apply(inputPrimitive, [], { name, dtype, shape: canonicalShape(shape) });
}

interface ConstantAttributes {
  dtype: DType;
  shape: readonly number[];
  values: readonly number[];
}

const constantPrimitive: Primitive<ConstantAttributes> = {
  name: 'constant',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower: ({ attributes }, _, emit) => [emit.constant(attributes.dtype, attributes.shape, attributes.values)],
};

/** A constant; a scalar when no shape is given. One number fills the shape; throws when a list has not as many elements as the shape. */
export function constant(values: number | readonly number[], dtype: DType = 'float32', shape: readonly number[] = []): Tensor {
  const size = staticSize(shape, 'constant');
  const list = typeof values === 'number' ? new Array<number>(size).fill(values) : values;
  if (list.length !== size) {
    throw new ShapeError(`constant: ${list.length} values do not fill the shape ${formatShape(shape)}, which has ${size}.`);
  }
  return apply(constantPrimitive, [], { dtype, shape, values: list });
}
