/** Symbolic tensors: build a graph of operations, differentiate it, compile it to ONNX. */
export * from './dtype.ts';
export * from './shape.ts';
export { type Tensor, type TensorType } from './tensor.ts';
export { input, constant } from './source.ts';
export { compile, type CompiledGraph } from './onnx.ts';
export { gradients, pullback, accumulate } from './gradient.ts';
export * from './primitives/elementwise.ts';
export * from './primitives/reduce.ts';
export * from './primitives/layout.ts';
export * from './primitives/matrix.ts';
export * from './primitives/index-access.ts';
export * from './primitives/transformer.ts';
export * from './primitives/constant-weights.ts';
