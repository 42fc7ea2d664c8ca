/** A compiled graph. */
import { R5Error } from '../error.ts';
import { BoundRun } from './bound-run.ts';
import type { Environment } from './environment.ts';
import type { Out, Pointer } from './function-table.ts';
import type { Device } from './runtime.ts';
import { SharedHandle } from './shared-handle.ts';
import { readPorts, type Port } from './signature.ts';
import type { TensorValue } from './storage.ts';

/** ORT_ENABLE_ALL */
const ALL_OPTIMIZATIONS = 99;

export interface SessionSettings {
  name: string;
  device: Device;
  threads: number;
  onRelease: () => void;
}

export class Session extends SharedHandle {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #environment: Environment;
  readonly #session: Pointer;
  readonly #runs = new Set<BoundRun>();
  readonly #onRelease: () => void;

  /** Made by `Runtime.session`. */
  constructor(environment: Environment, model: Uint8Array, settings: SessionSettings) {
    super(`session "${settings.name}"`);
    this.name = settings.name;
    this.#onRelease = settings.onRelease;
    this.#session = compile(environment, model, settings);
    environment.hold();
    this.#environment = environment;
    this.inputs = readPorts(environment, this.#session, 'input');
    this.outputs = readPorts(environment, this.#session, 'output');
  }

  get inputNames(): string[] {
    return this.inputs.map((port) => port.name);
  }

  get outputNames(): string[] {
    return this.outputs.map((port) => port.name);
  }

  /**
   * Fixes what a run reads and where it writes. Every input and output of the graph must be there, with its type and sizes; a symbol
   * must have one size throughout. The same memory may be bound to an input and an output. Throws R5Error naming what does not fit.
   */
  bind(inputs: Readonly<Record<string, TensorValue>>, outputs: Readonly<Record<string, TensorValue>>): BoundRun {
    this.assertAlive();
    const symbols = new Map<string, { size: number; port: string }>();
    const inputValues = this.#match(this.inputs, inputs, 'input', symbols);
    const outputValues = this.#match(this.outputs, outputs, 'output', symbols);
    const run: BoundRun = new BoundRun(this.#environment, this, this.#session, inputValues, outputValues, () => this.#runs.delete(run));
    this.#runs.add(run);
    return run;
  }

  #match(
    ports: readonly Port[],
    values: Readonly<Record<string, TensorValue>>,
    side: 'input' | 'output',
    symbols: Map<string, { size: number; port: string }>,
  ): TensorValue[] {
    for (const name of Object.keys(values)) {
      if (!ports.some((port) => port.name === name)) {
        throw new R5Error(`${this.label} has no ${side} "${name}"; its ${side}s are ${ports.map((port) => port.name).join(', ') || 'none'}`);
      }
    }
    return ports.map((port) => {
      const value = values[port.name];
      if (value === undefined) throw new R5Error(`${this.label} needs its ${side} "${port.name}", and none was given`);
      this.#assertFits(port, value, side, symbols);
      return value;
    });
  }

  #assertFits(port: Port, value: TensorValue, side: string, symbols: Map<string, { size: number; port: string }>): void {
    const place = `${side} "${port.name}" of ${this.label}`;
    const given = `${value.dtype} [${value.shape.join(', ')}]`;
    value.storage.assertAlive();
    const wanted = `${port.dtype ?? 'a type without buffers'} [${port.shape.map((size) => size ?? '?').join(', ')}]`;
    const fits = port.shape.length === value.shape.length && port.shape.every((size, axis) => typeof size !== 'number' || size === value.shape[axis]);
    if (port.dtype !== value.dtype || !fits) throw new R5Error(`${place} is ${wanted}, and ${given} was given`);
    port.shape.forEach((symbol, axis) => {
      const size = value.shape[axis];
      if (typeof symbol !== 'string' || size === undefined) return;
      const first = symbols.get(symbol);
      if (first === undefined) symbols.set(symbol, { size, port: port.name });
      else if (first.size !== size) {
        throw new R5Error(`${place} is ${wanted}, and ${given} was given, but ${symbol} is ${first.size} in "${first.port}"`);
      }
    });
  }

  protected override detach(): void {
    this.#onRelease();
    for (const run of this.#runs) run.release();
  }

  protected override destroy(): void {
    this.#environment.library.functions.releaseSession(this.#session);
    for (const { nativeName } of [...this.inputs, ...this.outputs]) this.#environment.free(nativeName);
    this.#environment.drop();
  }
}

function compile(environment: Environment, model: Uint8Array, { name, device, threads }: SessionSettings): Pointer {
  const { library, env } = environment;
  const { functions } = library;
  const doing = `could not compile session "${name}"`;
  const options = library.result(doing, (out: Out<Pointer>) => functions.createSessionOptions(out));
  try {
    const shared = threads === environment.threads;
    library.check(shared ? functions.disablePerSessionThreads(options) : functions.setIntraOpNumThreads(options, threads), doing);
    library.check(functions.addSessionConfigEntry(options, 'session.use_env_allocators', '1'), doing);
    library.check(functions.setGraphOptimizationLevel(options, ALL_OPTIMIZATIONS), doing);
    if (device === 'webgpu') {
      library.check(functions.appendExecutionProvider(options, 'WebGPU', [], [], 0), `${doing} for the device webgpu`);
    }
    return library.result(doing, (out: Out<Pointer>) => functions.createSessionFromArray(env, model, model.byteLength, options, out));
  } finally {
    functions.releaseSessionOptions(options);
  }
}
