/**
 * Fresh weights with an induction circuit in place (Olsson et al. 2022, arXiv:2209.11895): a head of the first layer notes at each token which
 * one stood before it, and two heads of the second layer look for where the present token was noted, and copy what stands there: after
 * `... the capital Brakodan ... the capital` comes `Brakodan`. A small model needs millions of tokens to find this circuit, and a hundred steps
 * to make use of it; training shapes it like all other weights.
 *
 * The residual stream is divided for that: one coordinate is the same for every token, some hold the token, some the one before it.
 */
import type { Parameter } from '../src/model/checkpoint.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { drawParameters } from '../src/model/initialization.ts';
import { elementCount, parameterSpecs } from '../src/model/parameters.ts';
import { Random } from '../src/random.ts';

/** Deviation of a token's coordinates. */
const TOKEN_DEVIATION = 0.08;
/** Rotary pairs that turn fast enough to tell one position from the next. */
const FAST_PAIRS = 4;
/** The first rotary pair that turns slowly enough (at a base of 100,000) to leave a comparison over a hundred tokens alone. */
const FIRST_SLOW_PAIR = 6;
/** Of queries and keys: large enough that the right position gets nearly all the attention. */
const POSITION_SHARPNESS = 0.95;
const TOKEN_SHARPNESS = 2;

/** Which coordinates of the residual stream hold what, and by what a token is recognized. */
interface Layout {
  constant: number;
  token: readonly number[];
  previous: readonly number[];
  /** Coordinates of a head that turn slowly; as many as `previous` has. */
  slow: readonly number[];
  /** A row for each of `slow`, a column for each of `token`. */
  projection: readonly (readonly number[])[];
  tokenNorm: number;
}

/** All parameters of the model, [in, out] where they are matrices. `rotaryBase` is the config's `rope_theta`. */
export function drawWithInductionHeads(config: ModelConfig, rotaryBase: number, seed: number): Parameter[] {
  const weights = new Weights(config);
  drawParameters(config, (name) => weights.get(name).data, seed);
  const random = new Random(seed, 0x1d);
  const layout = divide(config, random);
  placeEmbedding(weights, layout, random);
  placePreviousTokenHead(weights, layout, rotaryBase);
  for (const index of [0, 1]) placeMatchingHead(weights, layout, index, random);
  return weights.all;
}

function divide({ hiddenSize: width, headSize }: ModelConfig, random: Random): Layout {
  const half = headSize / 2;
  const slowPairs = range(FIRST_SLOW_PAIR, half);
  const slow = [...slowPairs, ...slowPairs.map((pair) => pair + half)];
  const token = range(1, width - slow.length);
  const projection = slow.map(() => token.map(() => random.normal() / Math.sqrt(token.length)));
  return { constant: 0, token, previous: range(width - slow.length, width), slow, projection, tokenNorm: TOKEN_DEVIATION * Math.sqrt(token.length) };
}

function placeEmbedding(weights: Weights, { constant, token, tokenNorm }: Layout, random: Random): void {
  const { data, shape: [vocabulary = 0, width = 0] } = weights.get('model.embed_tokens.weight');
  data.fill(0);
  for (let row = 0; row < vocabulary; row++) {
    data[row * width + constant] = tokenNorm;
    for (const coordinate of token) data[row * width + coordinate] = random.normal() * TOKEN_DEVIATION;
  }
}

/** Layer 0, head 0: queries and keys are the same at every token, turned so that they meet one position apart. */
function placePreviousTokenHead(weights: Weights, { constant, token, previous, projection, tokenNorm }: Layout, rotaryBase: number): void {
  const { query, key, value, output, headSize, width } = weights.clearHead(0, 0);
  const half = headSize / 2;
  for (const pair of range(0, FAST_PAIRS)) {
    const angle = rotaryBase ** (-pair / half);
    query(constant, pair, POSITION_SHARPNESS);
    key(constant, pair, POSITION_SHARPNESS * Math.cos(angle));
    key(constant, pair + half, POSITION_SHARPNESS * Math.sin(angle));
  }
  // The norm before the layer scales what it sees to sqrt(width), and half of the square of that is the constant.
  const seen = Math.sqrt(width / 2);
  const gain = (tokenNorm * Math.sqrt(token.length)) / (seen * Math.sqrt(previous.length));
  projection.forEach((row, r) => {
    row.forEach((weight, i) => value(at(token, i), r, weight));
    output(r, at(previous, r), gain);
  });
}

/** A head of layer 1: the present token, as it would have been noted, against what was noted; it copies a random half of the token found. */
function placeMatchingHead(weights: Weights, { token, previous, slow, projection, tokenNorm }: Layout, index: number, random: Random): void {
  const { query, key, value, output, headSize } = weights.clearHead(1, index);
  projection.forEach((row, r) => {
    row.forEach((weight, i) => query(at(token, i), at(slow, r), TOKEN_SHARPNESS * weight));
    key(at(previous, r), at(slow, r), TOKEN_SHARPNESS);
  });
  for (const r of range(0, headSize)) {
    for (const coordinate of token) {
      const weight = random.normal() / Math.sqrt(token.length);
      value(coordinate, r, weight);
      output(r, coordinate, weight * tokenNorm * 0.5);
    }
  }
}

type Put = (from: number, to: number, value: number) => void;

/** Parameters by name, and the parts of them that make a head. */
class Weights {
  readonly #config: ModelConfig;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  constructor(config: ModelConfig) {
    this.#config = config;
    this.#parameters = new Map(parameterSpecs(config).map((spec) => [spec.name, { name: spec.name, shape: spec.internalShape, data: new Float32Array(elementCount(spec)) }]));
  }

  get all(): Parameter[] {
    return [...this.#parameters.values()];
  }

  get(name: string): Parameter {
    const found = this.#parameters.get(name);
    if (!found) throw new RangeError(`the model has no parameter ${name}`);
    return found;
  }

  /** Sets the head's part of all four projections to zero, and gives what writes into them. */
  clearHead(layer: number, index: number): { query: Put; key: Put; value: Put; output: Put; headSize: number; width: number } {
    const { hiddenSize: width, headSize } = this.#config;
    const first = index * headSize;
    const into = (name: string): Put => {
      const { data, shape: [, columns = 0] } = this.get(`model.layers.${layer}.self_attn.${name}_proj.weight`);
      for (const from of range(0, width)) data.fill(0, from * columns + first, from * columns + first + headSize);
      return (from, to, weight) => void (data[from * columns + first + to] = weight);
    };
    const { data } = this.get(`model.layers.${layer}.self_attn.o_proj.weight`);
    data.fill(0, first * width, (first + headSize) * width);
    const output: Put = (from, to, weight) => void (data[(first + from) * width + to] = weight);
    return { query: into('q'), key: into('k'), value: into('v'), output, headSize, width };
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function at(items: readonly number[], index: number): number {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
