/**
 * The shape of a model, from and to the `config.json` of the Hugging Face layout. Field names and defaults follow transformers'
 * configuration_<family>.py; whatever the file asks for that r5 does not compute is
 * refused by name, because a model that ignores it would run and be wrong.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { checkAgainst, readJsonFile, readOptionalJsonFile } from './json-file.ts';
import { parseRope, type RopeScaling, toHuggingFaceRopeScaling } from './rope-scaling.ts';

export type ModelFamily = 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'smollm3' | 'olmo2' | 'phi3' | 'gemma3_text';

/** How a layer attends: which positions it rotates by, and how far back it sees (null: to the start). */
export interface LayerAttention {
  rope: 'global' | 'local' | 'none';
  window: number | null;
}

export interface ModelConfig {
  family: ModelFamily;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  /** Query heads. */
  heads: number;
  /** Divides `heads`; each key-value head serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  /** Elements of one head, even. heads * headSize need not equal hiddenSize. */
  headSize: number;
  vocabularySize: number;
  /** Longest sequence in tokens. */
  contextLength: number;
  /** Added to the mean square in every RMS norm. */
  normEpsilon: number;
  ropeTheta: number;
  ropeScaling: RopeScaling;
  /** Whether the output projection is the embedding. */
  tieEmbeddings: boolean;
  /** Bias of the query, key and value projections. */
  attentionBias: boolean;
  /** Bias of the attention's output projection. */
  attentionOutputBias: boolean;
  /** Bias of the three projections of the feed-forward part. */
  mlpBias: boolean;
  /** RMS norm of queries and keys: of each head (Qwen3, Gemma 3), of all heads together (OLMo 2), or none. */
  qkNorm: 'head' | 'whole' | 'none';
  /** Where a block norms: what its two parts read (`before`), what they give (`after`, OLMo 2), or `both` (Gemma 3). */
  normPlacement: 'before' | 'after' | 'both';
  /** Added to the weight of every RMS norm: 1 for Gemma. */
  normOffset: 0 | 1;
  activation: 'silu' | 'gelu_tanh';
  /** Factor of the embedding. */
  embeddingScale: number;
  /** Factor of the attention scores. */
  attentionScale: number;
  /** One a layer. */
  attention: readonly LayerAttention[];
  /** Base of the local layers' rotary embedding, which is not scaled. */
  localRopeTheta: number;
  /** Elements of a head that are rotated; a multiple of 2. */
  rotatedSize: number;
  /** Query, key and value projections lie in one tensor in files, gate and up projections in another (Phi-3). */
  fused: boolean;
  /** Token ids that end a text: those of config.json, then those that only generation_config.json names. */
  endTokens: number[];
  beginToken: number | null;
  /** The JSON that this was parsed from. */
  raw: Readonly<Record<string, unknown>>;
}

/** What transformers assumes where config.json is silent, and what is built into each family. */
const families = {
  llama: { architecture: 'LlamaForCausalLM', contextLength: 2048, headSize: null, beginToken: 1, endToken: 2, tied: false, window: null },
  mistral: { architecture: 'MistralForCausalLM', contextLength: 131072, headSize: null, beginToken: 1, endToken: 2, tied: false, window: 4096 },
  qwen2: { architecture: 'Qwen2ForCausalLM', contextLength: 32768, headSize: null, beginToken: null, endToken: null, tied: false, window: null },
  qwen3: { architecture: 'Qwen3ForCausalLM', contextLength: 32768, headSize: 128, beginToken: null, endToken: null, tied: false, window: null },
  smollm3: { architecture: 'SmolLM3ForCausalLM', contextLength: 32768, headSize: null, beginToken: 128000, endToken: 128001, tied: true, window: null },
  olmo2: { architecture: 'Olmo2ForCausalLM', contextLength: 2048, headSize: null, beginToken: null, endToken: 50279, tied: false, window: null },
  phi3: { architecture: 'Phi3ForCausalLM', contextLength: 4096, headSize: null, beginToken: 1, endToken: 32000, tied: false, window: null },
  gemma3_text: { architecture: 'Gemma3ForCausalLM', contextLength: 131072, headSize: 256, beginToken: 2, endToken: 1, tied: true, window: 4096 },
} as const;

const supported = Object.entries(families).map(([family, { architecture }]) => `${family} (${architecture})`).join(', ');

const size = z.int().positive();
const tokenId = z.int().nonnegative();
const endTokenSchema = z.union([tokenId, z.array(tokenId)]).nullish();
const looseRecord = z.looseObject({});

const configSchema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: size,
  max_position_embeddings: size.nullish(),
  rms_norm_eps: z.number().positive().nullish(),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  query_pre_attn_scalar: z.number().positive().nullish(),
  attn_logit_softcapping: z.number().nullish(),
  final_logit_softcapping: z.number().nullish(),
  use_bidirectional_attention: z.boolean().nullish(),
  rope_local_base_freq: z.number().positive().nullish(),
  sliding_window_pattern: size.nullish(),
  no_rope_layers: z.array(z.number()).nullish(),
  no_rope_layer_interval: size.nullish(),
  original_max_position_embeddings: size.nullish(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: looseRecord.nullish(),
  rope_parameters: looseRecord.nullish(),
  partial_rotary_factor: z.number().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  use_sliding_window: z.boolean().nullish(),
  sliding_window: size.nullish(),
  max_window_layers: z.int().nonnegative().nullish(),
  layer_types: z.array(z.string()).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: endTokenSchema,
  quantization_config: z.unknown().optional(),
});
type ConfigFile = z.output<typeof configSchema>;

const generationConfigSchema = z.looseObject({ eos_token_id: endTokenSchema });

/**
 * Reads `config.json` of a model directory, and the end tokens of its `generation_config.json` if there is one. Throws R5Error as
 * `parseModelConfig` does, and when config.json is missing.
 */
export async function readModelConfig(directory: string): Promise<ModelConfig> {
  const path = join(directory, 'config.json');
  const config = parseModelConfig(await readJsonFile(path, looseRecord, 'a model directory needs it to say how the model is built'), path);
  const generationPath = join(directory, 'generation_config.json');
  const generation = await readOptionalJsonFile(generationPath, generationConfigSchema);
  const endTokens = [...new Set([...config.endTokens, ...tokenList(generation?.eos_token_id)])];
  requireTokensInVocabulary(endTokens, 'eos_token_id', config.vocabularySize, generationPath);
  return { ...config, endTokens };
}

/**
 * The model that a config.json describes. `json` is its parsed content, `source` its path for error messages. Throws R5Error that names
 * the field when the architecture, the activation or another feature is not supported, or when the numbers cannot be a model.
 */
export function parseModelConfig(json: unknown, source: string): ModelConfig {
  const file = checkAgainst(configSchema, json, source);
  const family = familyOf(file, source);
  requireSupportedFeatures(file, family, source);
  const defaults = families[family];
  const rope = parseRope(file, file.max_position_embeddings ?? defaults.contextLength, source);
  const contextLength = usableContext(file.max_position_embeddings ?? defaults.contextLength, rope.scaling);
  const heads = headsOf(file, family, source);
  const endTokens = file.eos_token_id === undefined ? tokenList(defaults.endToken) : tokenList(file.eos_token_id);
  const beginToken = file.bos_token_id === undefined ? defaults.beginToken : file.bos_token_id;
  requireTokensInVocabulary(endTokens, 'eos_token_id', file.vocab_size, source);
  if (beginToken !== null) requireTokensInVocabulary([beginToken], 'bos_token_id', file.vocab_size, source);
  const bias = file.attention_bias ?? false;
  return {
    family,
    hiddenSize: file.hidden_size,
    intermediateSize: file.intermediate_size,
    layers: file.num_hidden_layers,
    ...heads,
    vocabularySize: file.vocab_size,
    contextLength,
    normEpsilon: file.rms_norm_eps ?? 1e-6,
    ropeTheta: rope.theta,
    ropeScaling: rope.scaling,
    tieEmbeddings: file.tie_word_embeddings ?? defaults.tied,
    // Qwen2's biases are built in, whatever its file says; the other families read the switch.
    attentionBias: family === 'qwen2' ? true : bias,
    attentionOutputBias: family === 'qwen2' ? false : bias,
    mlpBias: family === 'llama' || family === 'smollm3' ? (file.mlp_bias ?? false) : false,
    qkNorm: family === 'qwen3' || family === 'gemma3_text' ? 'head' : family === 'olmo2' ? 'whole' : 'none',
    normPlacement: family === 'olmo2' ? 'after' : family === 'gemma3_text' ? 'both' : 'before',
    normOffset: family === 'gemma3_text' ? 1 : 0,
    activation: family === 'gemma3_text' ? 'gelu_tanh' : 'silu',
    embeddingScale: family === 'gemma3_text' ? Math.fround(Math.sqrt(file.hidden_size)) : 1,
    attentionScale: 1 / Math.sqrt(family === 'gemma3_text' ? (file.query_pre_attn_scalar ?? 256) : heads.headSize),
    attention: layerAttention(file, family, source),
    localRopeTheta: rope.localTheta ?? file.rope_local_base_freq ?? 10_000,
    rotatedSize: rotatedSize(heads.headSize, rope.rotatedShare ?? file.partial_rotary_factor ?? 1, family, source),
    fused: family === 'phi3',
    endTokens,
    beginToken,
    raw: { ...file },
  };
}

function isFamily(name: string): name is ModelFamily {
  return Object.hasOwn(families, name);
}

function familyOf(file: ConfigFile, source: string): ModelFamily {
  if (!isFamily(file.model_type)) {
    throw new R5Error(`${source}: the model type ${JSON.stringify(file.model_type)} is not supported. r5 supports ${supported}.`);
  }
  const architectures = file.architectures ?? [];
  if (architectures.length > 0 && !architectures.includes(families[file.model_type].architecture)) {
    throw new R5Error(`${source}: the architecture ${architectures.join(', ')} is not supported. r5 supports ${supported}.`);
  }
  return file.model_type;
}

function requireSupportedFeatures(file: ConfigFile, family: ModelFamily, source: string): void {
  const wanted = family === 'gemma3_text' ? 'gelu_pytorch_tanh' : 'silu';
  const activation = (family === 'gemma3_text' ? file.hidden_activation : file.hidden_act) ?? wanted;
  if (activation !== wanted) throw new R5Error(`${source}: hidden_act ${JSON.stringify(activation)} is not supported; r5 has ${wanted} for ${family}.`);
  for (const field of ['attn_logit_softcapping', 'final_logit_softcapping'] as const) {
    if (file[field] != null) throw new R5Error(`${source}: ${field} ${file[field]} is not supported.`);
  }
  if (file.use_bidirectional_attention) throw new R5Error(`${source}: use_bidirectional_attention makes an encoder; r5 trains models that write.`);
  if (file.quantization_config !== undefined && file.quantization_config !== null) {
    throw new R5Error(`${source}: quantization_config: r5 trains plain weights (F32, F16, BF16). Use the model's unquantized version.`);
  }
  const otherLayers = (file.layer_types ?? []).filter((type) => type !== 'full_attention' && !(type === 'sliding_attention' && hasWindows(family)));
  if (otherLayers.length > 0) {
    throw new R5Error(`${source}: layer_types has ${[...new Set(otherLayers)].join(', ')}, which r5 does not have for ${family}.`);
  }
  if ((family === 'qwen2' || family === 'qwen3' || family === 'smollm3') && file.layer_types == null && usesSlidingWindow(file)) {
    throw new R5Error(
      `${source}: use_sliding_window with sliding_window ${file.sliding_window} from layer ${file.max_window_layers ?? 28} on: ` +
        'r5 attends to the whole context only.',
    );
  }
}

const hasWindows = (family: ModelFamily): boolean => family === 'mistral' || family === 'phi3' || family === 'gemma3_text';

/** Long contexts by LongRoPE have frequencies of their own; r5 computes those of the original context. */
function usableContext(contextLength: number, scaling: RopeScaling): number {
  return scaling?.type === 'longrope' ? Math.min(contextLength, scaling.originalContextLength) : contextLength;
}

function rotatedSize(headSize: number, share: number, family: ModelFamily, source: string): number {
  const rotated = Math.floor(headSize * share);
  if (rotated === headSize) return headSize;
  if (family !== 'phi3' || rotated % 2 !== 0 || rotated < 2 || rotated > headSize) {
    throw new R5Error(`${source}: partial_rotary_factor ${share} is not supported; r5 rotates whole heads (1) of ${family}.`);
  }
  return rotated;
}

function layerAttention(file: ConfigFile, family: ModelFamily, source: string): LayerAttention[] {
  const layers = file.num_hidden_layers;
  const window = file.sliding_window === undefined ? families[family].window : file.sliding_window;
  const sees = hasWindows(family) ? window : null;
  const types = file.layer_types;
  if (types && types.length !== layers) throw new R5Error(`${source}: layer_types has ${types.length} entries for ${layers} layers.`);
  if (file.no_rope_layers && file.no_rope_layers.length !== layers) {
    throw new R5Error(`${source}: no_rope_layers has ${file.no_rope_layers.length} entries for ${layers} layers.`);
  }
  return Array.from({ length: layers }, (_, layer): LayerAttention => {
    if (family === 'gemma3_text') {
      const local = types ? types[layer] === 'sliding_attention' : (layer + 1) % (file.sliding_window_pattern ?? 6) !== 0;
      return local ? { rope: 'local', window: sees } : { rope: 'global', window: null };
    }
    const interval = file.no_rope_layer_interval ?? 4;
    const rotates = family !== 'smollm3' || (file.no_rope_layers ? file.no_rope_layers[layer] !== 0 : (layer + 1) % interval !== 0);
    const windowed = types ? types[layer] === 'sliding_attention' : true;
    return { rope: rotates ? 'global' : 'none', window: windowed ? sees : null };
  });
}

/** Qwen: layers from `max_window_layers` on see only the last `sliding_window` tokens, when `use_sliding_window` is on. */
function usesSlidingWindow(file: ConfigFile): boolean {
  const window = file.sliding_window === undefined ? 4096 : file.sliding_window;
  return file.use_sliding_window === true && window !== null && (file.max_window_layers ?? 28) < file.num_hidden_layers;
}

function headsOf(file: ConfigFile, family: ModelFamily, source: string): { heads: number; keyValueHeads: number; headSize: number } {
  const { hidden_size: hiddenSize, num_attention_heads: heads } = file;
  const keyValueHeads = file.num_key_value_heads ?? heads;
  const given = file.head_dim === undefined ? families[family].headSize : file.head_dim;
  if (hiddenSize % heads !== 0 && (given === null || family === 'llama')) {
    throw new R5Error(`${source}: hidden_size ${hiddenSize} is not a multiple of num_attention_heads ${heads}.`);
  }
  const headSize = given ?? hiddenSize / heads;
  if (heads % keyValueHeads !== 0) {
    throw new R5Error(`${source}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${keyValueHeads}.`);
  }
  if (headSize % 2 !== 0) throw new R5Error(`${source}: heads of size ${headSize} cannot be rotated; head_dim must be even.`);
  return { heads, keyValueHeads, headSize };
}

function tokenList(value: number | readonly number[] | null | undefined): number[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'number' ? [value] : [...value];
}

function requireTokensInVocabulary(tokens: readonly number[], field: string, vocabularySize: number, source: string): void {
  const outside = tokens.find((token) => token >= vocabularySize);
  if (outside !== undefined) throw new R5Error(`${source}: ${field} ${outside} is outside the vocabulary of ${vocabularySize} tokens.`);
}

const isPlainFamily = (family: ModelFamily): boolean => family === 'llama' || family === 'qwen2' || family === 'qwen3';

/** Fields that `toHuggingFaceConfig` writes anew, in a spelling of its own; a second one must not stay beside it. */
const rewrittenFields = ['rope_parameters', 'dtype', 'torch_dtype', 'layer_types'];

/**
 * The content of a config.json that transformers (4.43 and later) loads. Fields of the original file that r5 has no use for are kept.
 * `dtype` is the element type of the weights beside it.
 */
export function toHuggingFaceConfig(config: ModelConfig, dtype: 'F32' | 'F16' | 'BF16' = 'F32'): Record<string, unknown> {
  const [firstEnd, ...moreEnds] = config.endTokens;
  const endTokens = firstEnd === undefined ? null : moreEnds.length === 0 ? firstEnd : config.endTokens;
  const torchDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype];
  if (!isPlainFamily(config.family)) {
    // Their files say more than r5 keeps, so they stay as they came but for what may have changed.
    const { dtype: _, torch_dtype: __, ...rest } = config.raw;
    return { ...rest, num_hidden_layers: config.layers, vocab_size: config.vocabularySize, eos_token_id: endTokens, torch_dtype: torchDtype };
  }
  const kept = Object.fromEntries(Object.entries(config.raw).filter(([field]) => !rewrittenFields.includes(field)));
  return {
    ...kept,
    architectures: [families[config.family].architecture],
    model_type: config.family,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.contextLength,
    hidden_act: 'silu',
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    rope_scaling: toHuggingFaceRopeScaling(config.ropeScaling),
    tie_word_embeddings: config.tieEmbeddings,
    ...(config.family === 'qwen2' ? {} : { attention_bias: config.attentionBias }),
    ...(config.family === 'llama' ? { mlp_bias: config.mlpBias } : { use_sliding_window: false }),
    bos_token_id: config.beginToken,
    eos_token_id: endTokens,
    torch_dtype: torchDtype,
  };
}
