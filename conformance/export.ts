/**
 * Trains adapters on small models for a few steps and exports them, with r5's greedy answers beside, for check_export.py to read back:
 *
 *     node conformance/export.ts MODELS OUT      MODELS as make_models.py writes them
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { Random } from '../src/random.ts';
import { crossEntropy } from '../src/rl/losses.ts';

/** Those whose linear layers PEFT finds under the same names. */
const MODELS = ['llama', 'llama-tied', 'llama-bias', 'mistral', 'qwen2', 'qwen3', 'smollm3', 'olmo2'];

const [models, out] = process.argv.slice(2);
if (models === undefined || out === undefined) {
  console.error('usage: node conformance/export.ts MODELS OUT');
  process.exit(2);
}
for (const name of MODELS) {
  const base = resolve(models, name);
  const engine = await LocalEngine.open(base, { lora: { rank: 4, alpha: 8 } });
  const random = new Random(7);
  const draw = (count: number) => Array.from({ length: count }, () => random.integer(3, engine.vocabularySize - 1));
  for (let step = 0; step < 6; step++) {
    const batch = [draw(20), draw(16)].map((tokens) => ({ tokens, inputs: { weights: new Float32Array(tokens.length - 1).fill(0.05) } }));
    await engine.forwardBackward(batch, crossEntropy);
    await engine.optimStep({ learningRate: 2e-2 });
  }
  const prompt = draw(12);
  const greedy = async (): Promise<number[]> => (await engine.sample([{ prompt }], { maxTokens: 12, temperature: 0, stopTokens: [] }))[0]?.[0]?.tokens ?? [];
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  await engine.exportAdapter(join(folder, 'adapter'), base);
  await engine.exportModel(join(folder, 'merged'));
  writeFileSync(join(folder, 'expected.json'), JSON.stringify({ base, prompt, greedy: await greedy() }));
  await engine.release();
  console.log(`${name}: exported`);
}
