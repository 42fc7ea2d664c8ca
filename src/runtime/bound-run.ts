/** One way to run a session: its inputs and outputs fixed, nothing left to allocate. */
import { R5Error } from '../error.ts';
import type { Pointer } from './function-table.ts';
import type { Library } from './library.ts';
import type { Session } from './session.ts';
import { SharedHandle } from './shared-handle.ts';
import type { Storage, TensorValue } from './storage.ts';

type PointerArray = BigUint64Array<ArrayBuffer>;
type RunArguments = [Pointer, null, PointerArray, PointerArray, number, PointerArray, number, PointerArray];

/** Where a bound run comes from. */
interface Origin {
  library: Library;
  session: Session;
  /** The native session. */
  pointer: Pointer;
  onRelease: () => void;
}

export class BoundRun extends SharedHandle {
  readonly #library: Library;
  readonly #session: Session;
  readonly #storages: ReadonlySet<Storage>;
  readonly #arguments: RunArguments;
  readonly #onRelease: () => void;
  #running = false;

  /** Made by `Session.bind`; `inputs` and `outputs` are in the order of the session's. */
  constructor({ library, session, pointer, onRelease }: Origin, inputs: readonly TensorValue[], outputs: readonly TensorValue[]) {
    super(`a run of ${session.label}`);
    this.#library = library;
    this.#session = session;
    this.#onRelease = onRelease;
    this.#storages = new Set([...inputs, ...outputs].map((value) => value.storage));
    const [inputNames, inputPointers, outputNames, outputPointers] = [
      nativeArray(session.inputs.map((port) => port.nativeName)),
      nativeArray(inputs.map((value) => value.pointer)),
      nativeArray(session.outputs.map((port) => port.nativeName)),
      nativeArray(outputs.map((value) => value.pointer)),
    ];
    this.#arguments = [pointer, null, inputNames, inputPointers, inputs.length, outputNames, outputs.length, outputPointers];
  }

  /**
   * Runs the graph on a thread of its own; the event loop goes on. Rejects with RuntimeError carrying the session's name and ONNX
   * Runtime's message. Until it has ended the bound memory must not be touched; what is released meanwhile is freed at its end.
   */
  async run(): Promise<void> {
    this.#begin();
    try {
      const status = await new Promise<Pointer | null>((resolve, reject) => {
        this.#library.functions.run.async(...this.#arguments, (error: unknown, result: Pointer | null) =>
          error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
        );
      });
      this.#library.check(status, `${this.#session.label} failed`);
    } finally {
      this.#end();
    }
  }

  /** As `run`, on the calling thread, which waits. */
  runSync(): void {
    this.#begin();
    try {
      this.#library.check(this.#library.functions.run(...this.#arguments), `${this.#session.label} failed`);
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

  /** A run owns nothing native: its arrays of pointers are ordinary ones, and what they point to belongs to others. */
  protected override destroy(): void {}
}

/**
 * The array for ONNX Runtime to read. It lies over an ArrayBuffer, whose memory, unlike that of a small typed array, is outside the
 * JavaScript heap from the start and does not move.
 */
function nativeArray(pointers: readonly Pointer[]): PointerArray {
  const array = new BigUint64Array(new ArrayBuffer(pointers.length * BigUint64Array.BYTES_PER_ELEMENT));
  array.set(pointers);
  return array;
}
