/** An MCP server with three tools: `search`, `read`, `research`. Its transport is the caller's. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { R5Error } from '../../error.ts';
import { progressLine } from '../progress-line.ts';
import type { ResearchService } from '../research-service.ts';
import { readInput, shownPart } from './read-tool.ts';
import { researchAnswer, researchInput, researchOutput } from './research-tool.ts';
import { searchInput, searchQuery, shownHits } from './search-tool.ts';

export interface ResearchMcpOptions {
  service: ResearchService;
  version: string;
  /** Told of failures that are not the client's. Default: stderr. */
  onDefect?: (error: unknown) => void;
}

type Call = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function researchMcpServer({ service, version, onDefect = console.error }: ResearchMcpOptions): McpServer {
  const server = new McpServer({ name: 'r5', title: 'r5 research', version });
  const answering = (call: Call, work: () => Promise<CallToolResult>): Promise<CallToolResult> => orErrorResult(work, { call, onDefect });
  const names = service.sourceNames.join(', ');
  const looks = { readOnlyHint: true, destructiveHint: false, openWorldHint: true };

  server.registerTool('search', { title: 'Search', description: `Searches ${names} at once. Returns titles, addresses and snippets, best first.`, inputSchema: searchInput, annotations: looks }, (input, call) =>
    answering(call, async () => {
      const query = searchQuery(input);
      return textResult(shownHits(query, await service.search(query, call.signal)));
    }),
  );
  server.registerTool('read', { title: 'Read', description: `Reads a page of the public web, or a document of ${names}, as plain text (HTML, PDF and more). Long texts come in parts.`, inputSchema: readInput, annotations: looks }, (input, call) =>
    answering(call, async () => textResult(shownPart(await service.read(input.url, { signal: call.signal, again: input.offset > 0 }), input))),
  );
  server.registerTool(
    'research',
    {
      title: 'Research',
      description: `Answers a question from ${names}: plans, searches, reads, and writes a report in which code has checked every citation against what was read. Takes minutes, and costs what the server's models cost.`,
      inputSchema: researchInput,
      outputSchema: researchOutput,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
    },
    ({ question, depth, budget, run }, call) =>
      answering(call, async () => {
        const result = await service.run({ question, depth, money: budget, run, signal: call.signal, onEvent: progressTo(call, onDefect) });
        const { text, structured } = researchAnswer(result);
        return { ...textResult(text), structuredContent: { ...structured } };
      }),
  );
  return server;
}

const textResult = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });

/** What a model can do something about is a result that says so; a defect is told without its insides. */
async function orErrorResult(work: () => Promise<CallToolResult>, { call, onDefect }: { call: Call; onDefect: (error: unknown) => void }): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    // Nobody waits for the answer to a call that was taken back.
    if (call.signal.aborted) return { ...textResult('The call was taken back.'), isError: true };
    if (error instanceof R5Error) return { ...textResult(error.message), isError: true };
    onDefect(error);
    return { ...textResult('r5 failed on this call; its log says why. Other calls are not affected.'), isError: true };
  }
}

/** Tells the client of each step, where it asked to be told. The first says which run it is, so that one that is broken off can be gone on with. */
function progressTo({ _meta, sendNotification, signal }: Call, onDefect: (error: unknown) => void): Parameters<ResearchService['run']>[0]['onEvent'] {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return () => {};
  let progress = 0;
  return (event) => {
    const message = event.type === 'run' ? `run ${event.id}` : progressLine(event);
    if (message === undefined || signal.aborted) return;
    progress++;
    sendNotification({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch((error: unknown) => {
      if (!signal.aborted) onDefect(error);
    });
  };
}
