/** The four primitives on this machine: one set of weight buffers that sampling and training share, driven through ONNX Runtime. */
import { R5Error } from '../../error.ts';
import { checkLora, type LoraOptions } from '../../model/lora.ts';
import { openCheckpoint } from '../../model/checkpoint.ts';
import { drawParameters } from '../../model/initialization.ts';
import { loadTokenizer, type Tokenizer } from '../../model/tokenizer.ts';
import { Runtime, type RuntimeOptions } from '../../runtime/runtime.ts';
import { Decoder } from './decoder.ts';
import { Generator } from './generator.ts';
import { Optimizer } from './optimizer.ts';
import { Parameters } from './parameters.ts';
import { ropeValues } from './model-graph.ts';
import { PrefillRunner } from './prefill-runner.ts';
import { SequenceRunner } from './sequence-runner.ts';
import { loadTrainingState, mergedValue, saveTrainingState, saveWeights } from './training-state.ts';
import type { Completion, Datum, Engine, ForwardBackwardResult, GenerateRequest, Generation, OptimParams, OptimResult, ParameterChange, SampleRequest, SamplingParams } from '../engine.ts';
import type { LossFunction } from '../loss.ts';
import { activationBytes, BLOCKWISE_TOKENS, RECOMPUTE_ABOVE, WHOLE_TOKENS } from './memory.ts';
import { writeGgufModel } from '../../model/gguf-model.ts';
import type { GgufType } from '../../model/gguf.ts';
import { parameterSpecs } from '../../model/parameters.ts';
import { readPeftAdapter, writePeftAdapter, type PeftAdapter } from '../../model/peft.ts';
import type { WeightFormat } from '../../model/weight-format.ts';
import { weightValues } from './graph-weights.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { TensorValue } from '../../runtime/storage.ts';

export interface LocalEngineOptions extends RuntimeOptions {
  /** Trains adapters of this rank and leaves the model's own weights frozen. Default: all weights are trained. */
  lora?: LoraOptions | undefined;
  /** Directory of an adapter in the form of PEFT: puts it on the model, to use it (with `frozen`) or to train it further. Sets `lora`. */
  adapter?: string;
  /** Trains nothing: for sampling and serving. Takes a quarter of the memory. Default false. */
  frozen?: boolean;
  /**
   * How the model's own matrices are stored when they are frozen (adapters or `frozen`). f16 is exact for most checkpoints and slow to
   * decode with; int8 and int4 are blocks of 32 (Q8_0 and Q4_0 of GGUF). Default f32.
   */
  weights?: WeightFormat;
  /** Longest sequence, at most the model's own limit, which is the default. Shorter takes less memory. */
  contextLength?: number;
  /** Rows that decode together. Default 64. */
  decodeRows?: number;
  /**
   * Most bytes of keys and values that `generate` holds: first those of rows under way, fewer of which then decode together, then those of earlier
   * sequences for prompts that begin alike. A single sequence may take more. Default 2 GiB.
   */
  cacheBytes?: number;
  /** Most tokens of one forward-backward pass; larger batches are cut. Default 1024, or 2304 where passes go block by block. */
  microBatchTokens?: number;
  /**
   * Training passes go block by block and compute activations again for the gradient: less memory, more time; adapters only. Default: where
   * the activations of a pass would take more than 1.5 GB.
   */
  recompute?: boolean;
  /** Keeps a copy of the starting weights, for `forward` with `reference`. Default false. */
  reference?: boolean;
  /** Names the draws of fresh weights (adapters; all of them for `create`). Default 0. */
  seed?: number;
}

export class LocalEngine implements Engine {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer | undefined;
  readonly contextLength: number;
  readonly #runtime: Runtime;
  readonly #parameters: Parameters;
  readonly #prefill: PrefillRunner;
  readonly #decoder: Decoder;
  readonly #generator: Generator;
  readonly #sequences: SequenceRunner;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  readonly #directory: string | undefined;
  readonly #options: LocalEngineOptions;
  #optimizer: Optimizer | undefined;
  #reference: Readonly<Record<string, TensorValue>> | undefined;
  #version = 0;
  /** Settles when the work that was asked for last has ended. */
  #last: Promise<void> = Promise.resolve();
  #generating = false;

  private constructor(config: ModelConfig, options: LocalEngineOptions, tokenizer: Tokenizer | undefined, directory: string | undefined) {
    const { lora, seed = 0, decodeRows = 64, cacheBytes = 2 ** 31 } = options;
    if (lora) checkLora(lora);
    checkWeightFormat(options);
    checkCount('decodeRows', decodeRows);
    checkCount('cacheBytes', cacheBytes);
    this.config = config;
    this.tokenizer = tokenizer;
    this.contextLength = checkedContextLength(options.contextLength, config);
    this.#options = options;
    this.#directory = directory;
    this.#runtime = Runtime.open(options);
    this.#parameters = new Parameters(this.#runtime, config, { lora, seed, frozen: options.frozen ?? false, format: options.weights ?? 'f32' });
    const recompute = this.#recompute();
    const microBatchTokens = options.microBatchTokens ?? (recompute ? BLOCKWISE_TOKENS : WHOLE_TOKENS);
    checkCount('microBatchTokens', microBatchTokens);
    const shared = { ...ropeValues(this.#runtime, config, this.contextLength), ...weightValues(this.#parameters) };
    this.#shared = shared;
    const graphs = { config, parameters: this.#parameters, lora, contextLength: this.contextLength };
    this.#prefill = new PrefillRunner(this.#runtime, graphs, shared);
    this.#decoder = new Decoder(this.#runtime, { ...graphs, rows: decodeRows, tokenizer, between: this.#between }, shared, this.#prefill);
    const generating = { ...graphs, rows: decodeRows, tokenizer, cacheBytes, pieceTokens: pieceTokens(this.#parameters.count) };
    this.#generator = new Generator(this.#runtime, generating, shared, this.#prefill);
    this.#sequences = new SequenceRunner(this.#runtime, { ...graphs, microBatchTokens, recompute, between: this.#between }, shared);
  }

  /** Opens a model directory in the Hugging Face layout. Throws R5Error naming what is missing or does not fit. */
  static async open(directory: string, given: LocalEngineOptions = {}): Promise<LocalEngine> {
    const adapter = given.adapter === undefined ? undefined : await readPeftAdapter(given.adapter);
    const options = adapter ? { ...given, lora: { rank: adapter.rank, alpha: adapter.alpha } } : given;
    const checkpoint = await openCheckpoint(directory);
    const tokenizer = await loadTokenizer(directory, checkpoint.config);
    const engine = new LocalEngine(checkpoint.config, options, tokenizer, directory);
    try {
      await checkpoint.loadParameters((name) => engine.#parameters.target(name));
      if (adapter) loadAdapter(adapter, engine.#parameters, given.adapter ?? '');
    } catch (error) {
      await engine.release();
      throw error;
    }
    engine.#started();
    return engine;
  }

  /** A model with fresh random weights; without a tokenizer it has no stop strings. */
  static create(config: ModelConfig, options: LocalEngineOptions & { tokenizer?: Tokenizer; tokenizerDirectory?: string } = {}): LocalEngine {
    const engine = new LocalEngine(config, options, options.tokenizer, options.tokenizerDirectory);
    drawParameters(config, (name) => engine.#parameters.target(name), options.seed ?? 0);
    engine.#started();
    return engine;
  }

  #recompute(): boolean {
    const { recompute, lora, microBatchTokens = WHOLE_TOKENS } = this.#options;
    if (recompute && !lora) throw new R5Error('`recompute` trains adapters only; give `lora` as well, or leave it out.');
    return recompute ?? (lora !== undefined && activationBytes(this.config, microBatchTokens) > RECOMPUTE_ABOVE);
  }

  #started(): void {
    this.#parameters.takeSnapshot();
    if (this.#options.reference) this.#keepReference();
  }

  get weightsVersion(): number {
    return this.#version;
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }

  get endTokens(): readonly number[] {
    return this.config.endTokens;
  }

  get logprobTolerance(): number {
    return this.#parameters.stored.some(({ format }) => format !== 'f16') ? 0.3 : 1e-3;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  /** Number of elements of the model, adapters apart. */
  get parameterCount(): number {
    return this.#parameters.count;
  }

  sample(
    requests: readonly SampleRequest[],
    params: SamplingParams,
    onCompletion?: (request: number, index: number, completion: Completion) => void,
  ): Promise<Completion[][]> {
    return this.#inTurn(() => this.#decoder.sample(requests, params, { endTokens: this.config.endTokens, version: this.#version }, onCompletion));
  }

  async generate(request: GenerateRequest): Promise<Generation> {
    const result = this.#generator.add(request, () => this.#version);
    void this.#generateInTurns();
    return result;
  }

  /** Each step of generation is a turn of its own, so that other work waits for one step and no longer. */
  async #generateInTurns(): Promise<void> {
    if (this.#generating) return;
    this.#generating = true;
    while (this.#generator.busy) await this.#inTurn(() => this.#generator.step(this.#version));
    this.#generating = false;
  }

  /** Within long work that changes no weights: generation gets as much time as the piece of work before it took. */
  readonly #between = async (elapsedMs: number): Promise<void> => {
    const end = performance.now() + elapsedMs;
    while (this.#generator.busy && performance.now() < end) await this.#generator.step(this.#version);
  };

  forwardBackward(batch: readonly Datum[], loss: LossFunction, options: { temperature?: number } = {}): Promise<ForwardBackwardResult> {
    return this.#inTurn(() => this.#sequences.forwardBackward(batch, loss, options.temperature ?? 1));
  }

  async forward(batch: readonly Datum[], options: { temperature?: number; reference?: boolean } = {}): Promise<Float32Array[]> {
    if (options.reference && !this.#reference) {
      throw new R5Error('forward with `reference` needs the starting weights; open the engine with { reference: true }.');
    }
    return this.#inTurn(() => this.#sequences.forward(batch, options.temperature ?? 1, options.reference ? this.#reference : undefined));
  }

  optimStep(params: OptimParams): Promise<OptimResult> {
    return this.#inTurn(async () => {
      this.#optimizer ??= new Optimizer(this.#runtime, this.#parameters);
      this.#generator.forget();
      const gradientNorm = await this.#optimizer.step(params);
      return { gradientNorm, weightsVersion: ++this.#version };
    });
  }

  /** Runs work after all that was asked for before: it all shares buffers, and callers may overlap (many episodes, a server). */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    const ended = (): void => undefined;
    // Whoever asked for the work gets its error; the next in line does not.
    this.#last = result.then(ended, ended);
    return result;
  }

  parameterChanges(): ParameterChange[] {
    return this.#parameters.changes();
  }

  save(directory: string, options: { dtype?: 'F32' | 'F16' | 'BF16' } = {}): Promise<void> {
    return this.#inTurn(async () => {
      const { lora } = this.#options;
      await saveWeights(directory, this.config, this.#parameters, lora, this.#directory, options.dtype ?? 'F32');
      const counters = { optimizerSteps: this.#optimizer?.steps ?? 0, weightsVersion: this.#version };
      await saveTrainingState(directory, this.#parameters, counters, lora);
    });
  }

  /** Writes only what is needed to use the model: weights with adapters merged in, config and tokenizer. */
  exportModel(directory: string, options: { dtype?: 'F32' | 'F16' | 'BF16' } = {}): Promise<void> {
    const dtype = options.dtype ?? 'F32';
    return this.#inTurn(() => saveWeights(directory, this.config, this.#parameters, this.#options.lora, this.#directory, dtype));
  }

  /** Writes the model with adapters merged in as a GGUF file, for llama.cpp. Throws R5Error for what that has no place for. */
  exportGguf(path: string, options: { type?: GgufType; anyWords?: boolean } = {}): Promise<void> {
    const { tokenizer } = this;
    const directory = this.#directory;
    if (!tokenizer || directory === undefined) throw new R5Error('A GGUF file holds the tokenizer, and this model was made without one.');
    const { lora } = this.#options;
    const shapes = new Map(parameterSpecs(this.config).map(({ name, internalShape }) => [name, internalShape]));
    const values = (name: string) => mergedValue(name, shapes.get(name) ?? [], this.#parameters, lora);
    return this.#inTurn(() => writeGgufModel(path, this.config, { type: options.type ?? 'f16', directory, tokenizer, values, anyWords: options.anyWords ?? false }));
  }

  /** Writes the adapter in the form of Python's PEFT; `base` is what it belongs on. Throws R5Error for an engine without adapters. */
  exportAdapter(directory: string, base = this.#directory ?? ''): Promise<void> {
    const { lora } = this.#options;
    if (!lora) throw new R5Error('There is no adapter to export: the model was opened without `lora`.');
    const matrices = this.#parameters.all.flatMap(({ name, shape, value, adapter }) => (adapter ? [{ name, shape, data: value.data }] : []));
    return this.#inTurn(() => writePeftAdapter(directory, matrices, lora, base));
  }

  /** Throws R5Error, and leaves everything as it was, when the directory holds another model or was trained in another way. */
  load(directory: string): Promise<void> {
    return this.#inTurn(async () => {
      const state = await loadTrainingState(directory, this.#parameters, this.#options.lora);
      this.#generator.forget();
      this.#optimizer ??= new Optimizer(this.#runtime, this.#parameters);
      this.#optimizer.steps = state.optimizerSteps;
      this.#version = state.weightsVersion;
      // What accumulated belongs to the weights that are gone.
      this.#parameters.forgetGradient();
      this.#parameters.takeSnapshot();
    });
  }

  #keepReference(): void {
    const reference: Record<string, TensorValue> = { ...this.#shared };
    // What is not trained never moves, so it needs no copy.
    for (const { name, shape, value } of this.#parameters.trained) {
      const copy = this.#runtime.allocate('float32', shape);
      copy.data.set(value.data);
      reference[name] = copy.value(shape);
    }
    this.#reference = reference;
  }

  async release(): Promise<void> {
    this.#generator.release(new R5Error('The engine was released before this generation ended.'));
    this.#runtime.release();
  }
}

/** Tokens of prompts that are read between two decoding steps: for small models many, for large ones so few that other rows wait a fraction of a second. */
function pieceTokens(parameters: number): number {
  return Math.min(512, Math.max(64, Math.round(4e9 / parameters) * 8));
}

function loadAdapter({ matrices }: PeftAdapter, parameters: Parameters, directory: string): void {
  const wanted = new Map(parameters.all.filter(({ adapter }) => adapter).map((parameter) => [parameter.name, parameter]));
  for (const { name, shape, data } of matrices) {
    const parameter = wanted.get(name);
    if (parameter?.shape.join() !== shape.join()) {
      throw new R5Error(`${directory}: ${name} is [${shape.join(', ')}], and the model has ${parameter ? `[${parameter.shape.join(', ')}]` : 'no such layer'}; it belongs to another model.`);
    }
    parameter?.value.data.set(data);
  }
  // Layers that the adapter leaves alone: with B zero they stay as they are.
  const given = new Set(matrices.map(({ name }) => name));
  for (const [name, { value }] of wanted) if (!given.has(name) && name.includes('.lora_B.')) value.data.fill(0);
}

function checkWeightFormat({ weights = 'f32', frozen, lora, device }: LocalEngineOptions): void {
  if (weights === 'f32') return;
  if (!lora && !frozen) throw new R5Error(`Weights in ${weights} cannot be trained themselves; train adapters (LoRA), or use f32.`);
  if (device === 'webgpu') throw new R5Error(`Weights in ${weights} need the device cpu; on webgpu use f32.`);
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new R5Error(`${name} is ${value}; it must be a whole number of at least 1.`);
}

function checkedContextLength(wanted: number | undefined, config: ModelConfig): number {
  if (wanted === undefined) return config.contextLength;
  if (!Number.isInteger(wanted) || wanted < 2) throw new R5Error(`contextLength is ${wanted}; it must be a whole number of at least 2.`);
  if (wanted > config.contextLength) throw new R5Error(`contextLength is ${wanted}; the model was made for ${config.contextLength} tokens.`);
  return wanted;
}
