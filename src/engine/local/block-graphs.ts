/** The model cut into one graph a transformer block, so that a backward pass holds the activations of one block at a time. */
import { accumulate, compile, gradients, input, mul, pullback, reshape, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { block, embed, lastNorm } from '../../model/forward.ts';
import { modelGraph } from './model-graph.ts';
import { sequenceLayout, type LayoutKind } from './sequence-layout.ts';
import { buildLoss, gradientName, gradientOutputName, metricName, type SequenceGraphOptions } from './training-graph.ts';
import type { LossFunction } from '../loss.ts';
import type { Parameters } from './parameters.ts';

const WHOLE = ['batch', 'time'];
const SCORED = 'batch*time';

const graphOf = ({ config, parameters, contextLength, lora }: SequenceGraphOptions) => modelGraph(config, parameters, contextLength, lora);

/** The layout's tokens to `hidden` [rows, hiddenSize]. */
export function compileEmbed(options: SequenceGraphOptions, kind: LayoutKind): CompiledGraph {
  return compile({ hidden: embed(graphOf(options).inputs, sequenceLayout(kind, options.config).tokens()) });
}

function blockOf(options: SequenceGraphOptions, layer: number, kind: LayoutKind) {
  const graph = graphOf(options);
  const layout = sequenceLayout(kind, options.config);
  const hidden = input('hidden', 'float32', [layout.rows, options.config.hiddenSize]);
  const next = block({ ...graph.inputs, positions: layout.positions(), attend: layout.attend }, layer, hidden);
  return { graph, hidden, next };
}

/** `hidden` and the layout's positions and masks to `next`. */
export function compileBlock(options: SequenceGraphOptions, layer: number, kind: LayoutKind): CompiledGraph {
  return compile({ next: blockOf(options, layer, kind).next });
}

/** The trained parameters of a layer. */
export const trainedOf = (parameters: Parameters, layer: number) => parameters.trained.filter(({ name }) => name.startsWith(`model.layers.${layer}.`));

/** As `compileBlock`, with `nextGradient`: `hiddenGradient`, and for each trained parameter of the layer accumulator + gradient. */
export function compileBlockBackward(options: SequenceGraphOptions, layer: number, kind: LayoutKind): CompiledGraph {
  const { graph, hidden, next } = blockOf(options, layer, kind);
  const trained = trainedOf(options.parameters, layer);
  const [hiddenGradient, ...found] = pullback(next, input('nextGradient', 'float32', hidden.shape), [hidden, ...trained.map(graph.parameterTensor)]);
  if (!hiddenGradient) throw new Error('a block depends on what it reads');
  const outputs: Record<string, Tensor> = { hiddenGradient };
  trained.forEach(({ name, shape }, i) => {
    const gradient = found[i];
    if (gradient) outputs[gradientOutputName(name)] = accumulate(input(gradientName(name), 'float32', shape), gradient);
  });
  return compile(outputs);
}

/** `hidden`, and what the norm makes of those of its rows that are scored. */
function lastNormOf(options: SequenceGraphOptions, kind: LayoutKind) {
  const layout = sequenceLayout(kind, options.config);
  const hidden = input('hidden', 'float32', [layout.rows, options.config.hiddenSize]);
  return { hidden, normed: lastNorm(graphOf(options).inputs, layout.scored(hidden)) };
}

/** `hidden` to `normed` [batch*time, hiddenSize]. */
export function compileLastNorm(options: SequenceGraphOptions, kind: LayoutKind): CompiledGraph {
  return compile({ normed: lastNormOf(options, kind).normed });
}

/** `hidden`, `slopes` and the loss's gradient by log-probability, `logprobGradient` [batch, time], to `hiddenGradient`. */
export function compileLastNormBackward(options: SequenceGraphOptions, kind: LayoutKind): CompiledGraph {
  const { hidden, normed } = lastNormOf(options, kind);
  const slopes = input('slopes', 'float32', [SCORED, options.config.hiddenSize]);
  const gradient = mul(slopes, reshape(input('logprobGradient', 'float32', WHOLE), [SCORED, 1]));
  const [hiddenGradient] = pullback(normed, gradient, [hidden]);
  if (!hiddenGradient) throw new Error('the norm depends on what it reads');
  return compile({ hiddenGradient });
}

/** `logprobs` and the loss's inputs to `loss`, its metrics and `logprobGradient` [batch, time]. */
export function compileLoss(loss: LossFunction): CompiledGraph {
  const logprobs = input('logprobs', 'float32', WHOLE);
  const { loss: total, metrics = {} } = buildLoss(loss, logprobs);
  const [logprobGradient] = gradients(total, [logprobs]);
  if (!logprobGradient) throw new Error('one gradient');
  const outputs: Record<string, Tensor> = { loss: total, logprobGradient };
  for (const [name, metric] of Object.entries(metrics)) outputs[metricName(name)] = metric;
  return compile(outputs);
}
