/** What was read, kept as it was when it was read. */
import type { Origin, ReadableDocument } from './readable-document.ts';

export interface Snapshot extends ReadableDocument {
  /** First 16 hexadecimal digits of the SHA-256 of address and text. */
  id: string;
  /** As it was asked for, and where the last redirect led. For a file: its path as a file URL. */
  url: string;
  finalUrl: string;
  /** ISO 8601, UTC. */
  retrievedAt: string;
  /** SHA-256 of the bytes as they came, hexadecimal. */
  contentHash: string;
  mediaType: string;
  origin: Origin;
}
