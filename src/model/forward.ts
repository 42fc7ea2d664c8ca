/**
 * The forward pass of decoder-only transformers (Llama, Mistral, Qwen2, Qwen3, SmolLM3, OLMo 2, Phi-3, Gemma 3), written once for training, prefill and decoding. Rows are tokens:
 * everything but attention works on [rows, width], and the caller says how rows attend to each other.
 */
import { add, gemm, mul, reshape, rmsNorm, rope, swiglu, tanh, type Dim, type Tensor } from '../tensor/index.ts';
import { hasAdapter, loraNameA, loraNameB, type LoraOptions } from './lora.ts';
import type { ModelConfig } from './config.ts';

/** Graph inputs of the rotary embedding: tables [positions, headSize / 2]; the query's carry the factor of the attention scores. */
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
  /** Tables of the layers that see all positions, and of those that see a window. */
  tables: Readonly<Record<'global' | 'local', RopeTables>>;
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
export function embed({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, tokens: Tensor): Tensor {
  const rows = weights.rows(EMBEDDING, tokens);
  return config.embeddingScale === 1 ? rows : mul(rows, config.embeddingScale);
}

/** The norm after the last block. */
export const lastNorm = ({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, hidden: Tensor): Tensor =>
  norm({ config, weights }, 'model.norm', hidden);

/** RMSNorm by the parameter `name`.weight. */
function norm({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, name: string, x: Tensor): Tensor {
  const weight = weights.tensor(`${name}.weight`);
  return rmsNorm(x, config.normOffset === 0 ? weight : add(weight, config.normOffset), config.normEpsilon);
}

/** The embedding whose rows the output projection multiplies with. */
export const headName = (config: ModelConfig): string => (config.tieEmbeddings ? EMBEDDING : 'lm_head.weight');

/** Logits [rows, vocabulary] of hidden states [rows, hiddenSize]. */
export function forwardLogits({ config, weights }: Pick<ForwardInputs, 'config' | 'weights'>, hidden: Tensor): Tensor {
  return weights.scores(headName(config), hidden);
}

/** One transformer block: hidden states in, hidden states out, both [rows, hiddenSize]. */
export function block(inputs: Omit<ForwardInputs, 'tokens'>, layer: number, hidden: Tensor): Tensor {
  const { normPlacement } = inputs.config;
  const prefix = `model.layers.${layer}.`;
  const before = (name: string, x: Tensor) => (normPlacement === 'after' ? x : norm(inputs, `${prefix}${name}`, x));
  const after = (name: string, x: Tensor) => (normPlacement === 'before' ? x : norm(inputs, `${prefix}${name}`, x));
  const attention = selfAttention(inputs, layer, before('input_layernorm', hidden));
  const attended = add(hidden, after('post_attention_layernorm', attention));
  const mlpNorm = normPlacement === 'both' ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';
  return add(attended, after('post_feedforward_layernorm', feedForward(inputs, layer, before(mlpNorm, attended))));
}

function feedForward(inputs: Omit<ForwardInputs, 'tokens'>, layer: number, x: Tensor): Tensor {
  const { mlpBias, activation } = inputs.config;
  const prefix = `model.layers.${layer}.mlp.`;
  const gate = linear(inputs, `${prefix}gate_proj`, x, mlpBias);
  const up = linear(inputs, `${prefix}up_proj`, x, mlpBias);
  return linear(inputs, `${prefix}down_proj`, activation === 'silu' ? swiglu(gate, up) : mul(geluTanh(gate), up), mlpBias);
}

/** GELU (Hendrycks and Gimpel 2016) by its tanh approximation. */
function geluTanh(x: Tensor): Tensor {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

function selfAttention(inputs: Omit<ForwardInputs, 'tokens'>, layer: number, x: Tensor): Tensor {
  const { config, positions, tables, attend } = inputs;
  const prefix = `model.layers.${layer}.self_attn.`;
  let query = linear(inputs, `${prefix}q_proj`, x, config.attentionBias);
  let key = linear(inputs, `${prefix}k_proj`, x, config.attentionBias);
  const value = linear(inputs, `${prefix}v_proj`, x, config.attentionBias);
  if (config.qkNorm === 'whole') {
    query = norm(inputs, `${prefix}q_norm`, query);
    key = norm(inputs, `${prefix}k_norm`, key);
  } else if (config.qkNorm === 'head') {
    query = headNorm(inputs, `${prefix}q_norm`, query);
    key = headNorm(inputs, `${prefix}k_norm`, key);
  }
  const kind = config.attention[layer]?.rope ?? 'global';
  if (kind === 'none') {
    query = mul(query, config.attentionScale);
  } else {
    const { cosine, sine, queryCosine, querySine } = tables[kind];
    query = rope(query, positions, queryCosine, querySine);
    key = rope(key, positions, cosine, sine);
  }
  return linear(inputs, `${prefix}o_proj`, attend(layer, query, key, value), config.attentionOutputBias);
}

/** RMSNorm over each head. x [rows, heads * headSize], weight [headSize]. */
function headNorm(inputs: Pick<ForwardInputs, 'config' | 'weights'>, name: string, x: Tensor): Tensor {
  const [rows, width] = x.shape;
  if (rows === undefined || typeof width !== 'number') throw new Error('headNorm: needs [rows, width]');
  const { headSize } = inputs.config;
  const byHead: Dim[] = [rows, width / headSize, headSize];
  return reshape(norm(inputs, name, reshape(x, byHead)), x.shape);
}

function linear({ weights, lora }: Pick<ForwardInputs, 'weights' | 'lora'>, name: string, x: Tensor, bias: boolean): Tensor {
  const weight = `${name}.weight`;
  const output = weights.product(weight, x, bias ? weights.tensor(`${name}.bias`) : undefined);
  if (!lora || !hasAdapter(weight)) return output;
  const low = gemm(x, weights.tensor(loraNameA(weight)));
  const adapted = gemm(low, weights.tensor(loraNameB(weight)));
  return add(output, mul(adapted, lora.alpha / lora.rank));
}
