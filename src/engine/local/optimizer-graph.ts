/** AdamW (Loshchilov and Hutter 2019) with global-norm clipping, as a graph over all trained parameters. */
import { add, compile, div, input, minimum, mul, sqrt, sub, sumSquare, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { gradientName } from './training-graph.ts';
import type { Parameters } from './parameters.ts';

export const firstMomentName = (parameter: string): string => `first:${parameter}`;
export const secondMomentName = (parameter: string): string => `second:${parameter}`;
/** Name of a graph output that replaces the graph input of the same name without the sign. */
export const updated = (name: string): string => `${name}'`;

/** Settings of a step that are graph inputs, each [1]. */
export const OPTIMIZER_SCALARS = [
  'learningRate', 'beta1', 'beta2', 'oneMinusBeta1', 'oneMinusBeta2', 'epsilon', 'decay', 'clipNorm', 'correction1', 'correction2',
] as const;
export type OptimizerScalar = (typeof OPTIMIZER_SCALARS)[number];

/** The global norm of the accumulated gradient: output `norm` [1]. */
export function compileGradientNorm(parameters: Parameters): CompiledGraph {
  const squares = parameters.trained.map(({ name, shape }) => sumSquare(input(gradientName(name), 'float32', shape)));
  return compile({ norm: sqrt(squares.reduce((total, square) => add(total, square))) });
}

/**
 * Outputs replace their inputs in place: each element of a parameter and its moments is read before it is written, and nothing reads the
 * parameter afterwards, so one buffer serves as input and output.
 */
export function compileAdamW(parameters: Parameters): CompiledGraph {
  const scalars = new Map<OptimizerScalar, Tensor>(OPTIMIZER_SCALARS.map((name) => [name, input(name, 'float32', [1])]));
  const scalar = (name: OptimizerScalar): Tensor => {
    const tensor = scalars.get(name);
    if (!tensor) throw new Error(`no scalar ${name}`);
    return tensor;
  };
  const norm = input('norm', 'float32', []);
  const clip = minimum(div(scalar('clipNorm'), add(norm, 1e-6)), 1);
  const outputs: Record<string, Tensor> = {};
  for (const { name, shape } of parameters.trained) {
    const value = input(name, 'float32', shape);
    const gradient = mul(input(gradientName(name), 'float32', shape), clip);
    const first = input(firstMomentName(name), 'float32', shape);
    const second = input(secondMomentName(name), 'float32', shape);
    const newFirst = add(mul(first, scalar('beta1')), mul(gradient, scalar('oneMinusBeta1')));
    const newSecond = add(mul(second, scalar('beta2')), mul(mul(gradient, gradient), scalar('oneMinusBeta2')));
    const denominator = add(mul(sqrt(newSecond), scalar('correction2')), scalar('epsilon'));
    const step = div(mul(newFirst, scalar('correction1')), denominator);
    const decayed = shape.length > 1 ? sub(value, mul(value, scalar('decay'))) : value;
    outputs[updated(name)] = sub(decayed, mul(step, scalar('learningRate')));
    outputs[updated(firstMomentName(name))] = newFirst;
    outputs[updated(secondMomentName(name))] = newSecond;
  }
  return compile(outputs);
}

