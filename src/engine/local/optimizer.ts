/** Applies AdamW to the accumulated gradient, then forgets it. */
import { R5Error } from '../../error.ts';
import {
  compileAdamW, compileGradientNorm, firstMomentName, OPTIMIZER_SCALARS, secondMomentName, updated, type OptimizerScalar,
} from './optimizer-graph.ts';
import { gradientName } from './training-graph.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { OptimParams } from '../engine.ts';
import type { Parameters } from './parameters.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

export class Optimizer {
  readonly #parameters: Parameters;
  readonly #norm: Storage<'float32'>;
  readonly #scalars: Storage<'float32'>[];
  readonly #normRun: BoundRun;
  readonly #stepRun: BoundRun;
  /** Steps taken, for Adam's bias correction. */
  steps = 0;

  constructor(runtime: Runtime, parameters: Parameters) {
    this.#parameters = parameters;
    this.#norm = runtime.allocate('float32', [1]);
    this.#scalars = OPTIMIZER_SCALARS.map(() => runtime.allocate('float32', [1]));
    const gradients: Record<string, TensorValue> = {};
    const inputs: Record<string, TensorValue> = { norm: this.#norm.value([]) };
    const outputs: Record<string, TensorValue> = {};
    for (const { name, shape, value, training } of parameters.trained) {
      gradients[gradientName(name)] = training.gradient.value(shape);
      inputs[name] = outputs[updated(name)] = value.value(shape);
      inputs[firstMomentName(name)] = outputs[updated(firstMomentName(name))] = training.firstMoment.value(shape);
      inputs[secondMomentName(name)] = outputs[updated(secondMomentName(name))] = training.secondMoment.value(shape);
    }
    OPTIMIZER_SCALARS.forEach((name, i) => {
      const storage = this.#scalars[i];
      if (storage) inputs[name] = storage.value([1]);
    });
    this.#normRun = runtime.session(compileGradientNorm(parameters).model, { name: 'gradient norm' }).bind(gradients, { norm: this.#norm.value([]) });
    this.#stepRun = runtime.session(compileAdamW(parameters).model, { name: 'AdamW' }).bind({ ...inputs, ...gradients }, outputs);
  }

  /**
   * The gradient's global norm before clipping. Throws R5Error and leaves the weights alone for settings that cannot be (the gradient is
   * kept, for another try) and for a gradient that is not finite (it is forgotten, since whatever is added to it would not be either).
   */
  async step(params: OptimParams): Promise<number> {
    const { learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0, clipNorm = 1 } = params;
    checkParams({ learningRate, beta1, beta2, epsilon, weightDecay, clipNorm });
    await this.#normRun.run();
    const norm = this.#norm.data[0] ?? NaN;
    if (!Number.isFinite(norm)) {
      this.#parameters.forgetGradient();
      throw new R5Error(
        `The gradient's norm is ${norm}, so the step was not taken and the gradient was dropped. Look for a loss or a reward that is not finite, or lower the learning rate.`,
      );
    }
    this.steps++;
    const scalars: Record<OptimizerScalar, number> = {
      learningRate, beta1, beta2, epsilon,
      oneMinusBeta1: 1 - beta1,
      oneMinusBeta2: 1 - beta2,
      decay: learningRate * weightDecay,
      clipNorm: clipNorm === 0 ? Infinity : clipNorm,
      correction1: 1 / (1 - beta1 ** this.steps),
      correction2: 1 / Math.sqrt(1 - beta2 ** this.steps),
    };
    OPTIMIZER_SCALARS.forEach((name, i) => this.#scalars[i]?.data.fill(scalars[name]));
    await this.#stepRun.run();
    this.#parameters.forgetGradient();
    return norm;
  }
}

function checkParams(params: Required<OptimParams>): void {
  const refuse = (name: string, value: number, wanted: string): never => {
    throw new R5Error(`Optimizer setting ${name} is ${value}; it must be ${wanted}.`);
  };
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = params;
  if (!(learningRate >= 0 && learningRate < Infinity)) refuse('learningRate', learningRate, 'a number of at least 0, for example 1e-5');
  if (!(beta1 >= 0 && beta1 < 1)) refuse('beta1', beta1, 'from 0 up to, not including, 1');
  if (!(beta2 >= 0 && beta2 < 1)) refuse('beta2', beta2, 'from 0 up to, not including, 1');
  if (!(epsilon > 0 && epsilon < Infinity)) refuse('epsilon', epsilon, 'a small positive number, for example 1e-8');
  if (!(weightDecay >= 0 && weightDecay < Infinity)) refuse('weightDecay', weightDecay, 'a number of at least 0');
  if (!(clipNorm >= 0)) refuse('clipNorm', clipNorm, 'a number of at least 0 (0 turns clipping off)');
}
