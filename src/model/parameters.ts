/**
 * Which parameters a model has, under their Hugging Face names. In memory a linear layer's weight is [in, out], so that a layer is
 * `x @ weight`; in files it is [out, in]. Embedding and output projection are [vocabulary, hidden] in both places.
 */
import type { ModelConfig } from './config.ts';
import { rotaryOrder } from './rope.ts';

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
  /** Where its rows lie in files, when they share a tensor with others: from row `start` of a tensor of `rows` rows. */
  part?: { name: string; start: number; rows: number };
  /** Row in files of each row of `shape`, when their order differs. */
  fileRow?: (row: number) => number;
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
  const { hiddenSize, intermediateSize, headSize, normPlacement } = config;
  const querySize = config.heads * headSize;
  const keyValueSize = config.keyValueHeads * headSize;
  const attention = `${layer}.self_attn`;
  const vector = (name: string, size: number) => plain(`${layer}.${name}.weight`, [size], 'vector');
  const before = normPlacement !== 'after';
  const [queryNorm, keyNorm] = config.qkNorm === 'whole' ? [querySize, keyValueSize] : [headSize, headSize];
  const norms = [vector('self_attn.q_norm', queryNorm), vector('self_attn.k_norm', keyNorm)];
  const specs = [
    ...(before ? [vector('input_layernorm', hiddenSize)] : []),
    ...linear(`${attention}.q_proj`, hiddenSize, querySize, config.attentionBias),
    ...linear(`${attention}.k_proj`, hiddenSize, keyValueSize, config.attentionBias),
    ...linear(`${attention}.v_proj`, hiddenSize, keyValueSize, config.attentionBias),
    ...(config.qkNorm === 'none' ? [] : norms),
    ...linear(`${attention}.o_proj`, querySize, hiddenSize, config.attentionOutputBias),
    vector('post_attention_layernorm', hiddenSize),
    ...(normPlacement === 'both' ? [vector('pre_feedforward_layernorm', hiddenSize)] : []),
    ...linear(`${layer}.mlp.gate_proj`, hiddenSize, intermediateSize, config.mlpBias),
    ...linear(`${layer}.mlp.up_proj`, hiddenSize, intermediateSize, config.mlpBias),
    ...linear(`${layer}.mlp.down_proj`, intermediateSize, hiddenSize, config.mlpBias),
    ...(before && normPlacement !== 'both' ? [] : [vector('post_feedforward_layernorm', hiddenSize)]),
  ];
  return config.fused ? specs.map((spec) => fusedSpec(config, layer, spec)) : specs;
}

/** Phi-3: query, key and value rows follow each other in `qkv_proj`, gate and up rows in `gate_up_proj`. */
function fusedSpec({ heads, keyValueHeads, headSize, rotatedSize, intermediateSize }: ModelConfig, layer: string, spec: ParameterSpec): ParameterSpec {
  const kind = /([a-z_]+)\.weight$/.exec(spec.name)?.[1];
  const [querySize, keyValueSize] = [heads * headSize, keyValueHeads * headSize];
  const starts: Readonly<Record<string, number>> = { q_proj: 0, k_proj: querySize, v_proj: querySize + keyValueSize };
  const start = starts[kind ?? ''];
  if (start !== undefined) {
    const part = { name: `${layer}.self_attn.qkv_proj.weight`, start, rows: querySize + 2 * keyValueSize };
    if (kind === 'v_proj' || rotatedSize === headSize) return { ...spec, part };
    return { ...spec, part, fileRow: (row) => row - (row % headSize) + rotaryOrder(row % headSize, headSize, rotatedSize) };
  }
  if (kind !== 'gate_proj' && kind !== 'up_proj') return spec;
  return { ...spec, part: { name: `${layer}.mlp.gate_up_proj.weight`, start: kind === 'up_proj' ? intermediateSize : 0, rows: 2 * intermediateSize } };
}

/** The tensors that files hold, in order; several parameters may share one. */
export function fileTensors(specs: readonly ParameterSpec[]): Map<string, { shape: readonly number[]; parts: ParameterSpec[] }> {
  const tensors = new Map<string, { shape: readonly number[]; parts: ParameterSpec[] }>();
  for (const spec of specs) {
    const name = spec.part?.name ?? spec.name;
    const known = tensors.get(name);
    if (known) known.parts.push(spec);
    else tensors.set(name, { shape: spec.part ? [spec.part.rows, ...spec.shape.slice(1)] : spec.shape, parts: [spec] });
  }
  return tensors;
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
