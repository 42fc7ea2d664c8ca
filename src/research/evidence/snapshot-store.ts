/** Snapshots on disk: one file each, named by the hash of address and text, written aside and renamed. What was read stays as it was. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { R5Error } from '../../error.ts';
import { makeFolders, writeWhole } from '../../run/durable-file.ts';
import { fileError, systemCode } from '../../run/file-error.ts';
import type { Snapshot } from '../snapshot.ts';

/** First 16 hexadecimal digits of the SHA-256 of address and text: the same page with other words is another snapshot. */
export function snapshotId(finalUrl: string, text: string): string {
  return createHash('sha256').update(finalUrl).update('\0').update(text).digest('hex').slice(0, 16);
}

/** A snapshot with its id, from all else. */
export function makeSnapshot(parts: Omit<Snapshot, 'id'>): Snapshot {
  return { ...parts, id: snapshotId(parts.finalUrl, parts.text) };
}

const passageSchema = z.object({ start: z.number(), end: z.number(), headings: z.array(z.string()), page: z.number().exactOptional() });

const snapshotSchema = z.object({
  id: z.string(), url: z.string(), finalUrl: z.string(), retrievedAt: z.string(), contentHash: z.string(), mediaType: z.string(),
  origin: z.enum(['web', 'file', 'search-snippet', 'mcp']),
  title: z.string(), text: z.string(), passages: z.array(passageSchema),
  markdown: z.string().exactOptional(), byline: z.string().exactOptional(), siteName: z.string().exactOptional(),
  excerpt: z.string().exactOptional(), publishedAt: z.string().exactOptional(), language: z.string().exactOptional(),
});

export class SnapshotStore {
  readonly folder: string;
  readonly #read = new Map<string, Snapshot>();

  /** Makes the folder where it is missing. Throws R5Error. */
  constructor(folder: string) {
    this.folder = folder;
    try {
      makeFolders(folder);
    } catch (cause) {
      throw fileError(cause, `make the folder ${folder}`);
    }
  }

  /**
   * Keeps what was read and returns it with its id. The same text of the same address is kept once, as it was read first. On the disk when it
   * returns. Throws R5Error when it cannot be written.
   */
  keep(parts: Omit<Snapshot, 'id'>): Snapshot {
    const snapshot = makeSnapshot(parts);
    const kept = this.get(snapshot.id);
    if (kept !== undefined) return kept;
    const path = this.#path(snapshot.id);
    try {
      writeWhole(path, `${JSON.stringify(snapshot)}\n`);
    } catch (cause) {
      throw fileError(cause, `write ${path}`);
    }
    this.#read.set(snapshot.id, snapshot);
    return snapshot;
  }

  /** Undefined when there is none of that id. Throws R5Error when the file is not what was written: a changed snapshot is no evidence. */
  get(id: string): Snapshot | undefined {
    const known = this.#read.get(id);
    if (known !== undefined) return known;
    if (!/^[0-9a-f]{16}$/.test(id)) return undefined;
    const path = this.#path(id);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return undefined;
      throw fileError(cause, `read ${path}`);
    }
    const snapshot = parseSnapshot(text, path);
    if (snapshot.id !== id || snapshotId(snapshot.finalUrl, snapshot.text) !== id) {
      throw new R5Error(`${path} was changed after it was written: its address and text do not give the hash ${id}. Read the source again in a new run.`);
    }
    this.#read.set(id, snapshot);
    return snapshot;
  }

  /** Ids of all that is kept, sorted. */
  ids(): string[] {
    try {
      return readdirSync(this.folder).flatMap((name) => /^([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? []).toSorted();
    } catch (cause) {
      throw fileError(cause, `list ${this.folder}`);
    }
  }

  #path(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}

function parseSnapshot(text: string, path: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new R5Error(`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}. It was changed after it was written.`, { cause });
  }
  const parsed = snapshotSchema.safeParse(value);
  if (!parsed.success) throw new R5Error(`${path} is not a snapshot: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  return parsed.data;
}
