/**
 * What a judge has said, so that nothing is asked twice: in memory, and in a file that outlives the process. The file holds one JSON object a
 * line and is only appended to, a whole line in one write. A line that a killed writer left unfinished is passed over and asked again.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { messageOf } from '../rows.ts';

const lineSchema = z.object({ key: z.string(), judge: z.string(), value: z.json() });
type CacheLine = z.output<typeof lineSchema>;

export class VerdictCache {
  readonly #path: string | undefined;
  readonly #values = new Map<string, unknown>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  /** Reads the file if it is there. Without a path, verdicts live as long as the process. Throws R5Error for a file that cannot be read. */
  constructor(path?: string) {
    this.#path = path;
    if (path === undefined) return;
    for (const { key, value } of readLines(path)) this.#values.set(key, value);
  }

  /** Verdicts that are known. */
  get size(): number {
    return this.#values.size;
  }

  /**
   * The value under a key: a known one that `accepts` takes, else what `ask` gives, which is then kept. Whoever wants a key that is being
   * asked for waits for that answer or that failure. What `ask` throws is not kept.
   */
  async get<Value extends z.core.util.JSONType>(key: string, judge: string, accepts: (value: unknown) => Value | undefined, ask: () => Promise<Value>): Promise<Value> {
    const underWay = this.#underWay.get(key);
    const known = accepts(underWay === undefined ? this.#values.get(key) : await underWay);
    if (known !== undefined) return known;
    const asked = ask();
    this.#underWay.set(key, asked);
    try {
      const value = await asked;
      this.#values.set(key, value);
      this.#append({ key, judge, value });
      return value;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #append(line: CacheLine): void {
    if (this.#path === undefined) return;
    try {
      const text = `${JSON.stringify(line)}\n`;
      // After a line that was cut short, by another process or a full disk, a new one must begin.
      appendFileSync(this.#path, endsWhole(this.#path) ? text : `\n${text}`);
    } catch (cause) {
      throw new R5Error(`The judge's verdicts cannot be kept in ${this.#path}: ${messageOf(cause)}. Make room, or choose another file.`, { cause });
    }
  }
}

function readLines(path: string): CacheLine[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new R5Error(`The judge's verdicts cannot be read from ${path}: ${messageOf(cause)}. Choose another file.`, { cause });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  const whole = lines.flatMap((line) => parseLine(line) ?? []);
  if (lines.length > 1 && whole.length === 0) throw new R5Error(`${path} holds no verdicts of a judge; it is some other file. Choose another name for the cache.`);
  return whole;
}

function parseLine(line: string): CacheLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Cut short by a killed writer: the judge is asked again.
    return undefined;
  }
  return lineSchema.safeParse(value).data;
}

function endsWhole(path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return true;
    throw cause;
  }
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === 10);
  } finally {
    closeSync(descriptor);
  }
}
