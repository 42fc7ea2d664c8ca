/** One run of a foreign program inside QuickJS, in a runtime of its own. Called by the sandbox worker. */
import { stripTypeScriptTypes } from 'node:module';
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten';
import { z } from 'zod';
import { makeAssertions, makeDeepEqual, makeSameContent } from './guest-assertions.ts';
import { lockDown, makeIo, seedRandom } from './guest-prelude.ts';
import type { GuestReply, GuestRequest } from './messages.ts';

/** Of the interpreter. Far below what the worker's own stack holds, so that deep recursion is an error of the program. */
const STACK_BYTES = 256 * 1024;

/** For words about a failure: a program that has used up its limits leaves nothing to describe it with. The bytes are set aside at the start. */
const EXTRA_MS = 50;
const EXTRA_BYTES = 1024 * 1024;

/** Share of the memory limit from which on the memory counts as used up: it grows in steps and never shrinks. */
const FULL = 0.9;

/** Promise jobs between two looks at the clock. */
const JOBS_AT_ONCE = 64;

type Failure = Exclude<GuestReply, { outcome: 'ok' }>;

/** How a program failed, on its way out of the run. */
class GuestFailure extends Error {
  readonly outcome: Failure['outcome'];
  constructor(outcome: Failure['outcome'], message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** Code of the sandbox itself that failed. */
class OutOfRoom extends Error {}

/** A run that has ended, and what is to be done about the runtime it took place in. */
export interface GuestRun {
  reply: GuestReply;
  /**
   * What the program may have broken: nothing; the interpreter, or its memory is full and slow to free; or the compiler that removes types,
   * of which there is one for each thread.
   */
  damage: 'none' | 'interpreter' | 'thread';
  /** Frees the runtime; for undamaged ones only. */
  dispose: () => void;
}

/**
 * Runs the request and says how it ended. Never throws for anything the program does; a native stack overflow of WebAssembly comes back as
 * an error as well.
 */
export function runGuest(quickjs: QuickJSWASMModule, request: GuestRequest): GuestRun {
  let program: string;
  try {
    program = plainJavaScript(request);
  } catch (error) {
    const message = `the program is not TypeScript: ${firstLine(error)}`;
    return { reply: { outcome: 'error', message, logs: [] }, damage: isSyntaxError(error) ? 'none' : 'thread', dispose: () => {} };
  }
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(STACK_BYTES);
  const context = runtime.newContext();
  const guest = new Guest(runtime, context, quickjs.getWasmMemory(), request);
  let reply: GuestReply;
  let damage: GuestRun['damage'];
  try {
    reply = guest.run(program);
    damage = reply.outcome === 'ok' || reply.outcome === 'error' ? 'none' : 'interpreter';
  } catch (error) {
    damage = 'interpreter';
    reply = { outcome: 'error', message: `the sandbox gave up: ${firstLine(error)}`, logs: [] };
  }
  const dispose = (): void => {
    guest.dispose();
    context.dispose();
    runtime.dispose();
  };
  return { reply, damage, dispose };
}

/** The program without types, and without `export` at the beginning of a line: it runs as a script. */
function plainJavaScript({ program, typescript }: GuestRequest): string {
  const javascript = typescript ? stripTypeScriptTypes(program) : program;
  return javascript.replaceAll(/^export[ \t]+(?:default[ \t]+)?(?=(?:async|function|class|const|let|var)\b)/gm, '');
}

/** Whether the compiler refused the program, as against having failed at it, for example by overflowing its stack. */
function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_(?:INVALID|UNSUPPORTED)_TYPESCRIPT_SYNTAX$/.test(String(error.code));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

/** Memory of a WebAssembly module, for its size. */
interface GrowingMemory {
  readonly buffer: ArrayBufferLike;
}

class Guest {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #memory: GrowingMemory;
  readonly #request: GuestRequest;
  readonly #handles: QuickJSHandle[] = [];
  #ballast: QuickJSHandle | undefined;
  #deadline = Infinity;
  #interrupted = false;

  constructor(runtime: QuickJSRuntime, context: QuickJSContext, memory: GrowingMemory, request: GuestRequest) {
    this.#runtime = runtime;
    this.#context = context;
    this.#memory = memory;
    this.#request = request;
    runtime.setInterruptHandler(() => {
      this.#interrupted ||= performance.now() > this.#deadline;
      return this.#interrupted;
    });
  }

  dispose(): void {
    this.#ballast?.dispose();
    for (const handle of this.#handles.toReversed()) handle.dispose();
  }

  run(program: string): GuestReply {
    const { test, timeMs, maxOutput } = this.#request;
    const harness = this.#evaluate(harnessSource(maxOutput), 'sandbox.js');
    this.#ballast = this.#context.newArrayBuffer(new ArrayBuffer(EXTRA_BYTES));
    this.#deadline = performance.now() + timeMs;
    let reply: GuestReply;
    try {
      const value = this.#evaluate(program, 'program.js', harness);
      const json = test === undefined ? this.#json(value, harness) : this.#test(test, harness);
      reply = { outcome: 'ok', ...(json === undefined ? {} : { json }), logs: [] };
    } catch (error) {
      if (!(error instanceof GuestFailure)) throw error;
      reply = { outcome: error.outcome, message: error.message, logs: [] };
    }
    return { ...reply, logs: this.#logs(harness) };
  }

  /** The value as JSON, once it has settled; undefined for a value without a form in JSON. */
  #json(value: QuickJSHandle, harness: QuickJSHandle): string | undefined {
    const json = this.#call(harness, 'toJson', [this.#settled(value, harness)], harness);
    return this.#context.typeof(json) === 'string' ? this.#context.getString(json) : undefined;
  }

  /** Runs the test over the program's globals. Its assertions are parameters, so that no program can see or replace them. */
  #test(test: string, harness: QuickJSHandle): undefined {
    const names = ['assert', 'assertEqual', 'assertClose', 'assertThrows'];
    const body = this.#evaluate(`(async (${names.join(', ')}) => {\n${test}\n})`, 'test.js', harness);
    const assertions = names.map((name) => this.#keep(this.#context.getProp(harness, name)));
    const running = this.#unwrap(this.#context.callFunction(body, this.#context.undefined, assertions), harness);
    this.#settled(running, harness);
    const failure = this.#context.getString(this.#call(harness, 'failure', [], harness));
    if (failure !== '') throw new GuestFailure('error', failure);
  }

  /** Runs promise jobs until none is left; gives what a promise was fulfilled with, and any other value as it is. */
  #settled(value: QuickJSHandle, harness: QuickJSHandle): QuickJSHandle {
    while (this.#runtime.hasPendingJob()) {
      const jobs = this.#runtime.executePendingJobs(JOBS_AT_ONCE);
      // A job that ends in an error has rejected its own promise; only a limit that was hit concerns the run.
      jobs.dispose();
      this.#interrupted ||= performance.now() > this.#deadline;
      if (this.#interrupted) throw this.#timeout();
    }
    const state = this.#context.getPromiseState(value);
    if (state.type === 'pending') throw new GuestFailure('error', 'a promise was never settled');
    if (state.type === 'rejected') throw this.#failure(this.#keep(state.error), harness);
    return state.notAPromise === true ? value : this.#keep(state.value);
  }

  #evaluate(source: string, file: string, harness?: QuickJSHandle): QuickJSHandle {
    return this.#unwrap(this.#context.evalCode(source, file, { type: 'global' }), harness);
  }

  #call(owner: QuickJSHandle, name: string, values: readonly QuickJSHandle[], harness?: QuickJSHandle): QuickJSHandle {
    const method = this.#keep(this.#context.getProp(owner, name));
    return this.#unwrap(this.#context.callFunction(method, this.#context.undefined, [...values]), harness);
  }

  #unwrap(result: ReturnType<QuickJSContext['evalCode']>, harness?: QuickJSHandle): QuickJSHandle {
    if (result.error === undefined) return this.#keep(result.value);
    throw this.#failure(this.#keep(result.error), harness);
  }

  #failure(thrown: QuickJSHandle, harness: QuickJSHandle | undefined): Error {
    if (this.#interrupted) return this.#timeout();
    // Without the harness it is the sandbox's own code that failed: a defect, or a memory limit that leaves no room for it.
    if (harness === undefined) return new OutOfRoom('no room is left for the sandbox itself; raise the memory limit');
    // With no room for an error object, QuickJS throws null.
    const isNull = this.#context.sameValue(thrown, this.#context.null);
    if (isNull && this.#memory.buffer.byteLength >= FULL * this.#request.memoryBytes) return new GuestFailure('memory', 'out of memory');
    const message = this.#describe(thrown, harness);
    return new GuestFailure(message.startsWith('InternalError: out of memory') ? 'memory' : 'error', message);
  }

  #timeout(): GuestFailure {
    return new GuestFailure('timeout', `took longer than ${this.#request.timeMs} ms`);
  }

  #describe(thrown: QuickJSHandle, harness: QuickJSHandle): string {
    return this.#afterwards(() => this.#context.getString(this.#call(harness, 'describe', [thrown]))) ?? 'an error that cannot be shown';
  }

  #logs(harness: QuickJSHandle): string[] {
    const json = this.#afterwards(() => this.#context.getString(this.#call(harness, 'takeLogs', [])));
    return json === undefined ? [] : z.array(z.string()).parse(JSON.parse(json));
  }

  /** Runs code of the sandbox itself with a little more time and memory; undefined when even that is not enough. */
  #afterwards<Result>(action: () => Result): Result | undefined {
    const deadline = this.#deadline;
    const interrupted = this.#interrupted;
    this.#interrupted = false;
    this.#deadline = performance.now() + EXTRA_MS;
    this.#ballast?.dispose();
    this.#ballast = undefined;
    try {
      return action();
    } catch (error) {
      if (this.#interrupted || error instanceof GuestFailure || error instanceof OutOfRoom) return undefined;
      throw error;
    } finally {
      this.#deadline = deadline;
      this.#interrupted = interrupted;
    }
  }

  /** Hands the handle to `dispose`. */
  #keep(handle: QuickJSHandle): QuickJSHandle {
    this.#handles.push(handle);
    return handle;
  }
}

/** An expression whose value has the functions of `GuestIo` and `GuestAssertions`; evaluating it locks the realm down. */
function harnessSource(maxOutput: number): string {
  const io = `(${makeIo.toString()})(${maxOutput})`;
  const assertions = `(${makeAssertions.toString()})((${makeDeepEqual.toString()})((${makeSameContent.toString()})()))`;
  return `(() => {
    const harness = { __proto__: null, ...${io}, ...${assertions} };
    (${seedRandom.toString()})();
    (${lockDown.toString()})();
    return harness;
  })()`;
}
