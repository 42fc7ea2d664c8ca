/** An append-only file of JSON lines. What `append` has resolved for survives a killed process and a power cut. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { R5Error } from '../../error.ts';
import { fileError } from '../../run/file-error.ts';

interface Waiting {
  line: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class DurableLines {
  readonly path: string;
  readonly #file: FileHandle;
  /** Bytes that are whole lines. */
  #size: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Lines that could not be written; they go before all later ones, which build on them. */
  #unwritten = '';

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens the file, or makes it. `onLine` gets each value that it holds. A last line that a killed process left unfinished was never
   * confirmed to anyone; it is cut off, its bytes kept in `<path>.partial`. Throws R5Error that names the file, and the line that is no JSON.
   */
  static async open(path: string, onLine: (value: unknown, number: number) => void): Promise<DurableLines> {
    try {
      const file = await open(path, 'a+');
      try {
        await repair(path, file);
        readLines(await readFile(path, 'utf8'), path, onLine);
        return new DurableLines(path, file, (await file.stat()).size);
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (cause) {
      throw fileError(cause, `open ${path}`);
    }
  }

  /**
   * Lines that come while others are being written go to the disk together. Rejects when the disk refuses them; they are kept, and written
   * before the next one.
   */
  append(value: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: `${JSON.stringify(value)}\n`, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const text = this.#unwritten + batch.map(({ line }) => line).join('');
      try {
        await this.#file.appendFile(text);
        await this.#file.datasync();
        this.#size += Buffer.byteLength(text);
        this.#unwritten = '';
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        this.#unwritten = text;
        const failure = await this.#afterFailure(cause);
        for (const { reject } of batch) reject(failure);
      }
    }
    this.#writing = undefined;
  }

  /** Cuts off what a failed write left of a line. Returns the error to throw. */
  async #afterFailure(cause: unknown): Promise<unknown> {
    try {
      await this.#file.truncate(this.#size);
    } catch (second) {
      return new AggregateError([cause, second], `${this.path} cannot be written, and what was written of a line cannot be cut off.`);
    }
    return fileError(cause, `write to ${this.path}`);
  }
}

/** The values of a file of JSON lines; a last line without its line break is left out. Throws R5Error. */
export function readLines(text: string, path: string, onLine: (value: unknown, number: number) => void): void {
  const lines = text.split('\n').slice(0, -1);
  lines.forEach((line, i) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new R5Error(`${path}, line ${i + 1}: no JSON. The file is damaged; take that line out to go on without it.`, { cause });
    }
    onLine(value, i + 1);
  });
}

async function repair(path: string, file: FileHandle): Promise<void> {
  const bytes = await readFile(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole === bytes.length) return;
  const aside = await open(`${path}.partial`, 'a');
  try {
    await aside.appendFile(Buffer.concat([bytes.subarray(whole), Buffer.from('\n')]));
    await aside.datasync();
  } finally {
    await aside.close();
  }
  await file.truncate(whole);
}
