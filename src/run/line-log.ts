/** The writing end of a log: one JSON value a line, appended, whole lines only. */
import { appendFileSync, closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { syncToDisk } from './durable-file.ts';

/** Whether the bytes of a last line without line break lack nothing else. */
export type IsWholeLine = (bytes: Buffer) => boolean;

export class LineLog {
  readonly path: string;
  /** What opening had to repair after a crash, in words. */
  readonly repaired: string | undefined;
  #descriptor: number | undefined;
  /** Where the whole lines end, while a failed write's rest could not be cut off. */
  #cutAt: number | undefined;

  private constructor(path: string, descriptor: number, repaired: string | undefined) {
    this.path = path;
    this.#descriptor = descriptor;
    this.repaired = repaired;
  }

  /**
   * Opens a log for appending and makes it when it is not there. A last line that a crash left unfinished is cut off, after its bytes
   * have gone to `<path>.partial`; one that lacks nothing but its line break gets that. Throws R5Error naming the file.
   */
  static open(path: string, isWhole: IsWholeLine): LineLog {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o666);
      return new LineLog(path, descriptor, repairLastLine(path, descriptor, isWhole));
    } catch (cause) {
      if (descriptor !== undefined) closeSync(descriptor);
      throw fileError(cause, `open the log ${path} for writing`);
    }
  }

  /**
   * Writes one line, its line break included, synchronously: when this returns, the line outlives the process. Throws R5Error when it cannot be written (full
   * disk, ...); the log then still ends with its last whole line, and a later append may succeed.
   */
  append(text: string): void {
    const descriptor = this.#open();
    const bytes = Buffer.from(text);
    let whole: number | undefined;
    try {
      if (this.#cutAt !== undefined) this.#cut(descriptor, this.#cutAt);
      whole = fstatSync(descriptor).size;
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    } catch (cause) {
      const failure = fileError(cause, `write to the log ${this.path}`);
      if (whole === undefined) throw failure;
      throw this.#afterFailedWrite(descriptor, whole, failure);
    }
  }

  /** Forces everything appended so far to the disk, so that it outlives a power cut too. Throws R5Error. */
  sync(): void {
    try {
      fsyncSync(this.#open());
    } catch (cause) {
      throw fileError(cause, `force the log ${this.path} to the disk`);
    }
  }

  /** Closing twice is allowed. */
  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`the log ${this.path} has been closed`);
    return this.#descriptor;
  }

  #cut(descriptor: number, size: number): void {
    this.#cutAt = size;
    if (fstatSync(descriptor).size > size) ftruncateSync(descriptor, size);
    this.#cutAt = undefined;
  }

  /** Cuts off what a failed write left, and returns the error to throw. */
  #afterFailedWrite(descriptor: number, whole: number, failure: unknown): unknown {
    try {
      this.#cut(descriptor, whole);
      return failure;
    } catch (cause) {
      const rest = fileError(cause, `cut off the unfinished last line of ${this.path}`);
      const messages = [failure, rest].map((error) => (error instanceof Error ? error.message : String(error)));
      return new R5Error(`${messages.join(' And: ')} The lines before it are whole; the next resume repairs the file.`, { cause: failure });
    }
  }
}

/** Bytes that follow the last line break. */
function readTail(descriptor: number): Buffer {
  const blockSize = 65_536;
  let tail = Buffer.alloc(0);
  for (let end = fstatSync(descriptor).size; end > 0; ) {
    const block = Buffer.alloc(Math.min(blockSize, end));
    for (let read = 0; read < block.length; ) {
      const count = readSync(descriptor, block, read, block.length - read, end - block.length + read);
      if (count === 0) throw new Error('the log became shorter while it was read');
      read += count;
    }
    const lineBreak = block.lastIndexOf(10);
    tail = Buffer.concat([block.subarray(lineBreak + 1), tail]);
    if (lineBreak >= 0) break;
    end -= block.length;
  }
  return tail;
}

/** Makes the file end with a whole line; says what it did, or undefined when there was nothing to do. */
function repairLastLine(path: string, descriptor: number, isWhole: IsWholeLine): string | undefined {
  const tail = readTail(descriptor);
  if (tail.length === 0) return undefined;
  if (isWhole(tail)) {
    writeSync(descriptor, '\n');
    return `the last line of ${path} lacked its line break and was completed`;
  }
  const partial = `${path}.partial`;
  appendFileSync(partial, Buffer.concat([tail, Buffer.from('\n')]));
  syncToDisk(partial, 'file');
  ftruncateSync(descriptor, fstatSync(descriptor).size - tail.length);
  return `the last line of ${path} was unfinished; its ${tail.length} bytes were moved to ${partial}`;
}
