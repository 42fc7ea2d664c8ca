/**
 * The part of ONNX Runtime's C API that r5 calls. `OrtApi` is a table of function pointers that only ever grows at its end, so a
 * position, once shipped, stays (onnxruntime_c_api.h; its order is repeated, with versions, at the end of onnxruntime_c_api.cc).
 * The positions here are of API version 12 and before.
 */
import koffi from 'koffi';
import type { KoffiFunc, LibraryHandle } from 'koffi';
import { R5Error } from '../error.ts';

/** A native address. */
export type Pointer = bigint;
/** A place for the callee to write a value to. */
export type Out<T> = [T | null];
/** An OrtStatus, to be read and released; null is success. */
type Status = Pointer | null;
/** A C function that returns an OrtStatus. */
type Fallible<P extends unknown[]> = KoffiFunc<(...values: P) => Status>;
type Release = KoffiFunc<(handle: Pointer) => void>;

export interface FunctionTable {
  getErrorCode: KoffiFunc<(status: Pointer) => number>;
  getErrorMessage: KoffiFunc<(status: Pointer) => string>;
  createEnvWithGlobalThreadPools: Fallible<[logLevel: number, logId: string, threading: Pointer, env: Out<Pointer>]>;
  createThreadingOptions: Fallible<[threading: Out<Pointer>]>;
  setGlobalIntraOpNumThreads: Fallible<[threading: Pointer, threads: number]>;
  setGlobalInterOpNumThreads: Fallible<[threading: Pointer, threads: number]>;
  createArenaCfg: Fallible<[maxBytes: number, strategy: number, initialChunk: number, maxDeadBytes: number, settings: Out<Pointer>]>;
  createAndRegisterAllocator: Fallible<[env: Pointer, memory: Pointer, settings: Pointer]>;
  createSessionFromArray: Fallible<[env: Pointer, model: Uint8Array, bytes: number, options: Pointer, session: Out<Pointer>]>;
  run: Fallible<
    [
      session: Pointer, options: null,
      inputNames: BigUint64Array, inputs: BigUint64Array, inputCount: number,
      outputNames: BigUint64Array, outputCount: number, outputs: BigUint64Array,
    ]
  >;
  createSessionOptions: Fallible<[options: Out<Pointer>]>;
  setGraphOptimizationLevel: Fallible<[options: Pointer, level: number]>;
  setIntraOpNumThreads: Fallible<[options: Pointer, threads: number]>;
  /** The session runs on the environment's threads. */
  disablePerSessionThreads: Fallible<[options: Pointer]>;
  sessionGetInputCount: Fallible<[session: Pointer, count: Out<number>]>;
  sessionGetOutputCount: Fallible<[session: Pointer, count: Out<number>]>;
  sessionGetInputTypeInfo: Fallible<[session: Pointer, index: number, info: Out<Pointer>]>;
  sessionGetOutputTypeInfo: Fallible<[session: Pointer, index: number, info: Out<Pointer>]>;
  sessionGetInputName: Fallible<[session: Pointer, index: number, allocator: Pointer, name: Out<Pointer>]>;
  sessionGetOutputName: Fallible<[session: Pointer, index: number, allocator: Pointer, name: Out<Pointer>]>;
  createTensorWithData: Fallible<
    [memory: Pointer, data: Pointer, bytes: number, shape: BigInt64Array, rank: number, type: number, value: Out<Pointer>]
  >;
  /** The tensor info belongs to the type info. Null for what is no tensor. */
  castTypeInfoToTensorInfo: Fallible<[info: Pointer, tensor: Out<Pointer>]>;
  getTensorElementType: Fallible<[tensor: Pointer, type: Out<number>]>;
  getDimensionsCount: Fallible<[tensor: Pointer, rank: Out<number>]>;
  getDimensions: Fallible<[tensor: Pointer, dimensions: BigInt64Array, rank: number]>;
  /** Writes addresses of C strings that belong to the tensor info; an empty string for a dimension without a name. */
  getSymbolicDimensions: Fallible<[tensor: Pointer, names: BigUint64Array, rank: number]>;
  createCpuMemoryInfo: Fallible<[allocatorType: number, memoryType: number, info: Out<Pointer>]>;
  allocatorAlloc: Fallible<[allocator: Pointer, bytes: number, data: Out<Pointer>]>;
  allocatorFree: Fallible<[allocator: Pointer, data: Pointer]>;
  /** The allocator belongs to ONNX Runtime. */
  getAllocatorWithDefaultOptions: Fallible<[allocator: Out<Pointer>]>;
  /** The value's memory stays the caller's and must outlive the session. */
  addInitializer: Fallible<[options: Pointer, name: string, value: Pointer]>;
  createPrepackedWeightsContainer: Fallible<[container: Out<Pointer>]>;
  createSessionFromArrayWithPrepackedWeightsContainer: Fallible<
    [env: Pointer, model: Uint8Array, bytes: number, options: Pointer, container: Pointer, session: Out<Pointer>]
  >;
  addSessionConfigEntry: Fallible<[options: Pointer, key: string, value: string]>;
  appendExecutionProvider: Fallible<[options: Pointer, name: string, keys: string[], values: string[], count: number]>;
  releaseEnv: Release;
  releaseThreadingOptions: Release;
  releaseArenaCfg: Release;
  releasePrepackedWeightsContainer: Release;
  releaseStatus: Release;
  releaseMemoryInfo: Release;
  releaseSession: Release;
  releaseValue: Release;
  releaseTypeInfo: Release;
  releaseSessionOptions: Release;
}

const API_VERSION = 12;
const LAST_POSITION = 216;

/** Resolves the functions in an opened library. Throws R5Error when the library is older than the API version that r5 asks for. */
export function readFunctionTable(library: LibraryHandle): FunctionTable {
  const functions = readAddresses(library);
  const pointerOut = koffi.out(koffi.pointer('void *'));
  const sizeOut = koffi.out(koffi.pointer('size_t'));
  const intOut = koffi.out(koffi.pointer('int'));
  type ParameterType = string | typeof pointerOut;
  const at = (position: number, result: string, ...parameters: ParameterType[]) =>
    koffi.decode(functions[position], koffi.proto(result, parameters));
  const fallible = (position: number, ...parameters: ParameterType[]) => at(position, 'void *', ...parameters);
  const release = (position: number) => at(position, 'void', 'void *');
  return {
    getErrorCode: at(1, 'int', 'void *'),
    getErrorMessage: at(2, 'const char *', 'void *'),
    createSessionFromArray: fallible(8, 'void *', 'void *', 'size_t', 'void *', pointerOut),
    run: fallible(9, 'void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *'),
    createSessionOptions: fallible(10, pointerOut),
    setGraphOptimizationLevel: fallible(23, 'void *', 'int'),
    setIntraOpNumThreads: fallible(24, 'void *', 'int'),
    sessionGetInputCount: fallible(30, 'void *', sizeOut),
    sessionGetOutputCount: fallible(31, 'void *', sizeOut),
    sessionGetInputTypeInfo: fallible(33, 'void *', 'size_t', pointerOut),
    sessionGetOutputTypeInfo: fallible(34, 'void *', 'size_t', pointerOut),
    sessionGetInputName: fallible(36, 'void *', 'size_t', 'void *', pointerOut),
    sessionGetOutputName: fallible(37, 'void *', 'size_t', 'void *', pointerOut),
    createTensorWithData: fallible(49, 'void *', 'void *', 'size_t', 'const int64_t *', 'size_t', 'int', pointerOut),
    castTypeInfoToTensorInfo: fallible(55, 'void *', pointerOut),
    getTensorElementType: fallible(60, 'void *', intOut),
    getDimensionsCount: fallible(61, 'void *', sizeOut),
    getDimensions: fallible(62, 'void *', 'void *', 'size_t'),
    getSymbolicDimensions: fallible(63, 'void *', 'void *', 'size_t'),
    createCpuMemoryInfo: fallible(69, 'int', 'int', pointerOut),
    allocatorAlloc: fallible(75, 'void *', 'size_t', pointerOut),
    allocatorFree: fallible(76, 'void *', 'void *'),
    getAllocatorWithDefaultOptions: fallible(78, pointerOut),
    releaseEnv: release(92),
    releaseStatus: release(93),
    releaseMemoryInfo: release(94),
    releaseSession: release(95),
    releaseValue: release(96),
    releaseTypeInfo: release(98),
    releaseSessionOptions: release(100),
    createEnvWithGlobalThreadPools: fallible(119, 'int', 'const char *', 'void *', pointerOut),
    disablePerSessionThreads: fallible(120, 'void *'),
    createThreadingOptions: fallible(121, pointerOut),
    releaseThreadingOptions: release(122),
    addSessionConfigEntry: fallible(130, 'void *', 'const char *', 'const char *'),
    createAndRegisterAllocator: fallible(144, 'void *', 'void *', 'void *'),
    setGlobalIntraOpNumThreads: fallible(147, 'void *', 'int'),
    setGlobalInterOpNumThreads: fallible(148, 'void *', 'int'),
    addInitializer: fallible(150, 'void *', 'const char *', 'void *'),
    createArenaCfg: fallible(156, 'size_t', 'int', 'int', 'int', pointerOut),
    releaseArenaCfg: release(157),
    createPrepackedWeightsContainer: fallible(166, pointerOut),
    releasePrepackedWeightsContainer: release(167),
    createSessionFromArrayWithPrepackedWeightsContainer: fallible(169, 'void *', 'void *', 'size_t', 'void *', 'void *', pointerOut),
    appendExecutionProvider: fallible(216, 'void *', 'const char *', 'const char **', 'const char **', 'size_t'),
  };
}

function readAddresses(library: LibraryHandle): Pointer[] {
  const base: Pointer = library.func('OrtGetApiBase', 'void *', [])();
  const [getApi]: Pointer[] = koffi.decode(base, koffi.array('void *', 1));
  const api: Pointer | null = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), API_VERSION);
  if (api === null) {
    throw new R5Error(`this ONNX Runtime library has no API version ${API_VERSION}; install onnxruntime-node 1.30 or later`);
  }
  return koffi.decode(api, koffi.array('void *', LAST_POSITION + 1));
}
