/** Graphs over whole sequences: log-probabilities, a loss, and the gradient of every trained parameter added to its accumulator. */
import { accumulate, compile, gradients, input, mul, reshape, tokenLogprobs, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { R5Error } from '../../error.ts';
import { forwardHidden, forwardLogits } from '../../model/forward.ts';
import { modelGraph } from './model-graph.ts';
import { sequenceLayout, type LayoutKind } from './sequence-layout.ts';
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

/** Graph inputs: those of the layout, `targets` [batch, time], `inverseTemperature` [1]; output `logprobs`. */
function sequenceLogprobs(options: SequenceGraphOptions, kind: LayoutKind) {
  const { config, parameters, lora, contextLength } = options;
  const graph = modelGraph(config, parameters, contextLength, lora);
  const layout = sequenceLayout(kind, config);
  const hidden = forwardHidden({ ...graph.inputs, tokens: layout.tokens(), positions: layout.positions(), attend: layout.attend });
  const whole = ['batch', 'time'];
  const logits = mul(forwardLogits(graph.inputs, layout.scored(hidden)), input('inverseTemperature', 'float32', [1]));
  const logprobs = reshape(tokenLogprobs(logits, reshape(input('targets', 'int64', whole), ['batch*time'])), whole);
  return { graph, logits, logprobs };
}

/** Log-probabilities of the targets, no gradient. */
export function compileForward(options: SequenceGraphOptions, kind: LayoutKind): CompiledGraph {
  return compile({ logprobs: sequenceLogprobs(options, kind).logprobs });
}

/** Logits [batch*time, vocabulary], for checks against other implementations. */
export function compileLogits(options: SequenceGraphOptions): CompiledGraph {
  return compile({ logits: sequenceLogprobs(options, 'rectangle').logits });
}

/** Loss, metrics, log-probabilities, and for each trained parameter accumulator + gradient. */
export function compileForwardBackward(options: SequenceGraphOptions, loss: LossFunction, kind: LayoutKind): CompiledGraph {
  const { graph, logprobs } = sequenceLogprobs(options, kind);
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
