/**
 * Which parameters a model has, under their Hugging Face names. In memory a linear layer's weight is [in, out], so that a layer is
 * `x @ weight`; in files it is [out, in]. Embedding and output projection are [vocabulary, hidden] in both places.
 */
import type { ModelConfig } from './config.ts';

/** `matrix`: a linear layer's weight. `vector`: a norm's weight or a bias. `embedding`: [vocabulary, hidden], read by rows. */
export type ParameterKind = 'matrix' | 'vector' | 'embedding';

export interface ParameterSpec {
  /** For example `model.layers.0.self_attn.q_proj.weight`. */
  name: string;
  /** In files: [out, in] for a matrix. */
  shape: readonly number[];
  /** In memory: [in, out] for a matrix, else the same as `shape`. */
  internalShape: readonly number[];
  kind: ParameterKind;
  /** Whether `internalShape` is the transpose of `shape`. */
  transposed: boolean;
}

/** Every parameter of the model, each once, in the order of the forward pass. */
export function parameterSpecs(config: ModelConfig): ParameterSpec[] {
  const embedding = [config.vocabularySize, config.hiddenSize];
  return [
    plain('model.embed_tokens.weight', embedding, 'embedding'),
    ...Array.from({ length: config.layers }, (_, layer) => layerSpecs(config, `model.layers.${layer}`)).flat(),
    plain('model.norm.weight', [config.hiddenSize], 'vector'),
    ...(config.tieEmbeddings ? [] : [plain('lm_head.weight', embedding, 'embedding')]),
  ];
}

function layerSpecs(config: ModelConfig, layer: string): ParameterSpec[] {
  const { hiddenSize, intermediateSize, headSize } = config;
  const querySize = config.heads * headSize;
  const keyValueSize = config.keyValueHeads * headSize;
  const attention = `${layer}.self_attn`;
  const headNorms = [plain(`${attention}.q_norm.weight`, [headSize], 'vector'), plain(`${attention}.k_norm.weight`, [headSize], 'vector')];
  return [
    plain(`${layer}.input_layernorm.weight`, [hiddenSize], 'vector'),
    ...linear(`${attention}.q_proj`, hiddenSize, querySize, config.attentionBias),
    ...linear(`${attention}.k_proj`, hiddenSize, keyValueSize, config.attentionBias),
    ...linear(`${attention}.v_proj`, hiddenSize, keyValueSize, config.attentionBias),
    ...(config.qkNorm ? headNorms : []),
    ...linear(`${attention}.o_proj`, querySize, hiddenSize, config.attentionOutputBias),
    plain(`${layer}.post_attention_layernorm.weight`, [hiddenSize], 'vector'),
    ...linear(`${layer}.mlp.gate_proj`, hiddenSize, intermediateSize, config.mlpBias),
    ...linear(`${layer}.mlp.up_proj`, hiddenSize, intermediateSize, config.mlpBias),
    ...linear(`${layer}.mlp.down_proj`, intermediateSize, hiddenSize, config.mlpBias),
  ];
}

function plain(name: string, shape: readonly number[], kind: 'vector' | 'embedding'): ParameterSpec {
  return { name, shape, internalShape: shape, kind, transposed: false };
}

function linear(name: string, inputs: number, outputs: number, bias: boolean): ParameterSpec[] {
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [outputs, inputs],
    internalShape: [inputs, outputs],
    kind: 'matrix',
    transposed: true,
  };
  return bias ? [weight, plain(`${name}.bias`, [outputs], 'vector')] : [weight];
}

/** Number of elements of one parameter. */
export function elementCount(spec: ParameterSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}

/** Number of elements of all parameters together; a tied embedding counts once. */
export function parameterCount(config: ModelConfig): number {
  return parameterSpecs(config).reduce((sum, spec) => sum + elementCount(spec), 0);
}
