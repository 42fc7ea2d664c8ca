/**
 * The forward pass of decoder-only transformers (Llama, Qwen2, Qwen3), written once for training, prefill and decoding. Rows are tokens:
 * everything but attention works on [rows, width], and the caller says how rows attend to each other.
 */
import { add, gemm, mul, reshape, rmsNorm, rope, swiglu, takeRows, type Dim, type Tensor } from '../tensor/index.ts';
import { hasAdapter, loraNameA, loraNameB, type LoraOptions } from './lora.ts';
import type { ModelConfig } from './config.ts';

/** Graph inputs of the rotary embedding: tables [positions, headSize / 2]; the query's carry the factor 1 / sqrt(headSize). */
export interface RopeTables {
  cosine: Tensor;
  sine: Tensor;
  queryCosine: Tensor;
  querySine: Tensor;
}

export interface ForwardInputs {
  config: ModelConfig;
  /** The graph input that holds a parameter, by its Hugging Face name; linear weights are [in, out]. */
  parameter: (name: string) => Tensor;
  lora?: LoraOptions | undefined;
  /** [rows] int64. */
  tokens: Tensor;
  /** [rows] int64. */
  positions: Tensor;
  tables: RopeTables;
  /** query [rows, heads * headSize], scaled and rotated; key and value [rows, keyValueHeads * headSize]. Result like query. */
  attend: (layer: number, query: Tensor, key: Tensor, value: Tensor) => Tensor;
}

/** Hidden states [rows, hiddenSize] after the last norm. */
export function forwardHidden(inputs: ForwardInputs): Tensor {
  const { config, parameter, tokens } = inputs;
  let hidden = takeRows(parameter('model.embed_tokens.weight'), tokens);
  for (let layer = 0; layer < config.layers; layer++) hidden = block(inputs, layer, hidden);
  return rmsNorm(hidden, parameter('model.norm.weight'), config.normEpsilon);
}

/** Logits [rows, vocabulary] of hidden states [rows, hiddenSize]. */
export function forwardLogits({ config, parameter }: Pick<ForwardInputs, 'config' | 'parameter'>, hidden: Tensor): Tensor {
  const head = config.tieEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  return gemm(hidden, parameter(head), { transposeRight: true });
}

function block(inputs: ForwardInputs, layer: number, hidden: Tensor): Tensor {
  const { config, parameter } = inputs;
  const prefix = `model.layers.${layer}.`;
  const attentionInput = rmsNorm(hidden, parameter(`${prefix}input_layernorm.weight`), config.normEpsilon);
  const attended = add(hidden, selfAttention(inputs, layer, attentionInput));
  const mlpInput = rmsNorm(attended, parameter(`${prefix}post_attention_layernorm.weight`), config.normEpsilon);
  const gate = linear(inputs, `${prefix}mlp.gate_proj`, mlpInput, config.mlpBias);
  const up = linear(inputs, `${prefix}mlp.up_proj`, mlpInput, config.mlpBias);
  return add(attended, linear(inputs, `${prefix}mlp.down_proj`, swiglu(gate, up), config.mlpBias));
}

function selfAttention(inputs: ForwardInputs, layer: number, x: Tensor): Tensor {
  const { config, parameter, positions, tables, attend } = inputs;
  const prefix = `model.layers.${layer}.self_attn.`;
  let query = linear(inputs, `${prefix}q_proj`, x, config.attentionBias);
  let key = linear(inputs, `${prefix}k_proj`, x, config.attentionBias);
  const value = linear(inputs, `${prefix}v_proj`, x, config.attentionBias);
  if (config.qkNorm) {
    query = headNorm(query, parameter(`${prefix}q_norm.weight`), config);
    key = headNorm(key, parameter(`${prefix}k_norm.weight`), config);
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

function linear({ parameter, lora }: ForwardInputs, name: string, x: Tensor, bias: boolean): Tensor {
  const weight = `${name}.weight`;
  const output = gemm(x, parameter(weight), { addend: bias ? parameter(`${name}.bias`) : undefined });
  if (!lora || !hasAdapter(weight)) return output;
  const low = gemm(x, parameter(loraNameA(weight)));
  const adapted = gemm(low, parameter(loraNameB(weight)));
  return add(output, mul(adapted, lora.alpha / lora.rank));
}
