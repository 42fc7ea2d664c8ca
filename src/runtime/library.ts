/** Finds and opens the ONNX Runtime shared library that npm's onnxruntime-node ships, and turns what its C functions report into errors. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import type { LibraryHandle } from 'koffi';
import { R5Error } from '../error.ts';
import { readFunctionTable, type FunctionTable, type Out, type Pointer } from './function-table.ts';
import { RuntimeError } from './runtime-error.ts';

/** File name of the library by platform; names with a version in them are tried as well. */
const LIBRARY_NAME: Readonly<Record<string, RegExp>> = {
  linux: /^libonnxruntime\.so(\.\d+)*$/,
  darwin: /^libonnxruntime(\.\d+)*\.dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/**
 * Kernels run on a stack that koffi provides. Its 128 KiB for asynchronous calls is less than the panels that a matrix product and a
 * shader compiler keep on theirs; 8 MiB is what a thread has on most systems. The pages are only reserved until they are touched.
 */
const STACK_BYTES = 8 * 1024 * 1024;

/** Directory of the installed onnxruntime-node package. Throws R5Error when it is not installed. */
export function packageDirectory(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch (cause) {
    throw new R5Error('the package onnxruntime-node is not installed; run `npm install` in the project', { cause });
  }
}

/**
 * Path of the shared library of the onnxruntime-node package in `directory`. Throws R5Error naming it when there is none for this
 * platform and architecture (`process.platform`, `process.arch`).
 */
export function libraryPath(directory: string, platform: string = process.platform, architecture: string = process.arch): string {
  const binaries = join(directory, 'bin');
  const versions = existsSync(binaries) ? readdirSync(binaries).filter((name) => name.startsWith('napi-')).toSorted() : [];
  for (const version of versions) {
    const folder = join(binaries, version, platform, architecture);
    if (!existsSync(folder)) continue;
    const file = readdirSync(folder).toSorted().find((name) => LIBRARY_NAME[platform]?.test(name));
    if (file !== undefined) return join(folder, file);
  }
  throw new R5Error(
    `no ONNX Runtime library for ${platform} ${architecture} under ${binaries}. onnxruntime-node ships it for Linux and Windows ` +
      '(x64, arm64) and macOS (arm64); on one of these, reinstall with `npm install onnxruntime-node@1.30.0`',
  );
}

/** An opened library: its functions, and calls that throw. */
export class Library {
  readonly functions: FunctionTable;

  constructor(functions: FunctionTable) {
    this.functions = functions;
  }

  /** Throws RuntimeError when `status` is one, and frees it. `doing` is what failed: "could not compile session "decode"". */
  check(status: Pointer | null, doing: string): void {
    if (status === null) return;
    const { getErrorCode, getErrorMessage, releaseStatus } = this.functions;
    const error = new RuntimeError(`${doing}: ${getErrorMessage(status).trim()}`, getErrorCode(status));
    releaseStatus(status);
    throw error;
  }

  /** The value that `call` writes. Throws RuntimeError when it reports failure. */
  result<T extends number | Pointer>(doing: string, call: (out: Out<T>) => Pointer | null): T {
    const value = this.optional(doing, call);
    if (value === null) throw new Error(`${doing}: ONNX Runtime returned nothing`);
    return value;
  }

  /** As `result`, where null is an answer. */
  optional<T extends number | Pointer>(doing: string, call: (out: Out<T>) => Pointer | null): T | null {
    const out: Out<T> = [null];
    this.check(call(out), doing);
    return out[0];
  }
}

/**
 * What has been opened, by path, for as long as the process lives: koffi unloads a library when its handle is garbage-collected, and the
 * functions that were read from its table would then lead nowhere.
 */
const opened = new Map<string, { handle: LibraryHandle; library: Library }>();

/** Opens a library, or returns it opened. Throws R5Error with the path and the system's reason when it cannot be loaded. */
export function openLibrary(path: string): Library {
  const known = opened.get(path);
  if (known !== undefined) return known.library;
  reserveStack();
  let handle: LibraryHandle;
  try {
    handle = koffi.load(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `could not load ONNX Runtime from ${path}: ${reason}. Reinstall with \`npm install onnxruntime-node@1.30.0\``;
    throw new R5Error(message, { cause });
  }
  const library = new Library(readFunctionTable(handle));
  opened.set(path, { handle, library });
  return library;
}

function reserveStack(): void {
  const { sync_stack_size: sync = 0, async_stack_size: async = 0 } = koffi.config();
  if (sync >= STACK_BYTES && async >= STACK_BYTES) return;
  try {
    koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  } catch (cause) {
    throw new R5Error(
      `koffi was used before r5, so native calls have stacks of ${async} bytes where ONNX Runtime needs ${STACK_BYTES}. Open the runtime ` +
        `first, or call koffi.config({ sync_stack_size: ${STACK_BYTES}, async_stack_size: ${STACK_BYTES} }) before the first koffi.load`,
      { cause },
    );
  }
}
