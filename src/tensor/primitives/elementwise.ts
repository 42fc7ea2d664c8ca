/** Primitives that work element by element, with broadcasting. */
import { R5Error } from '../../error.ts';
import { broadcastShapes, formatShape, sameShape, ShapeError } from '../shape.ts';
import { apply, at, expectSameType, type Primitive, type Tensor } from '../tensor.ts';
import { constant } from '../source.ts';
import { sumToShape } from './reduce.ts';
import type { DType } from '../dtype.ts';

type BinaryGradient = (outputGradient: Tensor, left: Tensor, right: Tensor, output: Tensor) => [Tensor, Tensor];

/** An ONNX operator over two broadcast operands; `gradient` may return broadcast shapes, which are summed back. */
function binaryPrimitive(name: string, op: string, gradient?: BinaryGradient, outputType?: DType): Primitive<null> {
  const primitive: Primitive<null> = {
    name,
    infer: ([left, right]) => {
      if (!left || !right) throw new RangeError(`${name}: needs two operands`);
      const dtype = expectSameType(name, [left, right]);
      return [{ shape: broadcastShapes(left.shape, right.shape, name), dtype: outputType ?? dtype }];
    },
    lower: (_, inputs, emit) => emit.node(op, inputs),
  };
  if (gradient) {
    primitive.gradient = ({ inputs, outputs }, [g]) => {
      if (!g) return [];
      const left = at(inputs, 0);
      const right = at(inputs, 1);
      const [leftGradient, rightGradient] = gradient(g, left, right, at(outputs, 0));
      return [sumToShape(leftGradient, left.shape), sumToShape(rightGradient, right.shape)];
    };
  }
  return primitive;
}

/** An operand: a tensor, or a number that takes the other operand's type. */
export type Operand = Tensor | number;

function binary(primitive: Primitive<null>, left: Operand, right: Operand): Tensor {
  if (typeof left === 'number' && typeof right === 'number') throw new TypeError(`${primitive.name}: one operand must be a tensor`);
  const dtype = typeof left === 'number' ? (typeof right === 'number' ? 'float32' : right.dtype) : left.dtype;
  const tensorOf = (operand: Operand) => (typeof operand === 'number' ? constant(operand, dtype) : operand);
  return apply(primitive, [tensorOf(left), tensorOf(right)], null);
}

const addPrimitive = binaryPrimitive('add', 'Add', (g) => [g, g]);
const subPrimitive = binaryPrimitive('sub', 'Sub', (g) => [g, neg(g)]);
const mulPrimitive = binaryPrimitive('mul', 'Mul', (g, left, right) => [mul(g, right), mul(g, left)]);
const divPrimitive = binaryPrimitive('div', 'Div', (g, _left, right, output) => [div(g, right), neg(mul(div(g, right), output))]);
// Where the operands are equal the whole gradient goes to the left one.
const maximumPrimitive = binaryPrimitive('maximum', 'Max', (g, left, right) => splitGradient(g, greaterOrEqual(left, right)));
const minimumPrimitive = binaryPrimitive('minimum', 'Min', (g, left, right) => splitGradient(g, lessOrEqual(left, right)));

function splitGradient(gradient: Tensor, takesLeft: Tensor): [Tensor, Tensor] {
  const left = mul(gradient, cast(takesLeft, gradient.dtype));
  return [left, sub(gradient, left)];
}

export const add = (left: Operand, right: Operand): Tensor => binary(addPrimitive, left, right);
export const sub = (left: Operand, right: Operand): Tensor => binary(subPrimitive, left, right);
export const mul = (left: Operand, right: Operand): Tensor => binary(mulPrimitive, left, right);
export const div = (left: Operand, right: Operand): Tensor => binary(divPrimitive, left, right);
export const maximum = (left: Operand, right: Operand): Tensor => binary(maximumPrimitive, left, right);
export const minimum = (left: Operand, right: Operand): Tensor => binary(minimumPrimitive, left, right);
/** Limits to [low, high]; no gradient outside. */
export const clamp = (x: Tensor, low: Operand, high: Operand): Tensor => minimum(maximum(x, low), high);

const greaterPrimitive = binaryPrimitive('greater', 'Greater', undefined, 'bool');
const lessPrimitive = binaryPrimitive('less', 'Less', undefined, 'bool');
const equalPrimitive = binaryPrimitive('equal', 'Equal', undefined, 'bool');
const greaterOrEqualPrimitive = binaryPrimitive('greaterOrEqual', 'GreaterOrEqual', undefined, 'bool');
const lessOrEqualPrimitive = binaryPrimitive('lessOrEqual', 'LessOrEqual', undefined, 'bool');
export const greater = (left: Operand, right: Operand): Tensor => binary(greaterPrimitive, left, right);
export const less = (left: Operand, right: Operand): Tensor => binary(lessPrimitive, left, right);
export const equal = (left: Operand, right: Operand): Tensor => binary(equalPrimitive, left, right);
export const greaterOrEqual = (left: Operand, right: Operand): Tensor => binary(greaterOrEqualPrimitive, left, right);
export const lessOrEqual = (left: Operand, right: Operand): Tensor => binary(lessOrEqualPrimitive, left, right);

function unaryPrimitive(name: string, op: string, gradient: (g: Tensor, x: Tensor, y: Tensor) => Tensor): Primitive<null> {
  return {
    name,
    infer: (inputs) => [{ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }],
    gradient: ({ inputs, outputs }, [g]) => (g ? [gradient(g, at(inputs, 0), at(outputs, 0))] : []),
    lower: (_, inputs, emit) => emit.node(op, inputs),
  };
}

const negPrimitive = unaryPrimitive('neg', 'Neg', (g) => neg(g));
const expPrimitive = unaryPrimitive('exp', 'Exp', (g, _x, y) => mul(g, y));
const logPrimitive = unaryPrimitive('log', 'Log', (g, x) => div(g, x));
const sqrtPrimitive = unaryPrimitive('sqrt', 'Sqrt', (g, _x, y) => div(mul(g, 0.5), y));
const tanhPrimitive = unaryPrimitive('tanh', 'Tanh', (g, _x, y) => mul(g, sub(1, mul(y, y))));
const sigmoidPrimitive = unaryPrimitive('sigmoid', 'Sigmoid', (g, _x, y) => mul(g, mul(y, sub(1, y))));
const absPrimitive = unaryPrimitive('abs', 'Abs', (g, x) => sub(mul(g, cast(greater(x, 0), g.dtype)), mul(g, cast(less(x, 0), g.dtype))));
const reluPrimitive = unaryPrimitive('relu', 'Relu', (g, x) => mul(g, cast(greater(x, 0), g.dtype)));

export const neg = (x: Tensor): Tensor => apply(negPrimitive, [x], null);
export const exp = (x: Tensor): Tensor => apply(expPrimitive, [x], null);
export const log = (x: Tensor): Tensor => apply(logPrimitive, [x], null);
export const sqrt = (x: Tensor): Tensor => apply(sqrtPrimitive, [x], null);
export const tanh = (x: Tensor): Tensor => apply(tanhPrimitive, [x], null);
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidPrimitive, [x], null);
export const abs = (x: Tensor): Tensor => apply(absPrimitive, [x], null);
export const relu = (x: Tensor): Tensor => apply(reluPrimitive, [x], null);

/**
 * SwiGLU's activation silu(gate) * up (Shazeer 2020) in one primitive, because its gradient written out by hand takes fewer passes over
 * memory than the chain of its parts: silu'(x) = s + silu(x) (1 - s) with s = sigmoid(x).
 */
const swigluPrimitive: Primitive<null> = {
  name: 'swiglu',
  infer: ([gate, up]) => {
    if (!gate || !up) throw new RangeError('swiglu: needs gate and up');
    const dtype = expectSameType('swiglu', [gate, up]);
    const { shape } = gate;
    if (!sameShape(shape, up.shape)) {
      throw new ShapeError(`swiglu: gate ${formatShape(shape)} and up ${formatShape(up.shape)} differ in shape.`);
    }
    // The second and third results, sigmoid(gate) and silu(gate), are kept for the gradient.
    return [{ shape, dtype }, { shape, dtype }, { shape, dtype }];
  },
  gradient: ({ inputs, outputs }, [g]) => {
    if (!g) return [];
    const sigmoidOfGate = at(outputs, 1);
    const siluOfGate = at(outputs, 2);
    const slope = add(sub(siluOfGate, mul(siluOfGate, sigmoidOfGate)), sigmoidOfGate);
    return [mul(mul(g, at(inputs, 1)), slope), mul(g, siluOfGate)];
  },
  lower: (_, [gate, up], emit) => {
    if (gate === undefined || up === undefined) throw new RangeError('swiglu: needs gate and up');
    const [sigmoidOfGate = ''] = emit.node('Sigmoid', [gate]);
    const [siluOfGate = ''] = emit.node('Mul', [gate, sigmoidOfGate]);
    const [output = ''] = emit.node('Mul', [siluOfGate, up]);
    return [output, sigmoidOfGate, siluOfGate];
  },
};

/** silu(gate) * up, operands of one shape. */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => apply(swigluPrimitive, [gate, up], null);

const ONNX_CAST: Readonly<Record<DType, number>> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 };

const isFloat = (dtype: DType): boolean => dtype.startsWith('float');

const castPrimitive: Primitive<{ to: DType }> = {
  name: 'cast',
  infer: (inputs, { to }) => [{ shape: at(inputs, 0).shape, dtype: to }],
  gradient: ({ inputs, attributes: { to } }, [g]) => {
    if (!g) return [];
    const from = at(inputs, 0).dtype;
    if (isFloat(from) && !isFloat(to)) {
      throw new R5Error(`gradients: cast to ${to} is not differentiable; wrap its result in stopGradient().`);
    }
    return [cast(g, from)];
  },
  lower: ({ attributes }, inputs, emit) => emit.node('Cast', inputs, { to: ONNX_CAST[attributes.to] }),
};

export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : apply(castPrimitive, [x], { to }));

const wherePrimitive: Primitive<null> = {
  name: 'where',
  infer: ([condition, yes, no]) => {
    if (!condition || !yes || !no) throw new RangeError('where: needs condition, yes and no');
    const dtype = expectSameType('where', [yes, no]);
    return [{ shape: broadcastShapes(condition.shape, broadcastShapes(yes.shape, no.shape, 'where'), 'where'), dtype }];
  },
  gradient: ({ inputs }, [g]) => {
    if (!g) return [];
    const zero = constant(0, g.dtype);
    const condition = at(inputs, 0);
    return [
      undefined,
      sumToShape(where(condition, g, zero), at(inputs, 1).shape),
      sumToShape(where(condition, zero, g), at(inputs, 2).shape),
    ];
  },
  lower: (_, inputs, emit) => emit.node('Where', inputs),
};

/** `yes` where the condition (bool) holds, else `no`; broadcasts. */
export const where = (condition: Tensor, yes: Tensor, no: Tensor): Tensor => apply(wherePrimitive, [condition, yes, no], null);

const stopGradientPrimitive: Primitive<null> = {
  name: 'stopGradient',
  infer: (inputs) => [{ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }],
  gradient: () => [],
  lower: (_, inputs) => [at(inputs, 0)],
};

/** The value without its gradient. */
export const stopGradient = (x: Tensor): Tensor => apply(stopGradientPrimitive, [x], null);
