/**
 * Products with weights that never change. The kernels lay such a constant out anew for themselves, which makes small batches several
 * times faster. The backward pass reads the same numbers as an ordinary graph input, so that no second layout is made for it.
 */
import { formatShape, ShapeError, staticDim, type Dim } from '../shape.ts';
import { apply, at, expectRank, type Emitter, type Primitive, type Tensor } from '../tensor.ts';
import type { DType } from '../dtype.ts';
import { cast, mul, sub } from './elementwise.ts';
import { reshape } from './layout.ts';
import { gemm } from './matrix.ts';

interface ConstantProductAttributes {
  transposeRight: boolean;
  /** The same matrix as a graph input; made only where a gradient needs it. */
  readable: () => Tensor;
}

const constantProductPrimitive: Primitive<ConstantProductAttributes> = {
  name: 'constantProduct',
  infer: (inputs, { transposeRight }) => {
    const x = at(inputs, 0);
    const matrix = at(inputs, 1);
    expectRank('constantProduct', x, 2);
    expectRank('constantProduct', matrix, 2);
    const [inner, columns] = transposeRight ? [matrix.shape[1], matrix.shape[0]] : matrix.shape;
    if (x.shape[1] !== inner || columns === undefined) {
      throw new ShapeError(`constantProduct: ${formatShape(x.shape)} and ${formatShape(matrix.shape)} do not fit.`);
    }
    return [{ shape: [at(x.shape, 0), columns], dtype: x.dtype }];
  },
  gradient: ({ attributes }, [g]) => (g ? [gemm(g, attributes.readable(), { transposeRight: !attributes.transposeRight })] : []),
  lower: ({ attributes }, inputs, emit) => emit.node('Gemm', inputs, { transA: 0, transB: attributes.transposeRight ? 1 : 0 }),
};

/**
 * x [rows, in] times a matrix [in, out] that is a constant of the graph ([out, in] with `transposeRight`). The gradient flows to x only.
 */
export const constantProduct = (x: Tensor, matrix: Tensor, readable: () => Tensor, options: { transposeRight?: boolean } = {}): Tensor =>
  apply(constantProductPrimitive, [x, matrix], { transposeRight: options.transposeRight ?? false, readable });

/** Bits of one code. */
export type CodeBits = 4 | 8;

/** Elements of a row that share one scale. */
export const QUANTIZATION_BLOCK = 32;

/**
 * A matrix [out, in] in blocks of 32 along each row: `codes` [out, in / 32, 32 * bits / 8] uint8 and `scales` [out * in / 32]. An element
 * is (code - 2^(bits - 1)) * scale; with 4 bits the low half of a byte comes first.
 */
export interface QuantizedMatrix {
  codes: Tensor;
  scales: Tensor;
}

interface QuantizedProductAttributes {
  bits: CodeBits;
  readable: () => QuantizedMatrix;
}

const quantizedProductPrimitive: Primitive<QuantizedProductAttributes> = {
  name: 'quantizedProduct',
  infer: (inputs) => {
    const x = at(inputs, 0);
    const codes = at(inputs, 1);
    expectRank('quantizedProduct', x, 2);
    expectRank('quantizedProduct', codes, 3);
    if (staticDim(x.shape, 1, 'quantizedProduct') !== staticDim(codes.shape, 1, 'quantizedProduct') * QUANTIZATION_BLOCK) {
      throw new ShapeError(`quantizedProduct: ${formatShape(x.shape)} does not fit codes of shape ${formatShape(codes.shape)}.`);
    }
    return [{ shape: [at(x.shape, 0), at(codes.shape, 0)], dtype: 'float32' }];
  },
  gradient: ({ attributes: { bits, readable } }, [g]) => (g ? [gemm(g, dequantize(readable(), bits))] : []),
  lower: ({ inputs, attributes: { bits } }, names, emit) => {
    const { shape } = at(inputs, 1);
    const attributes = {
      K: staticDim(shape, 1, 'quantizedProduct') * QUANTIZATION_BLOCK,
      N: staticDim(shape, 0, 'quantizedProduct'),
      bits,
      block_size: QUANTIZATION_BLOCK,
      accuracy_level: 4,
    };
    return emit.node('MatMulNBits', names, attributes, { domain: 'com.microsoft' });
  },
};

/**
 * x [rows, in] times the transpose of a quantized matrix [out, in] whose parts are constants of the graph: [rows, out]. The kernel rounds x
 * to 8 bits in blocks of 32 as well. The gradient flows to x only, through the matrix as it is stored and past the rounding of x
 * (straight-through; Bengio et al. 2013).
 */
export const quantizedProduct = (x: Tensor, matrix: QuantizedMatrix, bits: CodeBits, readable: () => QuantizedMatrix): Tensor =>
  apply(quantizedProductPrimitive, [x, matrix.codes, matrix.scales], { bits, readable });

/** The elements of a quantized matrix: [out, in] float32. */
export function dequantize({ codes, scales }: QuantizedMatrix, bits: CodeBits): Tensor {
  const [rows, blocks] = codes.shape;
  if (rows === undefined || typeof blocks !== 'number') throw new ShapeError(`dequantize: no codes of shape ${formatShape(codes.shape)}.`);
  const whole = bits === 8 ? codes : apply(halvesPrimitive, [codes], null);
  const flat: Dim[] = [typeof rows === 'number' ? rows * blocks : `${blocks}*${rows}`, QUANTIZATION_BLOCK];
  const values = mul(sub(cast(reshape(whole, flat), 'float32'), 2 ** (bits - 1)), reshape(scales, [at(flat, 0), 1]));
  return reshape(values, [rows, blocks * QUANTIZATION_BLOCK]);
}

/** Bytes as two codes of 4 bits, low half first: the last axis doubles. */
const halvesPrimitive: Primitive<null> = {
  name: 'halves',
  infer: (inputs) => {
    const { shape } = at(inputs, 0);
    return [{ shape: [...shape.slice(0, -1), 2 * staticDim(shape, -1, 'halves')], dtype: 'uint8' }];
  },
  lower: ({ outputs }, [bytes = ''], emit) => {
    const [low = ''] = emit.node('BitwiseAnd', [bytes, emit.constant('uint8', [], [15])]);
    const [high = ''] = emit.node('BitShift', [bytes, emit.constant('uint8', [], [4])], { direction: 'RIGHT' });
    const pairs = [low, high].map((half) => columnOf(half, emit));
    const [joined = ''] = emit.node('Concat', pairs, { axis: -1 });
    return emit.node('Reshape', [joined, emit.shape(at(outputs, 0).shape)]);
  },
};

const columnOf = (value: string, emit: Emitter): string => at(emit.node('Unsqueeze', [value, emit.constant('int64', [1], [-1])]), 0);

interface ExternalAttributes {
  name: string;
  dtype: DType;
  shape: readonly number[];
}

const externalConstantPrimitive: Primitive<ExternalAttributes> = {
  name: 'externalConstant',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower: ({ attributes: { name, dtype, shape } }, _, emit) => [emit.external(name, dtype, shape)],
};

/** A constant of the graph whose memory is given when the session is made. */
export const externalConstant = (name: string, dtype: DType, shape: readonly number[]): Tensor =>
  apply(externalConstantPrimitive, [], { name, dtype, shape });
