/** The thread that foreign programs run in: one request at a time, answered by a reply and, when it has cleaned up, by `ready`. */
import { parentPort } from 'node:worker_threads';
import { newQuickJSWASMModule, newVariant, RELEASE_SYNC, type QuickJSWASMModule } from 'quickjs-emscripten';
import { runGuest } from './guest.ts';
import type { GuestRequest, WorkerMessage } from './messages.ts';

// Node warns that removing types is experimental; the warning would reach the user's terminal from here.
process.removeAllListeners('warning');

const port = parentPort;
if (port === null) throw new Error('sandbox-worker runs as a worker thread only');
const say = (message: WorkerMessage): void => port.postMessage(message);

/** The type library of Node 24 does not know it. */
declare const WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBufferLike } };

/** Of WebAssembly. */
const PAGE_BYTES = 65_536;
const INITIAL_PAGES = 256;

interface Interpreter {
  quickjs: QuickJSWASMModule;
  memoryBytes: number;
}

/**
 * A fresh interpreter. Its memory has a maximum because QuickJS's own limit does not hold here: in this build it counts what an
 * allocation adds, and not the allocation.
 */
async function openInterpreter(memoryBytes: number): Promise<Interpreter> {
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: Math.max(INITIAL_PAGES, Math.ceil(memoryBytes / PAGE_BYTES)) });
  return { quickjs: await newQuickJSWASMModule(newVariant(RELEASE_SYNC, { wasmMemory })), memoryBytes };
}

let interpreter: Interpreter | undefined;

/** Only one request is under way at a time: the next one comes after `ready`. */
async function answer(request: GuestRequest): Promise<void> {
  if (interpreter?.memoryBytes !== request.memoryBytes) interpreter = await openInterpreter(request.memoryBytes);
  const { reply, damage, dispose } = runGuest(interpreter.quickjs, request);
  say({ kind: 'reply', reply });
  if (damage === 'thread') process.exit();
  if (damage === 'none') dispose();
  else interpreter = undefined;
  say({ kind: 'ready' });
}

port.on('message', (request: GuestRequest) => void answer(request));
say({ kind: 'ready' });
