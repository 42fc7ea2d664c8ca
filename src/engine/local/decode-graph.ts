/** Graphs that generate: reading prompts into a key-value cache, and one decoding step that draws the next token inside the graph. */
import { cachedAttention, compile, input, logSoftmax, mul, reshape, takeAlong, type CompiledGraph, type Tensor } from '../../tensor/index.ts';
import { forwardHidden, forwardLogits } from '../../model/forward.ts';
import { draw, type DrawMethod } from './draw.ts';
import { modelGraph } from './model-graph.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

export const keyCacheName = (layer: number): string => `key:${layer}`;
export const valueCacheName = (layer: number): string => `value:${layer}`;
export const keyCacheOutputName = (layer: number): string => `key+:${layer}`;
export const valueCacheOutputName = (layer: number): string => `value+:${layer}`;

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
        { heads, keyValueHeads, window: config.attention[layer]?.window ?? null },
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
 * One step for every row: inputs `tokens`, `positions` [row, 1], `last`, `longest`, the caches, `uniform` [row, 1] and, where they are
 * needed, `rowIndex` [row], `inverseTemperature`, `topP`, `minP` [1]. Outputs `next` [row] and `logprob` [row] (at the temperature, before any filter).
 */
export function compileDecode(options: SequenceGraphOptions, method: DrawMethod): CompiledGraph {
  const { graph, hidden, outputs } = cachedForward(options, 1);
  const logits = forwardLogits(graph.inputs, hidden);
  const scaled = method.kind === 'greedy' ? logits : mul(logits, input('inverseTemperature', 'float32', [1]));
  const next = reshape(draw(scaled, method), ['row', 1]);
  const logprob = takeAlong(logSoftmax(scaled), next);
  return compile({ ...outputs, next: reshape(next, ['row']), logprob: reshape(logprob, ['row']) });
}

/** The same step without the draw: output `logits` [row, vocabulary], from which rows may draw each in its own way. */
export function compileDecodeLogits(options: SequenceGraphOptions): CompiledGraph {
  const { graph, hidden, outputs } = cachedForward(options, 1);
  return compile({ ...outputs, logits: forwardLogits(graph.inputs, hidden) });
}
