/** Graphs over whole sequences: log-probabilities, a loss, and the gradient of every trained parameter added to its accumulator. */
import { accumulate, attention, compile, gradients, input, mul, reshape, tokenLogprobs, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { R5Error } from '../../error.ts';
import { forwardHidden, forwardLogits } from '../../model/forward.ts';
import { maskInputs, modelGraph } from './model-graph.ts';
import type { LoraOptions } from '../../model/lora.ts';
import type { LossFunction, LossResult } from '../loss.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Parameters } from './parameters.ts';

export interface SequenceGraphOptions {
  config: ModelConfig;
  parameters: Parameters;
  lora: LoraOptions | undefined;
  contextLength: number;
}

/** Name of the graph input and output that holds a parameter's gradient. */
export const gradientName = (parameter: string): string => `gradient:${parameter}`;
export const gradientOutputName = (parameter: string): string => `gradient+:${parameter}`;
/** Name of the graph input of an array of `Datum.inputs`. */
export const lossInputName = (name: string): string => `input:${name}`;
export const metricName = (name: string): string => `metric:${name}`;

/** Graph inputs `tokens`, `targets`, `positions` [batch, time], `causal` [time, time], `inverseTemperature` [1]; output `logprobs`. */
function sequenceLogprobs(options: SequenceGraphOptions) {
  const { config, parameters, lora, contextLength } = options;
  const graph = modelGraph(config, parameters, contextLength, lora);
  const whole = ['batch', 'time'];
  const rows = ['batch*time'];
  const flat = (name: string) => reshape(input(name, 'int64', whole), rows);
  const masks = maskInputs(config);
  const split = (x: Tensor, heads: number) => reshape(x, [...whole, heads * config.headSize]);
  const hidden = forwardHidden({
    ...graph.inputs,
    tokens: flat('tokens'),
    positions: flat('positions'),
    attend: (layer, query, key, value) => {
      const { heads, keyValueHeads } = config;
      const attended = attention(split(query, heads), split(key, keyValueHeads), split(value, keyValueHeads), masks(layer), config);
      return reshape(attended, query.shape);
    },
  });
  const logits = mul(forwardLogits(graph.inputs, hidden), input('inverseTemperature', 'float32', [1]));
  const logprobs = reshape(tokenLogprobs(logits, flat('targets')), whole);
  return { graph, logits, logprobs };
}

/** Log-probabilities of the targets, no gradient. */
export function compileForward(options: SequenceGraphOptions): CompiledGraph {
  return compile({ logprobs: sequenceLogprobs(options).logprobs });
}

/** Logits [batch*time, vocabulary], for checks against other implementations. */
export function compileLogits(options: SequenceGraphOptions): CompiledGraph {
  return compile({ logits: sequenceLogprobs(options).logits });
}

/** Loss, metrics, log-probabilities, and for each trained parameter accumulator + gradient. */
export function compileForwardBackward(options: SequenceGraphOptions, loss: LossFunction): CompiledGraph {
  const { graph, logprobs } = sequenceLogprobs(options);
  const { loss: total, metrics = {} } = buildLoss(loss, logprobs);
  const trained = options.parameters.trained;
  const found = gradients(total, trained.map(graph.parameterTensor));
  const outputs: Record<string, Tensor> = { loss: total, logprobs };
  for (const [name, metric] of Object.entries(metrics)) outputs[metricName(name)] = metric;
  trained.forEach(({ name, shape }, i) => {
    const gradient = found[i];
    if (gradient) outputs[gradientOutputName(name)] = accumulate(input(gradientName(name), 'float32', shape), gradient);
  });
  return compile(outputs);
}

/** The loss over log-probabilities [batch, time]; its arrays and `mask` become graph inputs. */
export function buildLoss(loss: LossFunction, logprobs: Tensor): LossResult {
  const whole = logprobs.shape;
  return loss.build({
    logprobs,
    mask: input('mask', 'float32', whole),
    input: once((name) => {
      if (loss.inputs.includes(name)) return input(lossInputName(name), 'float32', whole);
      throw new R5Error(`The loss '${loss.name}' reads the array '${name}', but its \`inputs\` do not name it: [${loss.inputs.join(', ')}]. Add it.`);
    }),
  });
}

/** Remembers results, so that a loss which asks twice for an array gets one graph input. */
function once(make: (name: string) => Tensor): (name: string) => Tensor {
  const made = new Map<string, Tensor>();
  return (name) => {
    const tensor = made.get(name) ?? make(name);
    made.set(name, tensor);
    return tensor;
  };
}
