/** Feeds batches of whole sequences to the graphs of training-graph.ts, one rectangle at a time. */
import { checkLossInputs, checkTemperature, checkTokens, lossArray } from './batch-checks.ts';
import { cutIntoMicroBatches, type MicroBatch } from './micro-batches.ts';
import { compileForward, compileForwardBackward, gradientName, gradientOutputName, lossInputName, metricName, type SequenceGraphOptions } from './training-graph.ts';
import { pick } from './prompt-reader.ts';
import type { Datum, ForwardBackwardResult } from '../engine.ts';
import type { LossFunction } from '../loss.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { DType } from '../../tensor/index.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

/** Added to the attention scores of tokens that come later. */
const MASKED = -1e30;

export interface SequenceRunnerOptions extends SequenceGraphOptions {
  /** Most entries of one rectangle. More use more memory; fewer use the caches of the processor better. */
  microBatchTokens: number;
}

export class SequenceRunner {
  readonly #runtime: Runtime;
  readonly #options: SequenceRunnerOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  readonly #buffers = new Map<string, Storage>();
  readonly #sessions = new Map<string, { session: Session; loss: LossFunction | undefined }>();
  #causalTime = 0;

  constructor(runtime: Runtime, options: SequenceRunnerOptions, shared: Readonly<Record<string, TensorValue>>) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
  }

  /** Log-probabilities of each datum's tokens 1.. under the model at the temperature. */
  async forward(batch: readonly Datum[], temperature: number, values = this.#shared): Promise<Float32Array[]> {
    const logprobs: Float32Array[] = [];
    const rectangles = this.#cut(batch, temperature);
    const session = this.#session('forward', undefined);
    for (const rectangle of rectangles) {
      const inputs = this.#fill(batch, rectangle, [], temperature);
      await this.#run(session, { ...values, ...inputs }, this.#outputs(rectangle, []));
      this.#collectLogprobs(batch, rectangle, logprobs);
    }
    return logprobs;
  }

  /** Adds the gradient of the batch to the accumulators. Nothing is added when a datum is refused. */
  async forwardBackward(batch: readonly Datum[], loss: LossFunction, temperature: number): Promise<ForwardBackwardResult> {
    const rectangles = this.#cut(batch, temperature);
    checkLossInputs(batch, loss.inputs);
    const session = this.#session(`forwardBackward (${loss.name})`, loss);
    const result: ForwardBackwardResult = { loss: 0, metrics: {}, logprobs: [] };
    const metrics = session.outputNames.filter((name) => name.startsWith(metricName('')));
    const gradients = this.#options.parameters.trained;
    const accumulators = Object.fromEntries(gradients.map(({ name, shape, training }) => [gradientName(name), training.gradient.value(shape)]));
    const updated = Object.fromEntries(gradients.map(({ name, shape, training }) => [gradientOutputName(name), training.gradient.value(shape)]));
    for (const rectangle of rectangles) {
      const inputs = this.#fill(batch, rectangle, loss.inputs, temperature);
      const outputs = this.#outputs(rectangle, ['loss', ...metrics]);
      await this.#run(session, { ...this.#shared, ...accumulators, ...inputs }, { ...updated, ...outputs });
      result.loss += this.#scalar('loss');
      for (const name of metrics) {
        const short = name.slice(metricName('').length);
        result.metrics[short] = (result.metrics[short] ?? 0) + this.#scalar(name);
      }
      this.#collectLogprobs(batch, rectangle, result.logprobs);
    }
    return result;
  }

  #cut(batch: readonly Datum[], temperature: number): MicroBatch[] {
    const { config, contextLength, microBatchTokens } = this.#options;
    checkTemperature(temperature);
    checkTokens(batch, config.vocabularySize);
    return cutIntoMicroBatches(batch, microBatchTokens, contextLength);
  }

  async #run(session: Session, inputs: Record<string, TensorValue>, outputs: Record<string, TensorValue>): Promise<void> {
    const run = session.bind(pick(inputs, session.inputNames), outputs);
    try {
      await run.run();
    } finally {
      run.release();
    }
  }

  #session(name: string, loss: LossFunction | undefined): Session {
    const known = this.#sessions.get(name);
    if (known) {
      if (known.loss === loss) return known.session;
      // The same name with another function: the user's loss was made anew, so the graph is too.
      known.session.release();
    }
    const graph = loss ? compileForwardBackward(this.#options, loss) : compileForward(this.#options);
    const session = this.#runtime.session(graph.model, { name });
    this.#sessions.set(name, { session, loss });
    return session;
  }

  /** Writes a rectangle into the input buffers. */
  #fill(batch: readonly Datum[], { members, time }: MicroBatch, lossInputs: readonly string[], temperature: number): Record<string, TensorValue> {
    const shape = [members.length, time];
    const size = members.length * time;
    const tokens = this.#buffer('tokens', 'int64', size);
    const targets = this.#buffer('targets', 'int64', size);
    const positions = this.#buffer('positions', 'int64', size);
    const mask = this.#buffer('mask', 'float32', size);
    const arrays = lossInputs.map((name) => ({ name, storage: this.#buffer(lossInputName(name), 'float32', size) }));
    for (const storage of [tokens, targets]) storage.data.fill(0n, 0, size);
    for (const storage of [mask, ...arrays.map((array) => array.storage)]) storage.data.fill(0, 0, size);
    members.forEach((member, row) => {
      const datum = batch[member];
      if (!datum) throw new Error(`no datum ${member}`);
      const entries = datum.tokens.length - 1;
      const start = row * time;
      for (let i = 0; i < time; i++) positions.data[start + i] = BigInt(i);
      for (let i = 0; i < entries; i++) {
        tokens.data[start + i] = BigInt(datum.tokens[i] ?? 0);
        targets.data[start + i] = BigInt(datum.tokens[i + 1] ?? 0);
      }
      mask.data.fill(1, start, start + entries);
      for (const { name, storage } of arrays) storage.data.set(lossArray(datum, member, name), start);
    });
    const inverseTemperature = this.#buffer('inverseTemperature', 'float32', 1);
    inverseTemperature.data[0] = 1 / temperature;
    const values: Record<string, TensorValue> = {
      tokens: tokens.value(shape),
      targets: targets.value(shape),
      positions: positions.value(shape),
      mask: mask.value(shape),
      causal: this.#causalMask(time).value([time, time]),
      inverseTemperature: inverseTemperature.value([1]),
    };
    for (const { name, storage } of arrays) values[lossInputName(name)] = storage.value(shape);
    return values;
  }

  #outputs({ members, time }: MicroBatch, scalars: readonly string[]): Record<string, TensorValue> {
    const outputs: Record<string, TensorValue> = {
      logprobs: this.#buffer('logprobs', 'float32', members.length * time).value([members.length, time]),
    };
    for (const name of scalars) outputs[name] = this.#buffer(name, 'float32', 1).value([]);
    return outputs;
  }

  #collectLogprobs(batch: readonly Datum[], { members, time }: MicroBatch, into: Float32Array[]): void {
    const { data } = this.#buffer('logprobs', 'float32', members.length * time);
    members.forEach((member, row) => {
      into[member] = data.slice(row * time, row * time + (batch[member]?.tokens.length ?? 1) - 1);
    });
  }

  #scalar(name: string): number {
    return this.#buffer(name, 'float32', 1).data[0] ?? NaN;
  }

  #causalMask(time: number): Storage<'float32'> {
    const mask = this.#buffer('causal', 'float32', time * time);
    if (this.#causalTime === time) return mask;
    for (let query = 0; query < time; query++) {
      for (let key = 0; key < time; key++) mask.data[query * time + key] = key > query ? MASKED : 0;
    }
    this.#causalTime = time;
    return mask;
  }

  /** A buffer of at least `size` elements; grown, never shrunk. */
  #buffer<D extends DType>(name: string, dtype: D, size: number): Storage<D> {
    const known = this.#buffers.get(name);
    if (known && known.elements >= size) return known as Storage<D>;
    known?.release();
    if (name === 'causal') this.#causalTime = 0;
    const made = this.#runtime.allocate(dtype, [size]);
    this.#buffers.set(name, made);
    return made;
  }

  release(): void {
    for (const { session } of this.#sessions.values()) session.release();
    for (const storage of this.#buffers.values()) storage.release();
  }
}
