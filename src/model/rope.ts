/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864), half-split as in transformers: element i of a head is rotated with
 * element i + headSize/2 by the angle
 *
 *     position * frequency_i,    frequency_i = theta^(-2i / headSize),    i = 0 .. headSize/2 - 1
 *
 * Stretched to longer contexts, the frequencies become
 *
 *     linear    frequency / factor
 *     llama3    frequency / factor where the wavelength 2 pi / frequency exceeds original / lowFrequencyFactor; frequency where it is
 *               below original / highFrequencyFactor; between the two (1 - s) frequency / factor + s frequency, with
 *               s = (original / wavelength - low) / (high - low)                        (Llama 3.1, transformers modeling_rope_utils)
 *     yarn      (1 - k_i) frequency / factor + k_i frequency, k_i falling linearly from 1 to 0 between the dimensions that turn
 *               betaFast and betaSlow times over the original context; cosine and sine times attentionFactor   (arXiv:2309.00071)
 */
import type { ModelConfig } from './config.ts';
import type { Llama3Scaling, YarnScaling } from './rope-scaling.ts';

/** What of the model's shape the table depends on. */
export type RopeShape = Pick<ModelConfig, 'headSize' | 'ropeTheta' | 'ropeScaling'> & Partial<Pick<ModelConfig, 'rotatedSize'>>;

/**
 * Cosine and sine of the rotation angles of positions 0 to `positions - 1`, each row-major [positions, headSize / 2].
 *
 * Frequencies and angles are rounded to float32 as Python's transformers rounds them: at position 30000 the rounding moves an angle by
 * a thousandth, and a model has learned with it.
 */
export function ropeTable(config: RopeShape, positions: number): { cos: Float32Array; sin: Float32Array } {
  const frequencies = ropeFrequencies(config);
  const half = frequencies.length;
  const rotated = (config.rotatedSize ?? config.headSize) / 2;
  const factor = config.ropeScaling && 'attentionFactor' in config.ropeScaling ? config.ropeScaling.attentionFactor : 1;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * frequencies[i]!);
      // What is not rotated is not scaled either.
      const scale = i < rotated ? factor : 1;
      cos[position * half + i] = Math.cos(angle) * scale;
      sin[position * half + i] = Math.sin(angle) * scale;
    }
  }
  return { cos, sin };
}

/** Radians per position of each pair of elements, scaled, [headSize / 2]. */
export function ropeFrequencies({ headSize, ropeTheta, ropeScaling, rotatedSize = headSize }: RopeShape): Float32Array {
  if (rotatedSize < headSize) {
    // Pairs that are not rotated turn by nothing; see `rotaryOrder` for where they lie.
    const rotated = ropeFrequencies({ headSize: rotatedSize, ropeTheta, ropeScaling });
    return Float32Array.from({ length: headSize / 2 }, (_, i) => rotated[i] ?? 0);
  }
  const base = Float32Array.from({ length: headSize / 2 }, (_, i) => 1 / Math.fround(ropeTheta ** Math.fround((2 * i) / headSize)));
  switch (ropeScaling?.type) {
    case undefined:
      return base;
    case 'linear':
      return base.map((frequency) => frequency / ropeScaling.factor);
    case 'llama3':
      return base.map((frequency) => llama3Frequency(frequency, ropeScaling));
    case 'longrope':
      return base.map((frequency, i) => frequency / Math.fround(ropeScaling.shortFactors[i] ?? 1));
    case 'yarn': {
      const kept = yarnKeptShare(ropeScaling, headSize, ropeTheta);
      return base.map((frequency, i) => (1 - kept[i]!) * (frequency / ropeScaling.factor) + kept[i]! * frequency);
    }
  }
}

function llama3Frequency(frequency: number, scaling: Llama3Scaling): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength: original } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength > original / low) return frequency / factor;
  if (wavelength < original / high) return frequency;
  const smooth = (original / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** k_i of the formula above, one a pair of elements. */
function yarnKeptShare(scaling: YarnScaling, headSize: number, theta: number): number[] {
  /** The (fractional) dimension whose pair turns `rotations` times over the original context. */
  const dimensionOf = (rotations: number): number =>
    (headSize * Math.log(scaling.originalContextLength / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const [low, high] = [dimensionOf(scaling.betaFast), dimensionOf(scaling.betaSlow)];
  const start = Math.max(scaling.truncate ? Math.floor(low) : low, 0);
  const end = Math.min(scaling.truncate ? Math.ceil(high) : high, headSize - 1);
  // Equal ends would divide by zero; transformers widens the ramp by this much.
  const width = start === end ? 0.001 : end - start;
  return Array.from({ length: headSize / 2 }, (_, i) => 1 - Math.min(Math.max((i - start) / width, 0), 1));
}

/**
 * Row of a head in files that stands at `index` in memory, when only the first `rotatedSize` of `headSize` elements are rotated: rotated
 * pairs come first in both halves, so that the whole head can be turned at once. The order within a head means nothing to attention.
 */
export function rotaryOrder(index: number, headSize: number, rotatedSize: number): number {
  const half = headSize / 2;
  const rotated = rotatedSize / 2;
  const place = index % half;
  const second = index >= half;
  if (place < rotated) return second ? rotated + place : place;
  const kept = rotatedSize + (place - rotated);
  return second ? kept + (half - rotated) : kept;
}
