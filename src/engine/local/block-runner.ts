/**
 * Forward and backward pass block by block: what is kept of a block between the two is what it reads, and the rest is computed again (Chen
 * et al. 2016). It trains adapters; embeddings and output projection are frozen.
 */
import { headName } from '../../model/forward.ts';
import {
  compileBlock, compileBlockBackward, compileEmbed, compileLastNorm, compileLastNormBackward, compileLoss, trainedOf,
} from './block-graphs.ts';
import { graphWeights } from './graph-weights.ts';
import { openSession, pick } from './open-session.ts';
import { gradientName, gradientOutputName, metricName, type SequenceGraphOptions } from './training-graph.ts';
import { compilePiece, compileVocabularyEnd, PIECE_STATE, pieceValues, vocabularyPieces } from './vocabulary-graph.ts';
import type { Between } from './between.ts';
import type { LossFunction } from '../loss.ts';
import { layoutOf, rowsOf, type MicroBatch } from './micro-batches.ts';
import type { CompiledGraph } from '../../tensor/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { TensorValue } from '../../runtime/storage.ts';
import type { SequenceBuffers } from './sequence-buffers.ts';

type Values = Readonly<Record<string, TensorValue>>;

/** Where the running maximum of the scores starts. */
const LOWEST = -1e30;

interface BlockRunnerOptions extends SequenceGraphOptions {
  between?: Between;
}

export class BlockRunner {
  readonly #runtime: Runtime;
  readonly #options: BlockRunnerOptions;
  readonly #shared: Values;
  readonly #buffers: SequenceBuffers;
  readonly #sessions = new Map<string, Session>();
  readonly #losses = new Map<string, { loss: LossFunction; session: Session }>();

  constructor(runtime: Runtime, options: BlockRunnerOptions, shared: Values, buffers: SequenceBuffers) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
    this.#buffers = buffers;
  }

  /** Writes `logprobs`. `values` stands in for the weights that sampling and training share. */
  async forward(rectangle: MicroBatch, inputs: Values, values = this.#shared): Promise<void> {
    await this.#hiddenStates(rectangle, { ...values, ...inputs }, false);
    await this.#vocabulary(rectangle, { ...values, ...inputs }, false);
  }

  /** Writes `logprobs`, `loss` and the metrics, and adds to the accumulators of the gradient. Returns the names of the metrics. */
  async forwardBackward(rectangle: MicroBatch, inputs: Values, loss: LossFunction): Promise<string[]> {
    const { layers } = this.#options.config;
    const values = { ...this.#shared, ...inputs };
    await this.#hiddenStates(rectangle, values, true);
    await this.#vocabulary(rectangle, values, true);
    const metrics = await this.#loss(rectangle, inputs, loss);
    const { members, time } = rectangle;
    const logprobGradient = this.#buffers.buffer('logprobGradient', 'float32', members.length * time).value([members.length, time]);
    const hidden = (layer: number) => this.#rows(`hidden ${layer}`, rectangle);
    let gradient = this.#rows('gradient 0', rectangle);
    const kind = layoutOf(rectangle);
    const lastNorm = this.#session(`last norm, backward, ${kind}`, () => compileLastNormBackward(this.#options, kind));
    await this.#run(lastNorm, { ...values, hidden: hidden(layers), slopes: this.#scored('slopes', rectangle), logprobGradient }, { hiddenGradient: gradient });
    for (let layer = layers - 1; layer >= 0; layer--) {
      const session = this.#session(`block ${layer}, backward, ${kind}`, () => compileBlockBackward(this.#options, layer, kind));
      const next = this.#rows(`gradient ${(layers - layer) % 2}`, rectangle);
      const trained = trainedOf(this.#options.parameters, layer);
      const accumulators = Object.fromEntries(trained.map(({ name, shape, training }) => [gradientName(name), training.gradient.value(shape)]));
      const updated = Object.fromEntries(trained.map(({ name, shape, training }) => [gradientOutputName(name), training.gradient.value(shape)]));
      await this.#run(session, { ...values, ...accumulators, hidden: hidden(layer), nextGradient: gradient }, { ...updated, hiddenGradient: next });
      gradient = next;
    }
    return metrics;
  }

  /** What each block reads; with `keep` all of them stay, else each is overwritten by the next but one. The last is normed. */
  async #hiddenStates(rectangle: MicroBatch, values: Values, keep: boolean): Promise<void> {
    const { layers } = this.#options.config;
    const kind = layoutOf(rectangle);
    const place = (layer: number) => this.#rows(`hidden ${keep ? layer : layer % 2}`, rectangle);
    await this.#run(this.#session(`embedding, ${kind}`, () => compileEmbed(this.#options, kind)), values, { hidden: place(0) });
    for (let layer = 0; layer < layers; layer++) {
      const session = this.#session(`block ${layer}, ${kind}`, () => compileBlock(this.#options, layer, kind));
      await this.#run(session, { ...values, hidden: place(layer) }, { next: place(layer + 1) });
    }
    const lastNorm = this.#session(`last norm, ${kind}`, () => compileLastNorm(this.#options, kind));
    await this.#run(lastNorm, { ...values, hidden: place(layers) }, { normed: this.#scored('normed', rectangle) });
  }

  async #vocabulary(rectangle: MicroBatch, values: Values, slopes: boolean): Promise<void> {
    const { config, parameters } = this.#options;
    const head = headName(config);
    const width = config.hiddenSize;
    const rows = rectangle.members.length * rectangle.time;
    const names = PIECE_STATE.filter((name) => slopes || name !== 'mean');
    const place = (name: string, side: number) => {
      const columns = name === 'mean' ? width : 1;
      return this.#buffers.buffer(`${name} ${side}`, 'float32', rows * columns).value([rows, columns]);
    };
    for (const name of names) this.#buffers.buffer(`${name} 0`, 'float32', rows * (name === 'mean' ? width : 1)).data.fill(name === 'largest' ? LOWEST : 0);
    const targets = this.#buffers.buffer('targets', 'int64', rows).value([rows]);
    const pieces = vocabularyPieces(config.vocabularySize);
    for (const [i, piece] of pieces.entries()) {
      const own = pieceValues(parameters, head, piece, width);
      const session = this.#session(`vocabulary ${i}${slopes ? ', slopes' : ''}`, () => compilePiece(parameters, head, piece, width, slopes), own);
      const state = Object.fromEntries(names.map((name) => [name, place(name, i % 2)]));
      const after = Object.fromEntries(names.map((name) => [`${name}'`, place(name, (i + 1) % 2)]));
      await this.#run(session, { ...values, ...own, ...state, targets, normed: this.#scored('normed', rectangle) }, after);
    }
    const state = Object.fromEntries(names.map((name) => [name, place(name, pieces.length % 2)]));
    const { weights } = graphWeights(parameters);
    const end = this.#session(`vocabulary end${slopes ? ', slopes' : ''}`, () => compileVocabularyEnd(weights, head, width, slopes));
    const logprobs = this.#buffers.buffer('logprobs', 'float32', rows).value([rows, 1]);
    await this.#run(end, { ...values, ...state, targets }, { logprobs, ...(slopes ? { slopes: this.#scored('slopes', rectangle) } : {}) });
  }

  async #loss(rectangle: MicroBatch, inputs: Values, loss: LossFunction): Promise<string[]> {
    let known = this.#losses.get(loss.name);
    if (known?.loss !== loss) {
      // The same name with another function: the user's loss was made anew, so the graph is too.
      known?.session.release();
      known = { loss, session: this.#runtime.session(compileLoss(loss).model, { name: `loss ${loss.name}` }) };
      this.#losses.set(loss.name, known);
    }
    const { members, time } = rectangle;
    const metrics = known.session.outputNames.filter((name) => name.startsWith(metricName('')));
    const { logprobs, ...scalars } = this.#buffers.outputs(rectangle, ['loss', ...metrics]);
    if (!logprobs) throw new Error('logprobs is an output');
    const logprobGradient = this.#buffers.buffer('logprobGradient', 'float32', members.length * time).value([members.length, time]);
    await this.#run(known.session, { ...inputs, logprobs }, { ...scalars, logprobGradient });
    return metrics;
  }

  /** A buffer for all rows, [rows, hiddenSize]. */
  #rows(name: string, rectangle: MicroBatch): TensorValue {
    return this.#wide(name, rowsOf(rectangle));
  }

  /** A buffer for the rows that are scored, [members * time, hiddenSize]. */
  #scored(name: string, { members, time }: MicroBatch): TensorValue {
    return this.#wide(name, members.length * time);
  }

  #wide(name: string, rows: number): TensorValue {
    const { hiddenSize } = this.#options.config;
    return this.#buffers.buffer(name, 'float32', rows * hiddenSize).value([rows, hiddenSize]);
  }

  #session(name: string, graph: () => CompiledGraph, own: Values = {}): Session {
    const known = this.#sessions.get(name);
    if (known) return known;
    const session = openSession(this.#runtime, graph(), { ...this.#shared, ...own }, name);
    this.#sessions.set(name, session);
    return session;
  }

  async #run(session: Session, values: Values, outputs: Record<string, TensorValue>): Promise<void> {
    const run = session.bind(pick(values, session.inputNames), outputs);
    const start = performance.now();
    try {
      await run.run();
    } finally {
      run.release();
    }
    await this.#options.between?.(performance.now() - start);
  }

  release(): void {
    for (const session of this.#sessions.values()) session.release();
    for (const { session } of this.#losses.values()) session.release();
  }
}
