/** A model as a GGUF file: architecture, shape and tensors under the names of llama.cpp (gguf-py constants, convert_hf_to_gguf). */
import { R5Error } from '../error.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { tensorType, writeGguf, type GgufTensor, type GgufType, type GgufValue } from './gguf.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';
import { ropeFrequencies } from './rope.ts';
import { transposeInto } from './transpose.ts';
import type { ModelConfig, ModelFamily } from './config.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Mistral and Llama are one to llama.cpp. */
const ARCHITECTURES: Partial<Readonly<Record<ModelFamily, string>>> = { llama: 'llama', mistral: 'llama', qwen2: 'qwen2', qwen3: 'qwen3' };

const FILE_TYPE: Readonly<Record<GgufType, number>> = { f32: 0, f16: 1, q8_0: 7 };

const BLOCK_NAMES: Readonly<Record<string, string>> = {
  'input_layernorm': 'attn_norm', 'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v', 'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm', 'self_attn.k_norm': 'attn_k_norm', 'post_attention_layernorm': 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate', 'mlp.up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down',
};
const OTHER_NAMES: Readonly<Record<string, string>> = { 'model.embed_tokens': 'token_embd', 'model.norm': 'output_norm', 'lm_head': 'output' };

export interface GgufOptions {
  type: GgufType;
  /** Where the tokenizer's files are. */
  directory: string;
  tokenizer: Tokenizer;
  /** Values of a parameter in the engine's layout. */
  values: (name: string) => Float32Array;
  /** Whether a tokenizer that llama.cpp does not have is exported all the same. */
  anyWords?: boolean;
}

/** Throws R5Error for an architecture or a tokenizer that cannot be exported. */
export async function writeGgufModel(path: string, config: ModelConfig, options: GgufOptions): Promise<void> {
  const architecture = ARCHITECTURES[config.family];
  if (architecture === undefined) {
    throw new R5Error(`GGUF export has no ${config.family}; it has ${Object.keys(ARCHITECTURES).join(', ')}. Export safetensors and convert that.`);
  }
  const { type, directory, tokenizer, anyWords = false } = options;
  const metadata = new Map([...modelMetadata(config, architecture, type), ...(await ggufTokenizer(directory, tokenizer, config, anyWords))]);
  const tensors = parameterSpecs(config).map((spec): GgufTensor => ({
    name: tensorName(spec.name), shape: spec.shape, type: tensorType(spec.shape, type), data: () => fileValues(spec, config, options.values(spec.name)),
  }));
  if (config.ropeScaling?.type === 'llama3') tensors.push(ropeFactors(config));
  await writeGguf(path, metadata, tensors);
}

function modelMetadata(config: ModelConfig, architecture: string, type: GgufType): Map<string, GgufValue> {
  const whole = (value: number): GgufValue => ({ type: 'uint32', value });
  const real = (value: number): GgufValue => ({ type: 'float32', value });
  const text = (value: string): GgufValue => ({ type: 'string', value });
  const own = (key: string) => `${architecture}.${key}`;
  const entries = new Map<string, GgufValue>([
    ['general.architecture', text(architecture)],
    ['general.type', text('model')],
    ['general.file_type', whole(FILE_TYPE[type])],
    ['general.quantization_version', whole(2)],
    [own('context_length'), whole(config.contextLength)],
    [own('embedding_length'), whole(config.hiddenSize)],
    [own('block_count'), whole(config.layers)],
    [own('feed_forward_length'), whole(config.intermediateSize)],
    [own('attention.head_count'), whole(config.heads)],
    [own('attention.head_count_kv'), whole(config.keyValueHeads)],
    [own('attention.key_length'), whole(config.headSize)],
    [own('attention.value_length'), whole(config.headSize)],
    [own('attention.layer_norm_rms_epsilon'), real(config.normEpsilon)],
    [own('rope.dimension_count'), whole(config.headSize)],
    [own('rope.freq_base'), real(config.ropeTheta)],
    [own('vocab_size'), whole(config.vocabularySize)],
  ]);
  const scaling = config.ropeScaling;
  if (scaling?.type === 'linear' || scaling?.type === 'yarn') {
    entries.set(own('rope.scaling.type'), text(scaling.type));
    entries.set(own('rope.scaling.factor'), real(scaling.factor));
  }
  if (scaling?.type === 'yarn') entries.set(own('rope.scaling.original_context_length'), whole(scaling.originalContextLength));
  const window = config.attention[0]?.window;
  if (window != null) entries.set(own('attention.sliding_window'), whole(window));
  return entries;
}

function tensorName(name: string): string {
  const [, base = name, kind = 'weight'] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const [, layer, inner] = /^model\.layers\.(\d+)\.(.*)$/.exec(base) ?? [];
  const found = inner === undefined ? OTHER_NAMES[base] : BLOCK_NAMES[inner];
  if (found === undefined) throw new Error(`no GGUF name for ${name}`);
  return inner === undefined ? `${found}.${kind}` : `blk.${layer}.${found}.${kind}`;
}

/** Values in the layout of files; llama.cpp rotates neighbouring elements of Llama's heads, so their rows are interleaved. */
function fileValues(spec: ParameterSpec, config: ModelConfig, values: Float32Array): Float32Array {
  let stored = values;
  const [rows = 0, columns = 1] = spec.shape;
  if (spec.transposed) {
    stored = new Float32Array(values.length);
    transposeInto(values, columns, rows, stored);
  }
  if (ARCHITECTURES[config.family] !== 'llama' || !/\.[qk]_proj\./.test(spec.name)) return stored;
  const { headSize } = config;
  const interleaved = new Float32Array(stored.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headSize;
    const source = row - within + (within % 2) * (headSize / 2) + Math.floor(within / 2);
    interleaved.set(stored.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return interleaved;
}

/** Llama 3's scaling as a divisor of each frequency. */
function ropeFactors(config: ModelConfig): GgufTensor {
  const plain = ropeFrequencies({ ...config, ropeScaling: null });
  const scaled = ropeFrequencies(config);
  return { name: 'rope_freqs.weight', shape: [plain.length], type: 'f32', data: () => plain.map((frequency, i) => frequency / (scaled[i] ?? 1)) };
}
