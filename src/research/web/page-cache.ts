/** Answers of servers on disk, one file each: a line of JSON that says what it is, then the body's bytes. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { fileError, systemCode } from '../../run/file-error.ts';
import { mayBeStored } from './cache-control.ts';
import type { HttpResponse } from './http-request.ts';

export interface CachedResponse extends HttpResponse {
  /** Milliseconds since the epoch. */
  storedAt: number;
}

const STORED_STATUSES: readonly number[] = [200, 301, 308];

const headSchema = z.object({ url: z.string(), status: z.number(), headers: z.record(z.string(), z.string()), address: z.string(), storedAt: z.number(), bodySha256: z.string() });

export class PageCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where there is none, and where the file is not what was written: a cache may always be asked anew. */
  async find(url: URL): Promise<CachedResponse | undefined> {
    const path = this.#path(url);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return undefined;
      throw fileError(cause, `read ${path}`);
    }
    const end = bytes.indexOf('\n');
    const head = headSchema.safeParse(parseJson(bytes.subarray(0, Math.max(0, end)).toString()));
    const body = bytes.subarray(end + 1);
    if (!head.success || head.data.url !== url.href || head.data.bodySha256 !== sha256(body)) return undefined;
    const { status, headers, address, storedAt } = head.data;
    return { status, headers, address, storedAt, body };
  }

  /** Keeps an answer, unless its server forbids it. Throws R5Error where it cannot be written. */
  async store(url: URL, response: HttpResponse, storedAt: number = Date.now()): Promise<void> {
    if (!STORED_STATUSES.includes(response.status) || !mayBeStored(response.headers)) return;
    const { status, headers, address, body } = response;
    const head: z.infer<typeof headSchema> = { url: url.href, status, headers, address, storedAt, bodySha256: sha256(body) };
    const path = this.#path(url);
    const aside = `${path}.${randomUUID()}.partial`;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(aside, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
      await rename(aside, path);
    } catch (cause) {
      throw fileError(cause, `write ${path}`);
    }
  }

  #path(url: URL): string {
    return join(this.#folder, `${sha256(url.href).slice(0, 32)}.response`);
  }
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not what was written; the schema refuses it.
    return undefined;
  }
}
