/** The model cut into one graph a transformer block, so that a backward pass holds the activations of one block at a time. */
import { accumulate, attention, compile, gradients, input, mul, pullback, reshape, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { block, embed, lastNorm } from '../../model/forward.ts';
import { maskInputs, modelGraph } from './model-graph.ts';
import { buildLoss, gradientName, gradientOutputName, metricName, type SequenceGraphOptions } from './training-graph.ts';
import type { LossFunction } from '../loss.ts';
import type { Parameters } from './parameters.ts';

const WHOLE = ['batch', 'time'];
const ROWS = 'batch*time';

const graphOf = ({ config, parameters, contextLength, lora }: SequenceGraphOptions) => modelGraph(config, parameters, contextLength, lora);
const hiddenInput = (name: string, width: number): Tensor => input(name, 'float32', [ROWS, width]);

/** `tokens` [batch, time] to `hidden` [batch*time, hiddenSize]. */
export function compileEmbed(options: SequenceGraphOptions): CompiledGraph {
  return compile({ hidden: embed(graphOf(options).inputs, reshape(input('tokens', 'int64', WHOLE), [ROWS])) });
}

function blockOf(options: SequenceGraphOptions, layer: number) {
  const { config } = options;
  const graph = graphOf(options);
  const hidden = hiddenInput('hidden', config.hiddenSize);
  const masks = maskInputs(config);
  const split = (x: Tensor, heads: number) => reshape(x, [...WHOLE, heads * config.headSize]);
  const next = block(
    {
      ...graph.inputs,
      positions: reshape(input('positions', 'int64', WHOLE), [ROWS]),
      attend: (_layer, query, key, value) => {
        const { heads, keyValueHeads } = config;
        return reshape(attention(split(query, heads), split(key, keyValueHeads), split(value, keyValueHeads), masks(layer), config), query.shape);
      },
    },
    layer,
    hidden,
  );
  return { graph, hidden, next };
}

/** `hidden`, `positions` [batch, time] and `causal` to `next`. */
export function compileBlock(options: SequenceGraphOptions, layer: number): CompiledGraph {
  return compile({ next: blockOf(options, layer).next });
}

/** The trained parameters of a layer. */
export const trainedOf = (parameters: Parameters, layer: number) => parameters.trained.filter(({ name }) => name.startsWith(`model.layers.${layer}.`));

/** As `compileBlock`, with `nextGradient`: `hiddenGradient`, and for each trained parameter of the layer accumulator + gradient. */
export function compileBlockBackward(options: SequenceGraphOptions, layer: number): CompiledGraph {
  const { graph, hidden, next } = blockOf(options, layer);
  const trained = trainedOf(options.parameters, layer);
  const [hiddenGradient, ...found] = pullback(next, hiddenInput('nextGradient', options.config.hiddenSize), [hidden, ...trained.map(graph.parameterTensor)]);
  if (!hiddenGradient) throw new Error('a block depends on what it reads');
  const outputs: Record<string, Tensor> = { hiddenGradient };
  trained.forEach(({ name, shape }, i) => {
    const gradient = found[i];
    if (gradient) outputs[gradientOutputName(name)] = accumulate(input(gradientName(name), 'float32', shape), gradient);
  });
  return compile(outputs);
}

/** `hidden` to `normed`. */
export function compileLastNorm(options: SequenceGraphOptions): CompiledGraph {
  return compile({ normed: lastNorm(graphOf(options).inputs, hiddenInput('hidden', options.config.hiddenSize)) });
}

/** `hidden`, `slopes` and the loss's gradient by log-probability, `logprobGradient` [batch, time], to `hiddenGradient`. */
export function compileLastNormBackward(options: SequenceGraphOptions): CompiledGraph {
  const { hiddenSize } = options.config;
  const hidden = hiddenInput('hidden', hiddenSize);
  const gradient = mul(hiddenInput('slopes', hiddenSize), reshape(input('logprobGradient', 'float32', WHOLE), [ROWS, 1]));
  const [hiddenGradient] = pullback(lastNorm(graphOf(options).inputs, hidden), gradient, [hidden]);
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
