/** Logits of a model directory, through the forward pass that training uses. The engine itself never hands logits out. */
import { Parameters } from '../src/engine/local/parameters.ts';
import { openSession, pick } from '../src/engine/local/open-session.ts';
import { weightValues } from '../src/engine/local/graph-weights.ts';
import { ropeValues } from '../src/engine/local/model-graph.ts';
import { compileLogits } from '../src/engine/local/training-graph.ts';
import { openCheckpoint } from '../src/model/checkpoint.ts';
import { SequenceBuffers } from '../src/engine/local/sequence-buffers.ts';
import { Runtime } from '../src/runtime/runtime.ts';

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
    const session = openSession(runtime, compileLogits({ config, parameters, lora: undefined, contextLength }), shared, 'logits');
    const buffers = new SequenceBuffers(runtime, config);
    const results: Float32Array[] = [];
    for (const sequence of sequences) {
      const time = sequence.length;
      // A row of n entries is a sequence of n + 1 tokens, the last of which is only a target.
      const inputs = buffers.write([{ tokens: [...sequence, 0], inputs: {} }], { members: [0], time, prefix: 0 }, [], 1);
      const logits = runtime.allocate('float32', [time, config.vocabularySize]);
      const run = session.bind(pick({ ...shared, ...inputs }, session.inputNames), { logits: logits.value([time, config.vocabularySize]) });
      await run.run();
      results.push(logits.data.slice());
    }
    return results;
  } finally {
    runtime.release();
  }
}
