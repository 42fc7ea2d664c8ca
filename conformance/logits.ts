/** Logits of a model directory, through the forward pass that training uses. The engine itself never hands logits out. */
import { Parameters } from '../src/engine/local/parameters.ts';
import { openSession, pick } from '../src/engine/local/open-session.ts';
import { weightValues } from '../src/engine/local/graph-weights.ts';
import { ropeValues } from '../src/engine/local/model-graph.ts';
import { compileLogits } from '../src/engine/local/training-graph.ts';
import { openCheckpoint } from '../src/model/checkpoint.ts';
import { Runtime } from '../src/runtime/runtime.ts';
import type { TensorValue } from '../src/runtime/storage.ts';

/** One array [tokens * vocabulary] per sequence. */
export async function logitsOf(directory: string, sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const checkpoint = await openCheckpoint(directory);
  const { config } = checkpoint;
  const { contextLength } = config;
  const runtime = Runtime.open();
  try {
    const parameters = new Parameters(runtime, config, { lora: undefined, seed: 0 });
    await checkpoint.loadParameters((name) => parameters.target(name));
    const shared = { ...ropeValues(runtime, config, contextLength), ...weightValues(parameters) };
    const graph = compileLogits({ config, parameters, lora: undefined, contextLength });
    const session = openSession(runtime, graph, shared, 'logits');
    const results: Float32Array[] = [];
    for (const sequence of sequences) {
      const logits = runtime.allocate('float32', [sequence.length, config.vocabularySize]);
      const values = { ...shared, ...sequenceInputs(runtime, sequence) };
      const run = session.bind(pick(values, session.inputNames), { logits: logits.value([sequence.length, config.vocabularySize]) });
      await run.run();
      results.push(logits.data.slice());
    }
    return results;
  } finally {
    runtime.release();
  }
}

/** The inputs of a batch of one sequence. */
function sequenceInputs(runtime: Runtime, sequence: readonly number[]): Record<string, TensorValue> {
  const time = sequence.length;
  const row = (values: readonly number[]): TensorValue => {
    const storage = runtime.allocate('int64', [1, time]);
    values.forEach((value, i) => (storage.data[i] = BigInt(value)));
    return storage.value([1, time]);
  };
  const causal = runtime.allocate('float32', [time, time]);
  for (let query = 0; query < time; query++) causal.data.fill(-1e30, query * time + query + 1, (query + 1) * time);
  const inverseTemperature = runtime.allocate('float32', [1]);
  inverseTemperature.data[0] = 1;
  return {
    tokens: row(sequence),
    positions: row(sequence.map((_, i) => i)),
    causal: causal.value([time, time]),
    inverseTemperature: inverseTemperature.value([1]),
  };
}
