/** Low-rank adapters (Hu et al. 2021): a frozen matrix W [in, out] becomes W + A B alpha / rank, with A [in, rank] and B [rank, out]. */
import { R5Error } from '../error.ts';
import { Random } from '../random.ts';

export interface LoraOptions {
  /** Width of the adapters. */
  rank: number;
  /** Scale of the adapters' product is alpha / rank. */
  alpha: number;
}

/** Linear layers of a block that adapters go on: all of them. */
export const LORA_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

export const loraNameA = (weight: string): string => `${weight.replace(/\.weight$/, '')}.lora_A.weight`;
export const loraNameB = (weight: string): string => `${weight.replace(/\.weight$/, '')}.lora_B.weight`;

/** True for a weight that gets an adapter. */
export function hasAdapter(weight: string): boolean {
  return LORA_TARGETS.some((target) => weight.endsWith(`.${target}.weight`));
}

/** Throws unless the options make sense. */
export function checkLora({ rank, alpha }: LoraOptions): void {
  if (!Number.isInteger(rank) || rank < 1) throw new R5Error(`LoRA rank is ${rank}; it must be a whole number of at least 1, for example 16.`);
  if (!Number.isFinite(alpha) || alpha <= 0) throw new R5Error(`LoRA alpha is ${alpha}; it must be a positive number, for example 32.`);
}

/** Start of A: uniform in ±1/sqrt(in) (Kaiming with a = sqrt(5), as PEFT draws it). B starts at zero, so the model starts unchanged. */
export function drawLoraA(into: Float32Array, inputWidth: number, random: Random): void {
  const bound = 1 / Math.sqrt(inputWidth);
  for (let i = 0; i < into.length; i++) into[i] = (2 * random.uniform() - 1) * bound;
}
