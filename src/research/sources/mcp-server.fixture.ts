/** An MCP server that searches, for tests; spoken to over its pipes. Called `without-tools`, it offers none and cannot say so. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'library', version: '1' });
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

if (process.argv[2] !== 'without-tools') registerTools();

function registerTools(): void {
  server.registerTool('delete_everything', { inputSchema: { confirm: z.boolean() } }, () => text('gone'));
  server.registerTool('search_books', { inputSchema: { query: z.string(), limit: z.number().optional() } }, ({ query, limit }) => {
    if (query === 'fail') return { ...text('the shelf is on fire'), isError: true };
    if (query === 'nothing') return text(JSON.stringify({ results: [] }));
    if (query === 'plain') return text('Whales are mammals.\nThey breathe air.');
    if (query === 'links') return text('1. [First](https://example.org/1) about one\n2. [Second](https://example.org/2) about two');
    if (query === 'words') return text(JSON.stringify([{ url: 'https://example.org/d', title: 'Dated', date: 'February 3, 2020' }]));
    if (query === 'environment') return text(JSON.stringify([{ url: 'https://example.org/e', title: process.env['TEST_API_KEY'] ?? 'no key' }]));
    return text(JSON.stringify({ results: [{ url: 'https://example.org/w', title: `Whales ${limit}`, snippet: 'Large', date: '2020-02-03' }] }));
  });
}

await server.connect(new StdioServerTransport());
