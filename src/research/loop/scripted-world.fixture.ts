/** A small world for tests, on loopback: a server that answers like a model, and one that searches and holds a few pages. Both count. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { HitReader } from './research-context.ts';
import { researchModel, type ResearchModel } from './research-model.ts';
import type { SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';

/** What a model would answer to a prompt. */
export type Brain = (prompt: { system: string; user: string }) => string;

export interface World {
  url: string;
  /** How often each request was answered, by what it was. */
  served: Map<string, number>;
  /** All prompts, in order. */
  prompts: { system: string; user: string }[];
  /** Paths that were asked for, in order. */
  paths: string[];
  close(): Promise<void>;
}

export const pages: Readonly<Record<string, string>> = {
  '/bridge': 'The Sydney Harbour Bridge opened on 19 March 1932. It took eight years to build and 1,400 people worked on it.',
  '/height': 'The top of the arch of the Sydney Harbour Bridge is 134 metres above sea level. On hot days the arch rises by 18 centimetres.',
  '/paint': 'Painting the bridge takes 80,000 litres of paint a coat. The colour is called Bridge Grey.',
};

export interface WorldOptions {
  brain: Brain;
  pages?: Readonly<Record<string, string>>;
  /** Answers a request otherwise; undefined leaves it to the script. */
  disturb?: (path: string, count: number) => { status: number; headers?: Record<string, string>; body?: string } | undefined;
}

export async function startWorld({ brain, pages: held = pages, disturb }: WorldOptions): Promise<World> {
  const served = new Map<string, number>();
  const prompts: World['prompts'] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => void answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined)));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const path = request.url ?? '';
    paths.push(path);
    const key = createHash('sha256').update(`${path}\n${body}`).digest('hex');
    const disturbance = disturb?.(path, paths.length);
    if (disturbance !== undefined) {
      response.writeHead(disturbance.status, { 'content-type': 'application/json', ...disturbance.headers }).end(disturbance.body ?? '{"error":{"message":"disturbed"}}');
      return;
    }
    served.set(key, (served.get(key) ?? 0) + 1);
    if (path.startsWith('/search')) {
      const hits = Object.entries(held).map(([at, text]) => ({ url: `${worldUrl}${at}`, title: `Page ${at}`, snippet: text.slice(0, 60) }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(hits));
    } else if (path === '/v1/chat/completions') {
      const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
      const prompt = { system: messages.find(({ role }) => role === 'system')?.content ?? '', user: messages.find(({ role }) => role === 'user')?.content ?? '' };
      prompts.push(prompt);
      stream(response, brain(prompt));
    } else if (held[path] !== undefined) response.writeHead(200, { 'content-type': 'text/plain' }).end(held[path]);
    else response.writeHead(404).end();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const worldUrl = `http://127.0.0.1:${address.port}`;
  return {
    url: worldUrl,
    served,
    prompts,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function stream(response: ServerResponse, text: string): void {
  const chunk = (part: object): string => `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'scripted', ...part })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] }));
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } }));
  response.end('data: [DONE]\n\n');
}

/** The model of a world. */
export function worldModel(url: string, name = 'scripted'): ResearchModel {
  const provider = createOpenAICompatible({ name: 'world', baseURL: `${url}/v1`, includeUsage: true, supportsStructuredOutputs: true });
  return researchModel(provider.chatModel(name), { local: true });
}

export const worldSource = (url: string): SearchSource => ({
  name: 'world',
  search: async ({ query }, { signal }) => {
    const response = await fetch(`${url}/search?q=${encodeURIComponent(query)}`, { signal });
    if (!response.ok) throw new SourceError(response.status === 429 ? 'rate-limited' : 'unavailable', `the search answered ${response.status}`);
    const hits = (await response.json()) as { url: string; title: string; snippet: string }[];
    return { hits: hits.map((hit) => ({ ...hit, source: 'world', origin: 'web' as const })), cost: 0.001 };
  },
});

export const worldPages: HitReader = async ({ url }, { signal }) => {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new SourceError(response.status === 404 ? 'not-found' : 'unavailable', `${url} answered ${response.status}`);
  const text = await response.text();
  const contentHash = createHash('sha256').update(text).digest('hex');
  return { url, finalUrl: url, title: `Page ${new URL(url).pathname}`, text, passages: [], retrievedAt: '2026-01-01T00:00:00.000Z', contentHash, mediaType: 'text/plain', origin: 'web' };
};

/** What is asked for, by the form that the prompt shows. */
export function formOf(user: string): 'plan' | 'choose' | 'notes' | 'quotes' | 'gaps' | 'repair' | 'sentences' | 'other' {
  const form = user.slice(user.indexOf('Answer with JSON only'));
  if (form.includes('"queries": ["words to search for"')) return 'plan';
  if (form.includes('"read"')) return 'choose';
  if (form.includes('"notes"')) return 'notes';
  if (form.includes('"quotes"')) return 'quotes';
  if (form.includes('"covered"')) return 'gaps';
  if (form.includes('"number"')) return 'repair';
  return form.includes('"sentences"') ? 'sentences' : 'other';
}

/** The text of the block of a prompt. */
export const blockOf = (user: string): string => /<<<DATA \w+ [^\n]*\n([\s\S]*?)\nDATA \w+>>>/.exec(user)?.[1] ?? '';

/** A model that does its work well: quotes the first sentence of each page and writes what the quotes say. */
export const honestBrain: Brain = ({ user }) => {
  const question = /To be answered now: (.*)/.exec(user)?.[1] ?? '';
  switch (formOf(user)) {
    case 'plan':
      return JSON.stringify({ questions: [{ question: 'When did the bridge open?', queries: ['bridge opening date', 'bridge history'] }, { question: 'How high is the bridge?', queries: ['bridge height'] }] });
    case 'choose':
      return JSON.stringify({ read: [1, 2, 3] });
    case 'notes': {
      const first = /^(.*?\.)(?: |$)/s.exec(blockOf(user))?.[1] ?? '';
      const helps = /open/.test(question) ? /opened/.test(first) : /metres/.test(first);
      return JSON.stringify({ notes: helps ? [{ quote: first, note: 'says it' }] : [], answers: 'partly' });
    }
    case 'gaps':
      return JSON.stringify(/already searched.*again/i.test(user) ? { covered: true, queries: [], questions: [] } : { covered: false, queries: [`${question} again`], questions: [] });
    case 'sentences': {
      const quotes = [...blockOf(user).matchAll(/\[(e\d+)\] "([^"]*)"/g)];
      return JSON.stringify({ title: 'The bridge', sentences: quotes.map(([, id, quote]) => ({ text: quote, evidence: [id] })) });
    }
    default:
      return '{}';
  }
};
