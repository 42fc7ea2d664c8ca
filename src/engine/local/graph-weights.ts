/** A model's parameters as a graph sees them: trained ones as inputs, frozen ones as constants where the kernels gain from that. */
import {
  add, cast, constantProduct, dequantize, externalConstant, gemm, input, quantizedProduct, reshape, takeRows, type QuantizedMatrix, type Tensor,
} from '../../tensor/index.ts';
import type { Weights } from '../../model/forward.ts';
import type { TensorValue } from '../../runtime/storage.ts';
import type { Parameter, Parameters } from './parameters.ts';
import type { StoredMatrix } from './stored-matrix.ts';

/** Graph inputs of a matrix that is stored in blocks, and in half precision. */
const codesName = (name: string): string => `${name}:codes`;
const scalesName = (name: string): string => `${name}:scales`;
const codeRowsName = (name: string): string => `${name}:codeRows`;
const scaleRowsName = (name: string): string => `${name}:scaleRows`;
const halfName = (name: string): string => `${name}:half`;
/** Constants of a graph have names of their own beside the inputs over the same memory. */
const constantName = (name: string): string => `constant ${name}`;

export interface GraphWeights {
  weights: Weights;
  /** The graph input of a parameter; the same tensor every time. */
  parameterTensor: (parameter: Parameter) => Tensor;
}

/** Makes graph inputs and constants for one graph. Only those that the graph reads end up in it. */
export function graphWeights(parameters: Parameters): GraphWeights {
  const made = new Map<string, Tensor>();
  const once = (name: string, make: () => Tensor): Tensor => {
    const tensor = made.get(name) ?? make();
    made.set(name, tensor);
    return tensor;
  };
  const parameterTensor = ({ name, shape }: Parameter): Tensor => once(name, () => input(name, 'float32', shape));
  // On other devices a constant in host memory would only be copied.
  const isConstant = ({ training, adapter }: Parameter): boolean => parameters.device === 'cpu' && training === undefined && !adapter;
  const constantOf = ({ name, shape }: Parameter): Tensor => once(constantName(name), () => externalConstant(constantName(name), 'float32', shape));
  const halfTensor = ({ name, rows, columns }: StoredMatrix): Tensor =>
    cast(once(halfName(name), () => input(halfName(name), 'float16', [rows, columns])), 'float32');
  const quantized = (matrix: StoredMatrix, x: Tensor): Tensor =>
    quantizedProduct(x, blockTensors(matrix, once, true), matrix.bits, () => blockTensors(matrix, once, false));

  const weights: Weights = {
    tensor: (name) => parameterTensor(parameters.get(name)),
    product: (name, x, addend) => {
      const matrix = parameters.storedMatrix(name);
      const plus = (product: Tensor): Tensor => (addend ? add(product, addend) : product);
      if (matrix?.format === 'f16') return plus(gemm(x, halfTensor(matrix), { transposeRight: true }));
      if (matrix) return plus(quantized(matrix, x));
      const parameter = parameters.get(name);
      if (isConstant(parameter)) return plus(constantProduct(x, constantOf(parameter), () => parameterTensor(parameter)));
      return gemm(x, parameterTensor(parameter), { addend });
    },
    rows: (name, ids) => {
      const matrix = parameters.storedMatrix(name);
      if (!matrix) return takeRows(parameterTensor(parameters.get(name)), ids);
      return matrix.format === 'f16' ? halfRows(matrix, ids, once) : quantizedRows(matrix, ids, once);
    },
    scores: (name, x) => {
      const matrix = parameters.storedMatrix(name);
      if (matrix?.format === 'f16') return gemm(x, halfTensor(matrix), { transposeRight: true });
      if (matrix) return quantized(matrix, x);
      const parameter = parameters.get(name);
      if (isConstant(parameter)) return constantProduct(x, constantOf(parameter), () => parameterTensor(parameter), { transposeRight: true });
      return gemm(x, parameterTensor(parameter), { transposeRight: true });
    },
  };
  return { weights, parameterTensor };
}

type Once = (name: string, make: () => Tensor) => Tensor;

function blockTensors({ name, rows, columns, blockBytes }: StoredMatrix, once: Once, constant: boolean): QuantizedMatrix {
  const blocks = columns / 32;
  const [codes, scales] = [codesName(name), scalesName(name)];
  if (constant) {
    return {
      codes: once(constantName(codes), () => externalConstant(constantName(codes), 'uint8', [rows, blocks, blockBytes])),
      scales: once(constantName(scales), () => externalConstant(constantName(scales), 'float32', [rows * blocks])),
    };
  }
  return {
    codes: once(codes, () => input(codes, 'uint8', [rows, blocks, blockBytes])),
    scales: once(scales, () => input(scales, 'float32', [rows * blocks])),
  };
}

const halfRows = ({ name, rows, columns }: StoredMatrix, ids: Tensor, once: Once): Tensor =>
  cast(takeRows(once(halfName(name), () => input(halfName(name), 'float16', [rows, columns])), ids), 'float32');

function quantizedRows({ name, rows, columns, blockBytes, bits }: StoredMatrix, ids: Tensor, once: Once): Tensor {
  const blocks = columns / 32;
  const codes = takeRows(once(codeRowsName(name), () => input(codeRowsName(name), 'uint8', [rows, blocks * blockBytes])), ids);
  const scales = takeRows(once(scaleRowsName(name), () => input(scaleRowsName(name), 'float32', [rows, blocks])), ids);
  const [count] = ids.shape;
  if (count === undefined) throw new Error('ids have one dimension');
  return dequantize({ codes: reshape(codes, [count, blocks, blockBytes]), scales }, bits);
}

/** What the inputs and constants of `graphWeights` are bound to, by name. */
export function weightValues(parameters: Parameters): Record<string, TensorValue> {
  const values = parameters.values();
  for (const { name, training, adapter } of parameters.all) {
    const value = values[name];
    if (training === undefined && !adapter && value) values[constantName(name)] = value;
  }
  for (const matrix of parameters.stored) {
    const { name } = matrix;
    if (matrix.format === 'f16') {
      values[halfName(name)] = matrix.halfValue();
      continue;
    }
    const blocks = matrix.blockValues();
    const rows = matrix.rowValues();
    values[codesName(name)] = values[constantName(codesName(name))] = blocks.codes;
    values[scalesName(name)] = values[constantName(scalesName(name))] = blocks.scales;
    values[codeRowsName(name)] = rows.codes;
    values[scaleRowsName(name)] = rows.scales;
  }
  return values;
}
