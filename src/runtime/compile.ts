/** From the bytes of an ONNX model to a native session. */
import type { Device } from './device.ts';
import type { Environment } from './environment.ts';
import type { Out, Pointer } from './function-table.ts';
import { packageDirectory } from './library.ts';
import { RuntimeError } from './runtime-error.ts';

/** ORT_ENABLE_ALL */
const ALL_OPTIMIZATIONS = 99;

export interface CompileSettings {
  /** What errors call the session. */
  name: string;
  device: Device;
  threads: number;
  /** Memory for the initializers that the model declares as external, by name. */
  initializers: ReadonlyMap<string, Pointer>;
}

/** The caller frees the session. Throws RuntimeError with ONNX Runtime's reason when the model is refused or the device is not there. */
export function compile(environment: Environment, model: Uint8Array, settings: CompileSettings): Pointer {
  const { library, env } = environment;
  const { functions } = library;
  const doing = `could not compile session "${settings.name}"`;
  const options = library.result(doing, (out: Out<Pointer>) => functions.createSessionOptions(out));
  try {
    library.check(functions.setGraphOptimizationLevel(options, ALL_OPTIMIZATIONS), doing);
    library.check(functions.addSessionConfigEntry(options, 'session.use_env_allocators', '1'), doing);
    const shared = settings.threads === environment.threads;
    library.check(shared ? functions.disablePerSessionThreads(options) : functions.setIntraOpNumThreads(options, settings.threads), doing);
    if (settings.device === 'webgpu') library.check(functions.appendExecutionProvider(options, 'WebGPU', [], [], 0), doing);
    library.check(functions.addSessionConfigEntry(options, 'session.model_external_initializers_file_folder_path', packageDirectory()), doing);
    for (const [name, value] of settings.initializers) library.check(functions.addInitializer(options, name, value), doing);
    if (settings.initializers.size === 0) {
      return library.result(doing, (out: Out<Pointer>) => functions.createSessionFromArray(env, model, model.byteLength, options, out));
    }
    const container = environment.prepackedWeights();
    return library.result(doing, (out: Out<Pointer>) =>
      functions.createSessionFromArrayWithPrepackedWeightsContainer(env, model, model.byteLength, options, container, out),
    );
  } catch (cause) {
    if (settings.device === 'cpu' || !(cause instanceof RuntimeError)) throw cause;
    const advice = 'Where there is no GPU with a driver that WebGPU can use, open the runtime with device "cpu"';
    throw new RuntimeError(`${cause.message}. ${advice}`, cause.code, { cause });
  } finally {
    functions.releaseSessionOptions(options);
  }
}
