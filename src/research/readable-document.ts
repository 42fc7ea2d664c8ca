/** A page or file as text that can be read, searched and quoted. */

/** Where a text came from; it stays with the text all the way, because what an outside text says is data and never an instruction. */
export type Origin = 'web' | 'file' | 'search-snippet' | 'mcp';

/** A stretch of the text with an address of its own. Offsets are in UTF-16 code units, `end` exclusive. */
export interface Passage {
  start: number;
  end: number;
  /** Headings above it, outermost first. */
  headings: readonly string[];
  /** Page number, from 1, for documents that have pages. */
  page?: number;
}

export interface ReadableDocument {
  title: string;
  /** Plain text with line breaks between blocks; what quotes are checked against. */
  text: string;
  /** The same as Markdown, for a model to read, where the source has structure. */
  markdown?: string;
  passages: readonly Passage[];
  byline?: string;
  siteName?: string;
  excerpt?: string;
  /** ISO 8601, as far as the source says. */
  publishedAt?: string;
  /** BCP 47. */
  language?: string;
}
