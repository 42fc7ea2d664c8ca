/** Small ONNX models for this room's tests. */
import type { DType } from '../tensor/dtype.ts';
import { encodeModel, type OnnxNode, type OnnxValue } from '../tensor/onnx-schema.ts';
import { ONNX_TYPE } from '../tensor/onnx.ts';

export type TensorType = readonly [dtype: DType, ...shape: (number | string)[]];

export interface TestModel {
  /** [operator, input names, output names]; operators without attributes only. */
  nodes: readonly (readonly [op: string, inputs: readonly string[], outputs: readonly string[]])[];
  inputs: Readonly<Record<string, TensorType>>;
  outputs: Readonly<Record<string, TensorType>>;
}

/** The model's bytes: ONNX IR version 10, operator set 21. */
export function testModel({ nodes, inputs, outputs }: TestModel): Uint8Array {
  return encodeModel({
    irVersion: 10,
    producerName: 'r5',
    opsetImport: [{ domain: '', version: 21 }],
    graph: { name: 'test', node: nodes.map(node), initializer: [], input: ports(inputs), output: ports(outputs) },
  });
}

function node([opType, input, output]: TestModel['nodes'][number], index: number): OnnxNode {
  return { name: `${opType}_${index}`, opType, domain: '', input, output, attribute: [] };
}

function ports(types: Readonly<Record<string, TensorType>>): OnnxValue[] {
  return Object.entries(types).map(([name, [dtype, ...shape]]) => {
    const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim } } } };
  });
}
