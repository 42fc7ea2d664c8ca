/** What passes between the program and the thread that reads documents. */
import * as z from 'zod';
import type { ReadableType } from './media-type.ts';

export interface ReadingRequest {
  bytes: Uint8Array;
  url: string;
  contentType: string;
}

const MEDIA_TYPES = ['text/html', 'application/xml', 'text/plain', 'text/markdown', 'application/json', 'application/pdf'] as const satisfies readonly ReadableType[];

const passageSchema = z.object({ start: z.number(), end: z.number(), headings: z.array(z.string()), page: z.number().exactOptional() });

const documentSchema = z.object({
  title: z.string(), text: z.string(), passages: z.array(passageSchema),
  markdown: z.string().exactOptional(), byline: z.string().exactOptional(), siteName: z.string().exactOptional(),
  excerpt: z.string().exactOptional(), publishedAt: z.string().exactOptional(), language: z.string().exactOptional(),
});

/** `broken`: an error of the reading itself, which the document has set off. */
export const readingReplySchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('read'), mediaType: z.enum(MEDIA_TYPES), document: documentSchema }),
  z.object({ outcome: z.literal('refused'), kind: z.enum(['too-large', 'unreadable']), message: z.string() }),
  z.object({ outcome: z.literal('broken'), message: z.string() }),
]);

export type ReadingReply = z.infer<typeof readingReplySchema>;
