/**
 * The forward pass of decoder-only transformers (Llama, Qwen2, Qwen3), written once for training, prefill and decoding. Rows are tokens:
 * everything but attention works on [rows, width], and the caller says how rows attend to each other.
 */
import { add, gemm, mul, reshape, rmsNorm, rope, swiglu, type Dim, type Tensor } from '../tensor/index.ts';
import { hasAdapter, loraNameA, loraNameB, type LoraOptions } from './lora.ts';
import type { ModelConfig } from './config.ts';

/** Graph inputs of the rotary embedding: tables [positions, headSize / 2]; the query's carry the factor 1 / sqrt(headSize). */
export interface RopeTables {
  cosine: Tensor;
  sine: Tensor;
  queryCosine: Tensor;
  querySine: Tensor;
}

/** What a forward pass does with parameters, by their Hugging Face names. How they are stored is the engine's business. */
export interface Weights {
  /** A vector, or a matrix of an adapter, as it is. */
  tensor: (name: string) => Tensor;
  /** x [rows, in] through a linear layer's weight: [rows, out]; `addend` broadcasts to the result. */
  product: (name: string, x: Tensor, addend?: Tensor) => Tensor;
  /** Rows of an embedding at `ids` [rows]: [rows, width]. */
  rows: (name: string, ids: Tensor) => Tensor;
  /** x [rows, width] against every row of an embedding: [rows, vocabulary]. */
  scores: (name: string, x: Tensor) => Tensor;
}

export interface ForwardInputs {
  config: ModelConfig;
  weights: Weights;
  lora?: LoraOptions | undefined;
  /** [rows] int64. */
  tokens: Tensor;
  /** [rows] int64. */
  positions: Tensor;
  tables: RopeTables;
  /** query [rows, heads * headSize], scaled and rotated; key and value [rows, keyValueHeads * headSize]. Result like query. */
  attend: (layer: number, query: Tensor, key: Tensor, value: Tensor) => Tensor;
}

const EMBEDDING = 'model.embed_tokens.weight';

/** Hidden states [rows, hiddenSize] after the last norm. */
export function forwardHidden(inputs: ForwardInputs): Tensor {
  let hidden = embed(inputs, inputs.tokens);
  for (let layer = 0; layer < inputs.config.layers; layer++) hidden = block(inputs, layer, hidden);
  return lastNorm(inputs, hidden);
}

/** What the first block reads: [rows, hiddenSize]. */
export const embed = ({ weights }: Pick<ForwardInputs, 'weights'>, tokens: Tensor): Tensor => weights.rows(EMBEDDING, tokens);

/** The norm after the last block. */
export const lastNorm = ({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, hidden: Tensor): Tensor =>
  rmsNorm(hidden, weights.tensor('model.norm.weight'), config.normEpsilon);

/** The embedding whose rows the output projection multiplies with. */
export const headName = (config: ModelConfig): string => (config.tieEmbeddings ? EMBEDDING : 'lm_head.weight');

/** Logits [rows, vocabulary] of hidden states [rows, hiddenSize]. */
export function forwardLogits({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, hidden: Tensor): Tensor {
  return weights.scores(headName(config), hidden);
}

/** One transformer block: hidden states in, hidden states out, both [rows, hiddenSize]. */
export function block(inputs: Omit<ForwardInputs, 'tokens'>, layer: number, hidden: Tensor): Tensor {
  const { config, weights } = inputs;
  const prefix = `model.layers.${layer}.`;
  const attentionInput = rmsNorm(hidden, weights.tensor(`${prefix}input_layernorm.weight`), config.normEpsilon);
  const attended = add(hidden, selfAttention(inputs, layer, attentionInput));
  const mlpInput = rmsNorm(attended, weights.tensor(`${prefix}post_attention_layernorm.weight`), config.normEpsilon);
  const gate = linear(inputs, `${prefix}mlp.gate_proj`, mlpInput, config.mlpBias);
  const up = linear(inputs, `${prefix}mlp.up_proj`, mlpInput, config.mlpBias);
  return add(attended, linear(inputs, `${prefix}mlp.down_proj`, swiglu(gate, up), config.mlpBias));
}

function selfAttention(inputs: Omit<ForwardInputs, 'tokens'>, layer: number, x: Tensor): Tensor {
  const { config, weights, positions, tables, attend } = inputs;
  const prefix = `model.layers.${layer}.self_attn.`;
  let query = linear(inputs, `${prefix}q_proj`, x, config.attentionBias);
  let key = linear(inputs, `${prefix}k_proj`, x, config.attentionBias);
  const value = linear(inputs, `${prefix}v_proj`, x, config.attentionBias);
  if (config.qkNorm) {
    query = headNorm(query, weights.tensor(`${prefix}q_norm.weight`), config);
    key = headNorm(key, weights.tensor(`${prefix}k_norm.weight`), config);
  }
  query = rope(query, positions, tables.queryCosine, tables.querySine);
  key = rope(key, positions, tables.cosine, tables.sine);
  return linear(inputs, `${prefix}o_proj`, attend(layer, query, key, value), config.attentionOutputBias);
}

/** RMSNorm over each head. x [rows, heads * headSize], weight [headSize]. */
function headNorm(x: Tensor, weight: Tensor, { headSize, normEpsilon }: ModelConfig): Tensor {
  const [rows, width] = x.shape;
  if (rows === undefined || typeof width !== 'number') throw new Error('headNorm: needs [rows, width]');
  const byHead: Dim[] = [rows, width / headSize, headSize];
  return reshape(rmsNorm(reshape(x, byHead), weight, normEpsilon), x.shape);
}

function linear({ weights, lora }: Pick<ForwardInputs, 'weights' | 'lora'>, name: string, x: Tensor, bias: boolean): Tensor {
  const weight = `${name}.weight`;
  const output = weights.product(weight, x, bias ? weights.tensor(`${name}.bias`) : undefined);
  if (!lora || !hasAdapter(weight)) return output;
  const low = gemm(x, weights.tensor(loraNameA(weight)));
  const adapted = gemm(low, weights.tensor(loraNameB(weight)));
  return add(output, mul(adapted, lora.alpha / lora.rank));
}
