/** Fresh weights for a model that is trained from nothing. */
import { hashText, Random } from '../random.ts';
import type { ParameterTarget } from './checkpoint.ts';
import { elementCount, parameterSpecs } from './parameters.ts';
import type { ModelConfig } from './config.ts';

const DEVIATION = 0.02;

/**
 * Norm weights one, biases zero, matrices normal with deviation 0.02; those that write into the residual stream are scaled by
 * 1 / sqrt(2 layers), as in GPT-2 (Radford et al. 2019).
 */
export function drawParameters(config: ModelConfig, target: (name: string) => ParameterTarget, seed: number): void {
  const residualScale = 1 / Math.sqrt(2 * config.layers);
  for (const spec of parameterSpecs(config)) {
    const { name, kind } = spec;
    const into = target(name);
    // Where the values go elsewhere they are drawn in the layout of files; the distribution is the same.
    const data = typeof into === 'function' ? new Float32Array(elementCount(spec)) : into;
    if (kind === 'vector') {
      data.fill(name.endsWith('.bias') ? 0 : 1);
      if (typeof into === 'function') into(data);
      continue;
    }
    const random = new Random(seed, hashText(name));
    const deviation = /\.(o_proj|down_proj)\.weight$/.test(name) ? DEVIATION * residualScale : DEVIATION;
    for (let i = 0; i < data.length; i++) data[i] = random.normal() * deviation;
    if (typeof into === 'function') into(data);
  }
}
