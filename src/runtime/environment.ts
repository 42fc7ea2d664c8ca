/** The one OrtEnv of the process, with what all sessions share: a pool of threads and an arena for intermediate results. */
import type { Out, Pointer } from './function-table.ts';
import { type Library, libraryPath, openLibrary, packageDirectory } from './library.ts';
import { SharedHandle } from './shared-handle.ts';

/** ORT_LOGGING_LEVEL_FATAL: whatever fails is thrown, so it need not be printed as well. */
const LOG_LEVEL = 4;
/** OrtDeviceAllocator, OrtArenaAllocator, OrtMemTypeDefault. */
const DEVICE_ALLOCATOR = 0;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;
/** Grows by doubling, which reserves more than it touches; -1 takes ONNX Runtime's own choice. */
const ARENA = { unlimited: 0, doubling: 0, initialChunk: -1, deadBytes: -1 };

const STARTING = 'could not start ONNX Runtime';

let current: Environment | undefined;

/**
 * Lives while any runtime, or anything made by one, does.
 *
 * Threads and arena are shared because a session has neither to itself for long: the threads of idle sessions spin for work and take
 * the cores from the busy one (forty sessions used in turn: 12 times slower), and arenas never shrink (four sessions: 4 times the memory).
 */
export class Environment extends SharedHandle {
  readonly library: Library;
  /** Threads in the shared pool, the calling one included. */
  readonly threads: number;
  readonly env: Pointer;
  readonly allocator: Pointer;
  /** Describes host memory to ONNX Runtime. */
  readonly hostMemory: Pointer;
  #prepackedWeights: Pointer | undefined;

  constructor(opened: Library, threads: number) {
    super('the ONNX Runtime environment');
    const { functions } = opened;
    this.library = opened;
    this.threads = threads;
    this.env = createEnv(opened, threads);
    this.allocator = opened.result(STARTING, (out: Out<Pointer>) => functions.getAllocatorWithDefaultOptions(out));
    this.hostMemory = opened.result(STARTING, (out: Out<Pointer>) => functions.createCpuMemoryInfo(DEVICE_ALLOCATOR, DEFAULT_MEMORY, out));
    registerArena(opened, this.env);
  }

  /** Native memory from ONNX Runtime's default allocator: 64-byte aligned, contents undefined. Throws RuntimeError when there is none. */
  allocate(bytes: number): Pointer {
    const { allocatorAlloc } = this.library.functions;
    return this.library.result(`could not allocate ${bytes} bytes`, (out: Out<Pointer>) => allocatorAlloc(this.allocator, bytes, out));
  }

  free(memory: Pointer): void {
    this.library.check(this.library.functions.allocatorFree(this.allocator, memory), 'could not free memory');
  }

  /** Where sessions keep the kernels' own layout of constant weights, once for all of them. */
  prepackedWeights(): Pointer {
    this.#prepackedWeights ??= this.library.result(STARTING, (out: Out<Pointer>) => this.library.functions.createPrepackedWeightsContainer(out));
    return this.#prepackedWeights;
  }

  protected override destroy(): void {
    if (current === this) current = undefined;
    if (this.#prepackedWeights !== undefined) this.library.functions.releasePrepackedWeightsContainer(this.#prepackedWeights);
    this.library.functions.releaseMemoryInfo(this.hostMemory);
    this.library.functions.releaseEnv(this.env);
  }
}

/** The environment of this process, with a pool of `threads` if there was none yet. The caller holds it and must drop it. */
export function acquireEnvironment(threads: number): Environment {
  if (current === undefined) current = new Environment(openLibrary(libraryPath(packageDirectory())), threads);
  else current.hold();
  return current;
}

function createEnv(opened: Library, threads: number): Pointer {
  const { functions } = opened;
  const options = opened.result(STARTING, (out: Out<Pointer>) => functions.createThreadingOptions(out));
  try {
    opened.check(functions.setGlobalIntraOpNumThreads(options, threads), STARTING);
    opened.check(functions.setGlobalInterOpNumThreads(options, 1), STARTING);
    return opened.result(STARTING, (out: Out<Pointer>) => functions.createEnvWithGlobalThreadPools(LOG_LEVEL, 'r5', options, out));
  } finally {
    functions.releaseThreadingOptions(options);
  }
}

function registerArena(opened: Library, env: Pointer): void {
  const { functions } = opened;
  const memory = opened.result(STARTING, (out: Out<Pointer>) => functions.createCpuMemoryInfo(ARENA_ALLOCATOR, DEFAULT_MEMORY, out));
  const { unlimited, doubling, initialChunk, deadBytes } = ARENA;
  const settings = opened.result(STARTING, (out: Out<Pointer>) =>
    functions.createArenaCfg(unlimited, doubling, initialChunk, deadBytes, out),
  );
  try {
    opened.check(functions.createAndRegisterAllocator(env, memory, settings), STARTING);
  } finally {
    functions.releaseArenaCfg(settings);
    functions.releaseMemoryInfo(memory);
  }
}
