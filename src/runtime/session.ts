/** A compiled graph. */
import { BoundRun } from './bound-run.ts';
import { compile, type CompileSettings } from './compile.ts';
import type { Environment } from './environment.ts';
import type { Pointer } from './function-table.ts';
import { matchPorts, type TensorsByName } from './match-ports.ts';
import { SharedHandle } from './shared-handle.ts';
import type { Storage, TensorValue } from './storage.ts';
import { readPorts, type Port } from './signature.ts';

export interface SessionSettings extends Omit<CompileSettings, 'initializers'> {
  /** Memory for the initializers that the model declares as external, by name. */
  initializers: Readonly<Record<string, TensorValue>>;
}

export class Session extends SharedHandle {
  readonly name: string;
  /** What the graph takes and gives, in its order. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #environment: Environment;
  readonly #session: Pointer;
  readonly #runs = new Set<BoundRun>();
  readonly #initializers: readonly Storage[];
  readonly #onRelease: () => void;

  /** Made by `Runtime.session`. */
  constructor(environment: Environment, model: Uint8Array, settings: SessionSettings, onRelease: () => void) {
    super(`session "${settings.name}"`);
    this.name = settings.name;
    this.#environment = environment;
    this.#onRelease = onRelease;
    const initializers = Object.entries(settings.initializers);
    this.#session = compile(environment, model, { ...settings, initializers: new Map(initializers.map(([key, value]) => [key, value.pointer])) });
    environment.hold();
    this.#initializers = initializers.map(([, value]) => value.storage);
    for (const storage of this.#initializers) storage.hold();
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
   * Fixes what a run reads and where it writes. Every input and output of the graph must be given, with its type and sizes; a symbol
   * must have one size throughout. The same memory may be bound to an input and an output: the output is written over the input, so
   * that is right only where nothing reads the input afterwards (a key-value cache, an element-wise update). Throws R5Error naming what
   * does not fit.
   */
  bind(inputs: TensorsByName, outputs: TensorsByName): BoundRun {
    this.assertAlive();
    const [inputValues = [], outputValues = []] = matchPorts([
      [{ label: this.label, direction: 'input', ports: this.inputs }, inputs],
      [{ label: this.label, direction: 'output', ports: this.outputs }, outputs],
    ]);
    const onRelease = () => this.#runs.delete(run);
    const origin = { library: this.#environment.library, session: this, pointer: this.#session, onRelease };
    const run: BoundRun = new BoundRun(origin, inputValues, outputValues);
    this.#runs.add(run);
    return run;
  }

  protected override detach(): void {
    this.#onRelease();
    for (const run of this.#runs) run.release();
  }

  protected override destroy(): void {
    this.#environment.library.functions.releaseSession(this.#session);
    for (const { nativeName } of [...this.inputs, ...this.outputs]) this.#environment.free(nativeName);
    for (const storage of this.#initializers) storage.drop();
    this.#environment.drop();
  }
}
