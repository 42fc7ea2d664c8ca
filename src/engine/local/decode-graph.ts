/** Graphs that generate: reading prompts into a key-value cache, and one decoding step that draws the next token inside the graph. */
import {
  argMax, cachedAttention, cast, compile, cumulativeSum, greater, greaterOrEqual, input, less, logSoftmax, max, mul, reshape, softmax, sum,
  takeAlong, topK, type CompiledGraph, type Tensor,
} from '../../tensor/index.ts';
import { forwardHidden, forwardLogits } from '../../model/forward.ts';
import { modelGraph } from './model-graph.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

export const keyCacheName = (layer: number): string => `key:${layer}`;
export const valueCacheName = (layer: number): string => `value:${layer}`;
export const keyCacheOutputName = (layer: number): string => `key+:${layer}`;
export const valueCacheOutputName = (layer: number): string => `value+:${layer}`;

/** How the next token is chosen: the likeliest, drawn from all, or drawn from the `candidates` likeliest that top-p and min-p leave. */
export type DrawMethod = { kind: 'greedy' } | { kind: 'all' } | { kind: 'filtered'; candidates: number };

/** Both graphs: the model over rows of `fresh` new tokens, its caches [row, keyValueHeads, capacity, headSize] updated in place. */
function cachedForward(options: SequenceGraphOptions, fresh: number | 'fresh') {
  const { config, parameters, lora, contextLength } = options;
  const graph = modelGraph(config, parameters, contextLength, lora);
  const rows = fresh === 1 ? 'row' : `fresh*row`;
  const last = input('last', 'int32', ['row']);
  const longest = input('longest', 'int32', [1]);
  const outputs: Record<string, Tensor> = {};
  const flat = (name: string) => reshape(input(name, 'int64', ['row', fresh]), [rows]);
  const hidden = forwardHidden({
    ...graph.inputs,
    tokens: flat('tokens'),
    positions: flat('positions'),
    attend: (layer, query, key, value) => {
      const { heads, keyValueHeads, headSize } = config;
      const cache = (name: string) => input(name, 'float32', ['row', keyValueHeads, 'capacity', headSize]);
      const batched = (x: Tensor, count: number) => reshape(x, ['row', fresh, count * headSize]);
      const result = cachedAttention(
        {
          query: batched(query, heads),
          key: batched(key, keyValueHeads),
          value: batched(value, keyValueHeads),
          keyCache: cache(keyCacheName(layer)),
          valueCache: cache(valueCacheName(layer)),
          last,
          longest,
        },
        { heads, keyValueHeads },
      );
      outputs[keyCacheOutputName(layer)] = result.keyCache;
      outputs[valueCacheOutputName(layer)] = result.valueCache;
      return reshape(result.output, query.shape);
    },
  });
  return { graph, hidden, outputs };
}

/** Reads prompts: inputs `tokens`, `positions` [row, fresh], `last` [row], `longest` [1] (= fresh) and the caches; outputs the caches. */
export function compilePrefill(options: SequenceGraphOptions): CompiledGraph {
  const { outputs } = cachedForward(options, 'fresh');
  return compile(outputs);
}

/**
 * One step for every row: inputs `tokens`, `positions` [row, 1], `last`, `longest`, the caches, `uniform` [row, 1] and, by the method,
 * `inverseTemperature`, `topP`, `minP` [1]. Outputs `next` [row] and `logprob` [row] (at the temperature, before any filter).
 */
export function compileDecode(options: SequenceGraphOptions, method: DrawMethod): CompiledGraph {
  const { graph, hidden, outputs } = cachedForward(options, 1);
  const logits = forwardLogits(graph.inputs, hidden);
  const scaled = method.kind === 'greedy' ? logits : mul(logits, input('inverseTemperature', 'float32', [1]));
  const next = reshape(draw(scaled, method), ['row', 1]);
  const logprob = takeAlong(logSoftmax(scaled), next);
  return compile({ ...outputs, next: reshape(next, ['row']), logprob: reshape(logprob, ['row']) });
}

/** Slightly below 1, so that rounding never puts the threshold at or above the whole sum. */
const BELOW_ONE = 1 - 2 ** -22;

/** Inverse-transform sampling: the first position whose running sum passes uniform * total. weights [row, n], uniform [row, 1]. */
function drawFrom(weights: Tensor, uniform: Tensor): Tensor {
  const running = cumulativeSum(weights);
  const threshold = mul(mul(uniform, BELOW_ONE), sum(weights, [-1], true));
  return argMax(cast(greater(running, threshold), 'float32'));
}

/** Position of the drawn token per row of logits [row, vocabulary]. */
function draw(logits: Tensor, method: DrawMethod): Tensor {
  if (method.kind === 'greedy') return argMax(logits);
  const uniform = input('uniform', 'float32', ['row', 1]);
  if (method.kind === 'all') return drawFrom(softmax(logits), uniform);
  const { values, indices } = topK(logits, method.candidates);
  const probabilities = softmax(values);
  const before = cumulativeSum(probabilities, { exclusive: true });
  const floor = mul(max(probabilities, [-1], true), input('minP', 'float32', [1]));
  const inTopP = cast(less(before, input('topP', 'float32', [1])), 'float32');
  const kept = mul(inTopP, cast(greaterOrEqual(probabilities, floor), 'float32'));
  const chosen = drawFrom(mul(probabilities, kept), uniform);
  return takeAlong(indices, reshape(chosen, ['row', 1]));
}
