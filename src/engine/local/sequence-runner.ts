/** Feeds batches of whole sequences to the graphs of training-graph.ts, one rectangle at a time. */
import { checkFirstEntries, checkLossInputs, checkTemperature, checkTokens } from './batch-checks.ts';
import { BlockRunner } from './block-runner.ts';
import { cutIntoMicroBatches, layoutOf, type MicroBatch } from './micro-batches.ts';
import { scoringShare } from './memory.ts';
import { compileForward, compileForwardBackward, gradientName, gradientOutputName, metricName, type SequenceGraphOptions } from './training-graph.ts';
import { SequenceBuffers } from './sequence-buffers.ts';
import { openSession, pick } from './open-session.ts';
import type { Datum, ForwardBackwardResult } from '../engine.ts';
import type { LossFunction } from '../loss.ts';
import type { Between } from './between.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { TensorValue } from '../../runtime/storage.ts';

export interface SequenceRunnerOptions extends SequenceGraphOptions {
  /** Most entries of one rectangle. More use more memory; fewer use the caches of the processor better. */
  microBatchTokens: number;
  /** Passes go block by block and compute activations again for the gradient; only adapters can be trained that way. */
  recompute?: boolean;
  between?: Between;
}

export class SequenceRunner {
  readonly #runtime: Runtime;
  readonly #options: SequenceRunnerOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  readonly #buffers: SequenceBuffers;
  /** Set where passes go block by block. */
  readonly #blocks: BlockRunner | undefined;
  readonly #sessions = new Map<string, { session: Session; loss: LossFunction | undefined }>();

  constructor(runtime: Runtime, options: SequenceRunnerOptions, shared: Readonly<Record<string, TensorValue>>) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
    this.#buffers = new SequenceBuffers(runtime, options.config);
    if (options.recompute) this.#blocks = new BlockRunner(runtime, options, shared, this.#buffers);
  }

  /** Log-probabilities of each datum's tokens 1.. under the model at the temperature. */
  async forward(batch: readonly Datum[], temperature: number, values = this.#shared): Promise<Float32Array[]> {
    const logprobs: Float32Array[] = [];
    const rectangles = this.#cut(batch, temperature);
    for (const rectangle of rectangles) {
      const inputs = this.#buffers.write(batch, rectangle, [], temperature);
      if (this.#blocks) await this.#blocks.forward(rectangle, inputs, values);
      else await this.#run(this.#session(`forward (${layoutOf(rectangle)})`, undefined, rectangle), { ...values, ...inputs }, this.#buffers.outputs(rectangle, []));
      this.#buffers.collectLogprobs(batch, rectangle, logprobs);
    }
    return logprobs;
  }

  /** Adds the gradient of the batch to the accumulators. Nothing is added when a datum is refused. */
  async forwardBackward(batch: readonly Datum[], loss: LossFunction, temperature: number): Promise<ForwardBackwardResult> {
    const rectangles = this.#cut(batch, temperature);
    checkLossInputs(batch, loss.inputs);
    const result: ForwardBackwardResult = { loss: 0, metrics: {}, logprobs: [] };
    for (const rectangle of rectangles) {
      const inputs = this.#buffers.write(batch, rectangle, loss.inputs, temperature);
      const metrics = this.#blocks ? await this.#blocks.forwardBackward(rectangle, inputs, loss) : await this.#wholeGraph(rectangle, inputs, loss);
      result.loss += this.#buffers.scalar('loss');
      for (const name of metrics) {
        const short = name.slice(metricName('').length);
        result.metrics[short] = (result.metrics[short] ?? 0) + this.#buffers.scalar(name);
      }
      this.#buffers.collectLogprobs(batch, rectangle, result.logprobs);
    }
    return result;
  }

  /** Forward and backward pass as one graph. Returns the names of the metrics. */
  async #wholeGraph(rectangle: MicroBatch, inputs: Record<string, TensorValue>, loss: LossFunction): Promise<string[]> {
    const session = this.#session(`forwardBackward (${loss.name}, ${layoutOf(rectangle)})`, loss, rectangle);
    const metrics = session.outputNames.filter((name) => name.startsWith(metricName('')));
    const { trained } = this.#options.parameters;
    const accumulators = Object.fromEntries(trained.map(({ name, shape, training }) => [gradientName(name), training.gradient.value(shape)]));
    const updated = Object.fromEntries(trained.map(({ name, shape, training }) => [gradientOutputName(name), training.gradient.value(shape)]));
    const outputs = this.#buffers.outputs(rectangle, ['loss', ...metrics]);
    await this.#run(session, { ...this.#shared, ...accumulators, ...inputs }, { ...updated, ...outputs });
    return metrics;
  }

  #cut(batch: readonly Datum[], temperature: number): MicroBatch[] {
    const { config, contextLength, microBatchTokens } = this.#options;
    checkTemperature(temperature);
    checkTokens(batch, config.vocabularySize);
    checkFirstEntries(batch);
    return cutIntoMicroBatches(batch, { budget: microBatchTokens, contextLength, scoringShare: scoringShare(config) });
  }

  async #run(session: Session, inputs: Record<string, TensorValue>, outputs: Record<string, TensorValue>): Promise<void> {
    const run = session.bind(pick(inputs, session.inputNames), outputs);
    const start = performance.now();
    try {
      await run.run();
    } finally {
      run.release();
    }
    await this.#options.between?.(performance.now() - start);
  }

  #session(name: string, loss: LossFunction | undefined, rectangle: MicroBatch): Session {
    const known = this.#sessions.get(name);
    if (known) {
      if (known.loss === loss) return known.session;
      // The same name with another function: the user's loss was made anew, so the graph is too.
      known.session.release();
    }
    const graph = loss ? compileForwardBackward(this.#options, loss, layoutOf(rectangle)) : compileForward(this.#options, layoutOf(rectangle));
    const session = openSession(this.#runtime, graph, this.#shared, name);
    this.#sessions.set(name, { session, loss });
    return session;
  }

  release(): void {
    for (const { session } of this.#sessions.values()) session.release();
    this.#blocks?.release();
    this.#buffers.release();
  }
}
