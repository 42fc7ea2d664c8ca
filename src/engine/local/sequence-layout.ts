/**
 * How the tokens of a micro-batch lie in the rows of a graph, and which rows attend to which. Either a rectangle, a sequence a line; or, for
 * sequences that begin alike (the completions of one prompt), what they share once and then a rectangle of what follows. What is shared is
 * read once, is not scored, and gets its gradient from all that attend to it.
 */
import {
  attention, broadcastTo, cutPair, input, joinPair, reshape, type Dim, type Tensor,
} from '../../tensor/index.ts';
import type { ForwardInputs } from '../../model/forward.ts';
import type { ModelConfig } from '../../model/config.ts';

export type LayoutKind = 'rectangle' | 'shared prefix';

export interface SequenceLayout {
  /** Dimension of all rows. */
  rows: Dim;
  /** Graph inputs, flat: [rows] int64. */
  tokens: () => Tensor;
  positions: () => Tensor;
  attend: ForwardInputs['attend'];
  /** The rows that are scored, [batch*time, width], of all rows. */
  scored: (x: Tensor) => Tensor;
}

const WHOLE = ['batch', 'time'];
const PREFIX = 'prefix';
const SCORED = 'batch*time';

/** Name of the graph input that masks what layers of this window do not see: [time, time], with a prefix [time, keys]. */
export const maskName = (window: number | null): string => (window === null ? 'causal' : `window ${window}`);
/** The same within the prefix, [prefix, prefix]. */
export const prefixMaskName = (window: number | null): string => `prefix ${maskName(window)}`;

/** Name of the graph input that holds what is shared, [prefix]. */
export const prefixInputName = (name: 'tokens' | 'positions'): string => `prefix ${name}`;

/** The layout for one graph: graph inputs are made once, and only those that the graph reads end up in it. */
export function sequenceLayout(kind: LayoutKind, config: ModelConfig): SequenceLayout {
  return kind === 'rectangle' ? rectangle(config) : sharedPrefix(config);
}

function rectangle(config: ModelConfig): SequenceLayout {
  const masks = maskInputs(config, maskName, ['time', 'time']);
  const split = (x: Tensor, heads: number) => reshape(x, [...WHOLE, heads * config.headSize]);
  return {
    rows: SCORED,
    tokens: () => flat('tokens'),
    positions: () => flat('positions'),
    attend: (layer, query, key, value) => {
      const { heads, keyValueHeads } = config;
      return reshape(attention(split(query, heads), split(key, keyValueHeads), split(value, keyValueHeads), masks(layer), config), query.shape);
    },
    scored: (x) => x,
  };
}

function sharedPrefix(config: ModelConfig): SequenceLayout {
  const { heads, keyValueHeads, headSize } = config;
  const masks = maskInputs(config, maskName, ['time', 'keys']);
  const prefixMasks = maskInputs(config, prefixMaskName, [PREFIX, PREFIX]);
  const prefixPositions = once(() => input(prefixInputName('positions'), 'int64', [PREFIX]));
  const cut = (x: Tensor) => cutPair(x, 0, [PREFIX, SCORED], [prefixPositions()]);
  const join = (prefix: Tensor, own: Tensor) => joinPair(prefix, own, 0, 'rows');
  const parts = (x: Tensor, count: number) => {
    const [prefix, own] = cut(x);
    return { prefix: reshape(prefix, [1, PREFIX, count * headSize]), own: reshape(own, [...WHOLE, count * headSize]) };
  };
  const whole = ({ prefix, own }: { prefix: Tensor; own: Tensor }) =>
    joinPair(broadcastTo(prefix, ['batch', PREFIX, keyValueHeads * headSize]), own, 1, 'keys');
  return {
    rows: 'rows',
    tokens: () => join(input(prefixInputName('tokens'), 'int64', [PREFIX]), flat('tokens')),
    positions: once(() => join(prefixPositions(), flat('positions'))),
    attend: (layer, allQueries, allKeys, allValues) => {
      const [query, key, value] = [parts(allQueries, heads), parts(allKeys, keyValueHeads), parts(allValues, keyValueHeads)];
      const prefix = attention(query.prefix, key.prefix, value.prefix, prefixMasks(layer), config);
      const own = attention(query.own, whole(key), whole(value), masks(layer), config);
      return join(reshape(prefix, [PREFIX, heads * headSize]), reshape(own, [SCORED, heads * headSize]));
    },
    scored: (x) => cut(x)[1],
  };
}

const flat = (name: string): Tensor => reshape(input(name, 'int64', WHOLE), [SCORED]);

/** The mask of each layer; layers of one window share theirs. */
function maskInputs({ attention: layers }: ModelConfig, nameOf: (window: number | null) => string, shape: readonly Dim[]): (layer: number) => Tensor {
  const made = new Map<string, Tensor>();
  return (layer) => {
    const name = nameOf(layers[layer]?.window ?? null);
    const mask = made.get(name) ?? input(name, 'float32', shape);
    made.set(name, mask);
    return mask;
  };
}

function once<Result>(make: () => Result): () => Result {
  let made: { result: Result } | undefined;
  return () => (made ??= { result: make() }).result;
}
