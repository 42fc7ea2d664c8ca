/** The thread in which documents of strangers are taken apart: one request at a time, one reply to each. */
import { parentPort } from 'node:worker_threads';
import { SourceError } from '../source-error.ts';
import { readBytes } from './read-document.ts';
import type { ReadingReply, ReadingRequest } from './reading-messages.ts';

// Node warns that removing types is experimental; the warning would reach the user's terminal from here.
process.removeAllListeners('warning');

const port = parentPort;
if (port === null) throw new Error('reading-worker runs as a worker thread only');

/** The thread is ended from outside where the reading is given up. */
const { signal } = new AbortController();

async function answer(request: ReadingRequest): Promise<ReadingReply> {
  try {
    const { mediaType, document } = await readBytes(request.bytes, { url: request.url, contentType: request.contentType, signal });
    return { outcome: 'read', mediaType, document: { ...document, passages: document.passages.map((passage) => ({ ...passage, headings: [...passage.headings] })) } };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof SourceError && (cause.kind === 'too-large' || cause.kind === 'unreadable')) return { outcome: 'refused', kind: cause.kind, message };
    return { outcome: 'broken', message };
  }
}

port.on('message', (request: ReadingRequest) => void answer(request).then((reply) => port.postMessage(reply)));
