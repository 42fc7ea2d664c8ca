/** Reverse-mode differentiation: adds the backward pass to the graph as more symbolic operations. */
import { R5Error } from '../error.ts';
import { formatShape, sameShape, ShapeError } from './shape.ts';
import { constant } from './source.ts';
import { reachable } from './onnx.ts';
import { add } from './primitives/elementwise.ts';
import { addRows } from './primitives/index-access.ts';
import { zerosLike } from './primitives/layout.ts';
import { accumulateProduct } from './primitives/matrix.ts';
import type { Node, Tensor } from './tensor.ts';

/**
 * Gradients of a scalar with respect to `variables`, in their order; zeros where the scalar does not depend on one.
 * Throws when a primitive on the way has no gradient.
 */
export function gradients(scalar: Tensor, variables: readonly Tensor[]): Tensor[] {
  if (scalar.shape.length !== 0) throw new R5Error(`gradients: needs a scalar, got a tensor of shape ${formatShape(scalar.shape)}; sum() it.`);
  return pullback(scalar, constant(1, scalar.dtype), variables);
}

/**
 * Gradients of sum(result * slope) with respect to `variables`, in their order: the backward pass of a part of a graph, given the
 * gradient of its result.
 */
export function pullback(result: Tensor, slope: Tensor, variables: readonly Tensor[]): Tensor[] {
  if (!sameShape(result.shape, slope.shape)) {
    throw new ShapeError(`pullback: a gradient of shape ${formatShape(slope.shape)} does not fit a result of shape ${formatShape(result.shape)}.`);
  }
  const nodes = reachable([result]);
  const active = dependents(nodes, variables);
  const flowing = new Map<Tensor, Tensor>([[result, slope]]);
  for (const node of nodes.reverse()) {
    // A variable may itself be the result of an operation: that one has no active input, and nothing flows on.
    if (!node.inputs.some((tensor) => active.has(tensor.node))) continue;
    const outputGradients = node.outputs.map((tensor) => flowing.get(tensor));
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.primitive.gradient) {
      throw new R5Error(`gradients: '${node.primitive.name}' is not differentiable; wrap its result in stopGradient().`);
    }
    const inputGradients = node.primitive.gradient(node, outputGradients);
    node.inputs.forEach((tensor, i) => {
      const gradient = inputGradients[i];
      if (!gradient || !active.has(tensor.node)) return;
      const sofar = flowing.get(tensor);
      flowing.set(tensor, sofar ? joinGradients(sofar, gradient) : gradient);
    });
  }
  return variables.map((variable) => flowing.get(variable) ?? zerosLike(variable));
}

/** Nodes that depend on a variable, the variables' own nodes included. */
function dependents(nodes: readonly Node[], variables: readonly Tensor[]): Set<Node> {
  const active = new Set(variables.map((variable) => variable.node));
  for (const node of nodes) {
    if (node.primitive.name !== 'stopGradient' && node.inputs.some((tensor) => active.has(tensor.node))) active.add(node);
  }
  return active;
}

/**
 * Sum of two gradients of one tensor. A scatter of rows into zeros (the embedding lookup's gradient) takes the other gradient as its
 * base instead, which saves the zeros and the sum when embeddings are tied to the output layer.
 */
function joinGradients(left: Tensor, right: Tensor): Tensor {
  return scatterOnto(left, right) ?? scatterOnto(right, left) ?? add(left, right);
}

/** `base + scatter`, when `scatter` adds rows to zeros. */
function scatterOnto(base: Tensor, scatter: Tensor): Tensor | undefined {
  const { node } = scatter;
  const [table, rows, updates] = node.inputs;
  if (node.primitive.name !== 'addRows' || !table || !rows || !updates) return undefined;
  return table.node.primitive.name === 'zerosLike' ? addRows(base, rows, updates) : undefined;
}

/** `accumulator + gradient`, folded into the operation that makes the gradient where that costs no pass of its own. */
export function accumulate(accumulator: Tensor, gradient: Tensor): Tensor {
  const { node } = gradient;
  const [table, rows, updates] = node.inputs;
  if (node.primitive.name === 'addRows' && table && rows && updates) {
    return table.node.primitive.name === 'zerosLike' ? addRows(accumulator, rows, updates) : addRows(accumulate(accumulator, table), rows, updates);
  }
  return accumulateProduct(accumulator, gradient) ?? add(accumulator, gradient);
}
