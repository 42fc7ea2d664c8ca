/** What the main thread and a sandbox worker say to each other. */
import { z } from 'zod';

/** A program to run, and where its result comes from: its last value, or a test that is run after it. */
export interface GuestRequest {
  program: string;
  /** TypeScript, whose types are removed before it runs. */
  typescript: boolean;
  /** Body of an async function that sees the program's globals and the assertions. */
  test?: string | undefined;
  timeMs: number;
  memoryBytes: number;
  /** Characters of logs, and characters of the result as JSON. */
  maxOutput: number;
}

const guestReplySchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('ok'), json: z.string().optional(), logs: z.array(z.string()) }),
  z.strictObject({ outcome: z.enum(['error', 'timeout', 'memory']), message: z.string(), logs: z.array(z.string()) }),
]);

/** `json` is the result as JSON; without it the result is undefined. */
export type GuestReply = z.output<typeof guestReplySchema>;

/** `ready` comes once at the start, and again when the worker has cleaned up behind a run. */
export const workerMessageSchema = z.union([
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('reply'), reply: guestReplySchema }),
]);

export type WorkerMessage = z.output<typeof workerMessageSchema>;
