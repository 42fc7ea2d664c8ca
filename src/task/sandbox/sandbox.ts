/**
 * Runs foreign JavaScript and TypeScript in QuickJS, compiled to WebAssembly, on a thread of its own: no files, network, process, timers
 * or modules, and nothing of Node. Each run gets a fresh runtime.
 */
import { availableParallelism } from 'node:os';
import { R5Error } from '../../error.ts';
import { WorkerPool } from './worker-pool.ts';

export interface SandboxOptions {
  /** Wall-clock time. Default 1,000. */
  timeMs?: number;
  /** Memory of the interpreter. Default 64 MiB, at least 16 MiB. */
  memoryBytes?: number;
  /** Characters of logs, and of the result as JSON. Default 64 K. */
  maxOutput?: number;
  /** Remove types from the program first. Default false. */
  typescript?: boolean;
}

export type SandboxResult =
  | { outcome: 'ok'; value: unknown; logs: string[] }
  | { outcome: 'error' | 'timeout' | 'memory'; message: string; logs: string[] };

const MIB = 1024 * 1024;
const MOST_WORKERS = 4;

const pool = new WorkerPool(Math.min(MOST_WORKERS, availableParallelism()));

/**
 * Runs a script. `value` is that of its last expression, awaited if it is a promise, as JSON would carry it; undefined for what JSON has
 * no form for. `logs` holds one text for each call of `console.log` and its like.
 *
 * Comes back with every limit kept whatever the program does: `timeout` after `timeMs` or, where a native loop of the interpreter does not
 * look at the clock, after the thread was killed (250 ms later); `memory` when the last error was that the memory ran out; `error` for
 * any other error. `Math.random` gives the same numbers in each run. The language's objects are frozen.
 * @throws R5Error for limits that make no sense.
 */
export async function runSandboxed(code: string, options: SandboxOptions = {}): Promise<SandboxResult> {
  return run(code, undefined, options);
}

/**
 * Runs a program and then a test over it: the body of an async function that sees the program's globals and `assert`, `assertEqual`,
 * `assertClose` and `assertThrows`. `ok` means that the test ran to its end, made at least one assertion, and that all of them held.
 *
 * A program cannot talk its way to `ok`: it has run to its end before the test is there, it finds the language's objects frozen, and it
 * has no reference to the assertions. What a test asks of a value through the value's own methods is the program's word, as is a `==`
 * between objects; `assertEqual` compares contents.
 * @throws R5Error for limits that make no sense.
 */
export async function runTest(code: string, test: string, options: SandboxOptions = {}): Promise<SandboxResult> {
  return run(code, test, options);
}

async function run(program: string, test: string | undefined, options: SandboxOptions): Promise<SandboxResult> {
  const { timeMs = 1000, memoryBytes = 64 * MIB, maxOutput = 65_536, typescript = false } = options;
  atLeast('timeMs', timeMs, 1, 3_600_000);
  atLeast('memoryBytes', memoryBytes, 16 * MIB, 1024 * MIB);
  atLeast('maxOutput', maxOutput, 1, 16 * MIB);
  const reply = await pool.run({ program, test, typescript, timeMs, memoryBytes, maxOutput });
  if (reply.outcome !== 'ok') return reply;
  const value: unknown = reply.json === undefined ? undefined : JSON.parse(reply.json);
  return { outcome: 'ok', value, logs: reply.logs };
}

function atLeast(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new R5Error(`The sandbox's ${name} is ${value}; give a whole number from ${least} to ${most}.`);
}
