/** Where tensors live and graphs run. */
import { availableParallelism } from 'node:os';
import { R5Error } from '../error.ts';
import { BYTES, type DType } from '../tensor/dtype.ts';
import { assertDevice, type Device } from './device.ts';
import { acquireEnvironment, type Environment } from './environment.ts';
import { Session } from './session.ts';
import { Storage, type TensorValue } from './storage.ts';

export interface RuntimeOptions {
  /** Default `cpu`. */
  device?: Device;
  /**
   * Threads that one operator may use. Default: those that the machine can run at once. The first runtime of a process decides the size
   * of the pool that all sessions share; a session that asks for another number has threads of its own.
   */
  threads?: number;
}

export class Runtime {
  readonly device: Device;
  readonly threads: number;
  readonly #environment: Environment;
  readonly #parts = new Set<Session | Storage>();
  #released = false;

  private constructor(environment: Environment, device: Device, threads: number) {
    this.#environment = environment;
    this.device = device;
    this.threads = threads;
  }

  /** Throws R5Error for a device or number of threads that there cannot be, and when the ONNX Runtime library is missing. */
  static open(options: RuntimeOptions = {}): Runtime {
    const { device = 'cpu', threads = availableParallelism() } = options;
    assertDevice(device);
    assertThreads(threads);
    return new Runtime(acquireEnvironment(threads), device, threads);
  }

  /** Zeroed host memory for product(shape) elements, 64-byte aligned, outside the JavaScript heap. It can be bound on every device. */
  allocate<D extends DType>(dtype: D, shape: readonly number[]): Storage<D> {
    this.#assertAlive();
    if (!Object.hasOwn(BYTES, dtype)) throw new R5Error(`unknown element type "${dtype}"; the types are ${Object.keys(BYTES).join(', ')}`);
    const storage: Storage<D> = new Storage(this.#environment, dtype, shape, () => this.#parts.delete(storage));
    this.#parts.add(storage);
    return storage;
  }

  /**
   * Compiles an ONNX model. `name` is what errors call it. `initializers` holds the constants that the model declares as external: they
   * must not change any more, since kernels lay them out anew for themselves, once for all sessions that share them. Throws RuntimeError with ONNX Runtime's reason when it is refused. */
  session(model: Uint8Array, options: { name?: string; threads?: number; initializers?: Readonly<Record<string, TensorValue>> } = {}): Session {
    this.#assertAlive();
    const { name = 'unnamed', threads = this.threads, initializers = {} } = options;
    assertThreads(threads);
    const onRelease = () => this.#parts.delete(session);
    const session: Session = new Session(this.#environment, model, { name, threads, device: this.device, initializers }, onRelease);
    this.#parts.add(session);
    return session;
  }

  /** Releases every session and storage that is still alive. What a run under way uses goes when that has ended. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const part of this.#parts) part.release();
    this.#environment.drop();
  }

  #assertAlive(): void {
    if (this.#released) throw new R5Error('the runtime was released and cannot be used any more');
  }
}

function assertThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new R5Error(`the number of threads must be a whole number of 1 or more, not ${threads}`);
  }
}
