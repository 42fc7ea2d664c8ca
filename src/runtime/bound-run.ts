/** One way to run a session: its inputs and outputs fixed, nothing left to allocate. */
import koffi from 'koffi';
import { R5Error } from '../error.ts';
import type { Environment } from './environment.ts';
import type { Pointer } from './function-table.ts';
import type { Session } from './session.ts';
import { SharedHandle } from './shared-handle.ts';
import type { Storage, TensorValue } from './storage.ts';

const POINTER_BYTES = 8;

type RunArguments = [Pointer, null, Pointer, Pointer, number, Pointer, number, Pointer];

/** Where a bound run comes from. */
interface Origin {
  environment: Environment;
  session: Session;
  /** The native session. */
  pointer: Pointer;
  onRelease: () => void;
}

export class BoundRun extends SharedHandle {
  readonly #environment: Environment;
  readonly #session: Session;
  readonly #storages: ReadonlySet<Storage>;
  /** Four arrays of pointers, one after the other: input names, inputs, output names, outputs. */
  readonly #pointers: Pointer;
  readonly #arguments: RunArguments;
  readonly #onRelease: () => void;
  #running = false;

  /** Made by `Session.bind`; `inputs` and `outputs` are in the order of the session's. */
  constructor({ environment, session, pointer, onRelease }: Origin, inputs: readonly TensorValue[], outputs: readonly TensorValue[]) {
    super(`a run of ${session.label}`);
    this.#environment = environment;
    this.#session = session;
    this.#onRelease = onRelease;
    this.#storages = new Set([...inputs, ...outputs].map((value) => value.storage));
    const columns = [
      session.inputs.map((port) => port.nativeName),
      inputs.map((value) => value.pointer),
      session.outputs.map((port) => port.nativeName),
      outputs.map((value) => value.pointer),
    ];
    const flat = columns.flat();
    this.#pointers = environment.allocate(Math.max(1, flat.length) * POINTER_BYTES);
    environment.hold();
    new BigUint64Array(koffi.view(this.#pointers, flat.length * POINTER_BYTES)).set(flat);
    const at = (index: number) => this.#pointers + BigInt(index * POINTER_BYTES);
    const [n, m] = [inputs.length, outputs.length];
    this.#arguments = [pointer, null, at(0), at(n), n, at(2 * n), m, at(2 * n + m)];
  }

  /**
   * Runs the graph on a thread of its own; the event loop goes on. Rejects with RuntimeError carrying the session's name and ONNX
   * Runtime's message. Until it has ended the bound memory must not be touched; what is released meanwhile is freed at its end.
   */
  async run(): Promise<void> {
    this.#begin();
    const { library } = this.#environment;
    try {
      const status = await new Promise<Pointer | null>((resolve, reject) => {
        library.functions.run.async(...this.#arguments, (error: unknown, result: Pointer | null) =>
          error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
        );
      });
      library.check(status, `${this.#session.label} failed`);
    } finally {
      this.#end();
    }
  }

  /** As `run`, on the calling thread, which waits. */
  runSync(): void {
    this.#begin();
    const { library } = this.#environment;
    try {
      library.check(library.functions.run(...this.#arguments), `${this.#session.label} failed`);
    } finally {
      this.#end();
    }
  }

  #begin(): void {
    this.assertAlive();
    this.#session.assertAlive();
    for (const storage of this.#storages) {
      if (storage.released) throw new R5Error(`${this.label} is bound to ${storage.label}, which was released`);
    }
    if (this.#running) throw new R5Error(`${this.label} is still under way; wait for it before you run it again`);
    this.#running = true;
    this.hold();
    this.#session.hold();
    for (const storage of this.#storages) storage.hold();
  }

  #end(): void {
    this.#running = false;
    for (const storage of this.#storages) storage.drop();
    this.#session.drop();
    this.drop();
  }

  protected override detach(): void {
    this.#onRelease();
  }

  protected override destroy(): void {
    this.#environment.free(this.#pointers);
    this.#environment.drop();
  }
}
