/** The search tool: what it is called, what it takes and what it gives. */
import { z } from 'zod';
import { defineTool, type Tool } from '../tool.ts';
import type { FullTextIndex } from './full-text-index.ts';

/** Articles that one search shows. */
const HITS = 2;

export const SEARCH_TOOL = 'search';

/** The best articles for a query, one a line. */
export function searchResult(index: FullTextIndex, query: string): string {
  const hits = index.search(query, HITS);
  return hits.length === 0 ? 'nothing found' : hits.map(({ text }) => `- ${text}`).join('\n');
}

/** Results that are kept: rollouts of one question search for the same things. */
const REMEMBERED = 4096;

export function searchTool(index: () => FullTextIndex): Tool<{ query: string }> {
  const results = new Map<string, string>();
  return defineTool({
    name: SEARCH_TOOL,
    description: 'Searches the encyclopaedia for words and shows the articles that fit best.',
    parameters: z.object({ query: z.string().describe('words to look for, such as a name') }),
    run: ({ query }) => {
      const known = results.get(query);
      if (known !== undefined) return known;
      if (results.size >= REMEMBERED) results.clear();
      const result = searchResult(index(), query);
      results.set(query, result);
      return result;
    },
  });
}
