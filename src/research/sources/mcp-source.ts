/** A tool of an MCP server that searches, as a search source. The protocol's library is loaded when one is searched. */
import { createHash } from 'node:crypto';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { DEFAULT_COUNT, type SearchHit, type SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { toHit, within } from './service-hits.ts';

export interface McpSourceSettings {
  /** As typed on the command line. */
  name: string;
  /** Address of a server (Streamable HTTP), or a command with its arguments that is started and spoken to over its pipes. */
  server: string;
  /** The tool to call. Default: the only one, or the first that searches by its name. */
  tool?: string;
}

const MOST_PAGES = 50;

/** Names under which tools take the query, and how many hits are wanted. */
const QUERY_NAMES = ['query', 'q', 'search_query', 'searchQuery', 'search', 'question', 'keywords', 'text', 'term'];
const COUNT_NAMES = ['count', 'limit', 'max_results', 'maxResults', 'num_results', 'numResults', 'top_k', 'topK', 'k'];

const parameters = z.object({ properties: z.record(z.string(), z.looseObject({ type: z.union([z.string(), z.array(z.string())]).optional() })).default({}), required: z.array(z.string()).default([]) });
const content = z.array(z.looseObject({
  type: z.string(), text: z.string().optional(), uri: z.string().optional(), name: z.string().optional(), title: z.string().optional(), description: z.string().optional(),
  resource: z.looseObject({ uri: z.string(), text: z.string().optional() }).optional(),
}));
const result = z.looseObject({ content: content.default([]), structuredContent: z.unknown().optional(), isError: z.boolean().optional() });

interface SearchTool {
  name: string;
  query: string;
  count: string | undefined;
}

/** Connects at the first search; the connection ends with the process, or with `close`. */
export function mcpSource(settings: McpSourceSettings): SearchSource & { close(): Promise<void> } {
  let opening: Promise<{ client: Client; tool: SearchTool }> | undefined;
  const disconnect = async (): Promise<void> => {
    const open = opening;
    opening = undefined;
    // One that never opened has nothing to close.
    const opened = await open?.catch(() => undefined);
    await opened?.client.close();
  };
  return {
    name: settings.name,
    async search(query, { signal }) {
      opening ??= connect(settings, signal);
      try {
        const { client, tool } = await opening;
        const values = { [tool.query]: query.query, ...(tool.count !== undefined && { [tool.count]: query.count ?? DEFAULT_COUNT }) };
        const answer = result.parse(await client.callTool({ name: tool.name, arguments: values }, undefined, { signal }));
        if (answer.isError === true) throw new SourceError('unavailable', `The tool ${tool.name} of ${settings.name} failed: ${textOf(answer).slice(0, 300) || 'it does not say why'}.`);
        return within(hitsOf(answer, { source: settings.name, tool: tool.name }), query);
      } catch (cause) {
        if (cause instanceof SourceError) throw cause;
        // The next search connects anew; of what was aborted nobody knows in which state it is.
        await disconnect();
        if (signal.aborted) throw signal.reason;
        throw new SourceError('unavailable', `The MCP server ${settings.name} failed (${cause instanceof Error ? cause.message : String(cause)}). Is it running, and does it start by hand?`, { cause });
      }
    },
    close: disconnect,
  };
}

async function connect(settings: McpSourceSettings, signal: AbortSignal): Promise<{ client: Client; tool: SearchTool }> {
  const { Client: McpClient } = await import('@modelcontextprotocol/sdk/client/index.js');
  const client = new McpClient({ name: 'r5', version: '1' });
  await client.connect(await transportOf(settings.server), { signal });
  try {
    return { client, tool: await chooseTool(client, settings, signal) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The tool that searches. Throws SourceError where there is none. */
async function chooseTool(client: Client, { name, server, tool: wanted }: McpSourceSettings, signal: AbortSignal): Promise<SearchTool> {
  const tools = await listAll(client, signal);
  const usable = tools.flatMap((tool): SearchTool[] => {
    const { properties, required } = parameters.parse(tool.inputSchema);
    const texts = Object.keys(properties).filter((key) => properties[key]?.type === undefined || [properties[key].type].flat().includes('string'));
    const query = QUERY_NAMES.find((key) => texts.includes(key)) ?? (required.length === 1 ? texts.find((key) => required.includes(key)) : undefined);
    const count = COUNT_NAMES.find((key) => [properties[key]?.type].flat().some((type) => type === 'number' || type === 'integer'));
    return query === undefined || required.some((key) => key !== query && key !== count) ? [] : [{ name: tool.name, query, count }];
  });
  const named = usable.find((tool) => tool.name === wanted);
  const searching = usable.filter((tool) => /search|find|query|retriev|lookup/i.test(tool.name));
  const tool = wanted === undefined ? (searching[0] ?? (usable.length === 1 ? usable[0] : undefined)) : named;
  if (tool !== undefined) return tool;
  throw new SourceError('bad-request', `The MCP server ${name} has no tool ${wanted === undefined ? 'that searches' : `${wanted} that takes a query alone`}; it has ${tools.map((one) => one.name).join(', ') || 'none'}. Name one behind a #, as in mcp:${server}#tool.`);
}

/** Servers with many tools list them page by page. */
async function listAll(client: Client, signal: AbortSignal): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { tools: some, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor }, { signal });
    tools.push(...some);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return tools;
}

async function transportOf(server: string): Promise<Transport> {
  if (/^https?:\/\//.test(server)) {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    // The user named this address and no other.
    return new StreamableHTTPClientTransport(new URL(server), { requestInit: { redirect: 'error' } });
  }
  const [command = '', ...args] = server.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')) ?? [];
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  // Of the environment it gets only what every program needs: none of the user's keys.
  return new StdioClientTransport({ command, args, stderr: 'ignore' });
}

type ToolAnswer = z.output<typeof result>;

const textOf = (answer: ToolAnswer): string => answer.content.flatMap(({ text }) => text ?? []).join('\n');

/** Hits of an answer in any of the forms that tools use: data with addresses, links, or plain text, which is one document. */
function hitsOf(answer: ToolAnswer, { source, tool }: { source: string; tool: string }): SearchHit[] {
  const hit = (parts: Pick<SearchHit, 'url' | 'title' | 'snippet'> & { text?: string | undefined; publishedAt?: string | undefined }): SearchHit => toHit({ ...parts, source, origin: 'mcp' });
  const records = [answer.structuredContent, ...answer.content.map(({ text }) => parseJson(text))].flatMap((value) => recordsOf(value));
  const fromRecords = records.flatMap((record) => {
    const pick = (...names: readonly string[]): string | undefined => names.map((name) => record[name]).find((value): value is string => typeof value === 'string' && value !== '');
    const url = pick('url', 'link', 'uri', 'href');
    return url === undefined ? [] : [hit({ url, title: pick('title', 'name') ?? url, snippet: (pick('snippet', 'description', 'summary', 'content', 'text') ?? '').slice(0, 1000), text: pick('text', 'content'), publishedAt: normalizeDate(pick('publishedDate', 'published_date', 'published', 'date')) })];
  });
  const fromLinks = answer.content.flatMap(({ type, uri, name, title, description, resource }) => {
    if (type === 'resource_link' && uri !== undefined) return [hit({ url: uri, title: title ?? name ?? uri, snippet: description ?? '' })];
    return resource === undefined ? [] : [hit({ url: resource.uri, title: resource.uri, snippet: (resource.text ?? '').slice(0, 1000), text: resource.text })];
  });
  if (fromRecords.length + fromLinks.length > 0) return unique([...fromRecords, ...fromLinks]);
  const text = textOf(answer).trim();
  // An answer in data without addresses that holds nothing, such as `{"results": []}`.
  if (text === '' || isEmptyData(parseJson(text))) return [];
  const linked = linksOf(text).map(({ url, title, snippet }) => hit({ url, title, snippet }));
  if (linked.length > 0) return unique(linked);
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return [hit({ url: `mcp://${encodeURIComponent(source)}/${encodeURIComponent(tool)}/${id}`, title: text.split('\n')[0]?.slice(0, 120) ?? tool, snippet: text.slice(0, 1000), text })];
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Most tools answer in plain text.
    return undefined;
  }
}

const isEmptyData = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && value !== null && Object.values(value).some((field) => Array.isArray(field) && field.length === 0));

/** The objects of a list, or of the lists in an object. */
function recordsOf(value: unknown, depth = 0): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'object' && one !== null).map((one) => ({ ...one }));
  if (typeof value !== 'object' || value === null || depth > 2) return [];
  return Object.values(value).flatMap((field) => recordsOf(field, depth + 1));
}

/** Links of Markdown or `URL:` lines, each with the text that follows it. */
function linksOf(text: string): { url: string; title: string; snippet: string }[] {
  const found = [...text.matchAll(/\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(?:^|\n)(?:Title:\s*([^\n]+)\n)?(?:URL|Link):\s*(https?:\/\/\S+)/gi)];
  return found.map((match, index) => {
    const [whole, label, address, title, other] = match;
    const url = address ?? other ?? '';
    return { url, title: label ?? title ?? url, snippet: text.slice(match.index + whole.length, found[index + 1]?.index ?? text.length).trim().slice(0, 500) };
  });
}

const unique = (hits: readonly SearchHit[]): SearchHit[] => [...new Map(hits.map((hit) => [hit.url, hit])).values()];
