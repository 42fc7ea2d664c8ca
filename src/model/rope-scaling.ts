/**
 * How a config.json says that rotary positions are stretched to longer contexts, in its three spellings: `rope_scaling` with `type`,
 * `rope_scaling` with `rope_type`, and transformers 5's `rope_parameters`, which also carries `rope_theta`.
 */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { checkAgainst } from './json-file.ts';

/** `null`: plain rotary positions. What each kind computes stands in rope.ts. */
export type RopeScaling = null | LinearScaling | Llama3Scaling | YarnScaling | LongRopeScaling;

/** Phi-3: each frequency divided by a factor of its own; the factors of contexts up to the original one. */
export interface LongRopeScaling {
  type: 'longrope';
  shortFactors: readonly number[];
  /** Of cosine and sine. */
  attentionFactor: number;
  originalContextLength: number;
}

/** Positions divided by `factor`. */
export interface LinearScaling {
  type: 'linear';
  factor: number;
}

/** Llama 3.1: long wavelengths divided by `factor`, short ones kept, a ramp between. */
export interface Llama3Scaling {
  type: 'llama3';
  factor: number;
  lowFrequencyFactor: number;
  highFrequencyFactor: number;
  /** Context length, in tokens, that the model was first trained for. */
  originalContextLength: number;
}

/** YaRN (Peng et al. 2023, arXiv:2309.00071). */
export interface YarnScaling {
  type: 'yarn';
  factor: number;
  /** Rotations over the original context above which a dimension keeps its frequency. */
  betaFast: number;
  /** Rotations below which a dimension's frequency is divided by `factor`. */
  betaSlow: number;
  originalContextLength: number;
  /** Cosines and sines are multiplied by it. */
  attentionFactor: number;
  /** Whether the ramp's ends are rounded outwards to whole dimensions. */
  truncate: boolean;
}

const positive = z.number().positive();
const positiveInteger = z.int().positive();

const linearSchema = z.looseObject({ factor: positive });
const llama3Schema = z.looseObject({
  factor: positive,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: positiveInteger.nullish(),
});
const yarnSchema = z.looseObject({
  factor: positive,
  attention_factor: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  mscale: z.number().nonnegative().nullish(),
  mscale_all_dim: z.number().nonnegative().nullish(),
  original_max_position_embeddings: positiveInteger.nullish(),
  truncate: z.boolean().nullish(),
});
const longRopeSchema = z.looseObject({
  short_factor: z.array(positive),
  factor: positive.nullish(),
  attention_factor: positive.nullish(),
  original_max_position_embeddings: positiveInteger.nullish(),
});

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const parametersSchema = z.looseObject({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: positive.nullish(),
  partial_rotary_factor: z.number().nullish(),
});

/** Where rope is described in config.json, as parsed by config.ts. */
export interface RopeFields {
  rope_theta?: number | null | undefined;
  rope_scaling?: Record<string, unknown> | null | undefined;
  rope_parameters?: Record<string, unknown> | null | undefined;
  original_max_position_embeddings?: number | null | undefined;
}

export interface Rope {
  theta: number;
  scaling: RopeScaling;
  /** Base of the layers that see a window only, where the file tells them apart. */
  localTheta?: number;
  /** Share of a head that is rotated, where the file says it here. */
  rotatedShare?: number;
}

/** Base and scaling. Throws R5Error that names `source` (the file) for a kind of scaling that r5 does not have, or impossible numbers. */
export function parseRope(fields: RopeFields, contextLength: number, source: string): Rope {
  // transformers 5 gives the older spelling precedence where a file has both.
  const key = fields.rope_scaling ? 'rope_scaling' : 'rope_parameters';
  const raw = fields.rope_scaling ?? fields.rope_parameters ?? {};
  const where = `${source}: ${key}`;
  const { full_attention: whole, sliding_attention: local } = raw;
  if (isRecord(whole) && isRecord(local)) {
    const localRope = parseRope({ ...fields, rope_scaling: null, rope_parameters: local }, contextLength, source);
    if (localRope.scaling) throw new R5Error(`${where}: sliding_attention is scaled, which r5 does not have.`);
    return { ...parseRope({ ...fields, rope_scaling: null, rope_parameters: whole }, contextLength, source), localTheta: localRope.theta };
  }
  if (whole !== undefined || local !== undefined) throw new R5Error(`${where} must have both full_attention and sliding_attention, or neither.`);
  const parameters = checkAgainst(parametersSchema, raw, where);
  const type = parameters.rope_type ?? parameters.type ?? 'default';
  return {
    theta: parameters.rope_theta ?? fields.rope_theta ?? 10_000,
    scaling: parseScaling(type, { original_max_position_embeddings: fields.original_max_position_embeddings, ...parameters }, contextLength, where),
    ...(parameters.partial_rotary_factor == null ? {} : { rotatedShare: parameters.partial_rotary_factor }),
  };
}

function parseScaling(type: string, raw: Record<string, unknown>, contextLength: number, where: string): RopeScaling {
  switch (type) {
    case 'default':
      return null;
    case 'linear':
      return { type, factor: checkAgainst(linearSchema, raw, where).factor };
    case 'llama3':
      return parseLlama3(raw, contextLength, where);
    case 'yarn':
      return parseYarn(raw, contextLength, where);
    case 'longrope':
    case 'su':
      return parseLongRope(raw, contextLength, where);
    default:
      throw new R5Error(`${where}: the kind ${JSON.stringify(type)} is not supported. r5 supports default, linear, llama3, yarn and longrope.`);
  }
}

function parseLlama3(raw: Record<string, unknown>, contextLength: number, where: string): Llama3Scaling {
  const fields = checkAgainst(llama3Schema, raw, where);
  if (fields.high_freq_factor <= fields.low_freq_factor) {
    throw new R5Error(
      `${where}: high_freq_factor (${fields.high_freq_factor}) must be larger than low_freq_factor (${fields.low_freq_factor}).`,
    );
  }
  return {
    type: 'llama3',
    factor: fields.factor,
    lowFrequencyFactor: fields.low_freq_factor,
    highFrequencyFactor: fields.high_freq_factor,
    originalContextLength: fields.original_max_position_embeddings ?? contextLength,
  };
}

function parseLongRope(raw: Record<string, unknown>, contextLength: number, where: string): LongRopeScaling {
  const fields = checkAgainst(longRopeSchema, raw, where);
  const original = fields.original_max_position_embeddings ?? contextLength;
  const stretch = fields.factor ?? contextLength / original;
  const attentionFactor = fields.attention_factor ?? (stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(original)));
  return { type: 'longrope', shortFactors: fields.short_factor, attentionFactor, originalContextLength: original };
}

function parseYarn(raw: Record<string, unknown>, contextLength: number, where: string): YarnScaling {
  const fields = checkAgainst(yarnSchema, raw, where);
  return {
    type: 'yarn',
    factor: fields.factor,
    betaFast: fields.beta_fast ?? 32,
    betaSlow: fields.beta_slow ?? 1,
    originalContextLength: fields.original_max_position_embeddings ?? contextLength,
    attentionFactor: fields.attention_factor ?? yarnAttentionFactor(fields.factor, fields.mscale ?? 0, fields.mscale_all_dim ?? 0),
    truncate: fields.truncate ?? true,
  };
}

/** 0.1 ln(factor) + 1 (equation 22 of the paper); DeepSeek's `mscale` and `mscale_all_dim` replace it by a ratio of two such terms. */
function yarnAttentionFactor(factor: number, mscale: number, mscaleAllDimensions: number): number {
  const term = (scale: number): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return mscale > 0 && mscaleAllDimensions > 0 ? term(mscale) / term(mscaleAllDimensions) : term(1);
}

/** The `rope_scaling` object of config.json, as every release of transformers since 4.43 reads it. */
export function toHuggingFaceRopeScaling(scaling: RopeScaling): Record<string, unknown> | null {
  if (scaling === null) return null;
  switch (scaling.type) {
    case 'linear':
      return { rope_type: 'linear', factor: scaling.factor };
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContextLength,
      };
    case 'longrope':
      throw new Error('longrope is written as it was read');
    case 'yarn':
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        attention_factor: scaling.attentionFactor,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        original_max_position_embeddings: scaling.originalContextLength,
        truncate: scaling.truncate,
      };
  }
}
