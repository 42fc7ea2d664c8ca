/** An event of a run as a line for people; undefined for those that say nothing to them. */
import { z } from 'zod';
import { oneLine } from './choose-pages.ts';
import type { NumberedEvent } from './journal-event.ts';

const plan = z.object({ by: z.string(), questions: z.array(z.object({ question: z.string() })) });
const evidence = z.object({ id: z.string(), quote: z.string() });
const inputs = {
  search: z.object({ source: z.string(), query: z.string() }),
  fetch: z.object({ url: z.string() }),
  model: z.object({ role: z.string(), purpose: z.string() }),
};

export function eventLine(event: NumberedEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return startLine(event.kind, event.input);
    case 'failed':
      return `  failed: ${oneLine(event.failure.message, 200)}`;
    case 'retrying':
      return `  waiting ${(event.waitMs / 1000).toFixed(1)} s: ${oneLine(event.failure.message, 160)}`;
    case 'fact':
      return factLine(event.name, event.data);
    default:
      return undefined;
  }
}

/** An event of a run as a line of its log; each has one. */
export function logLine(event: NumberedEvent): string {
  const line = eventLine(event);
  if (line !== undefined) return line;
  switch (event.type) {
    case 'run':
      return `run ${event.id}: ${oneLine(event.question, 160)}`;
    case 'started': {
      const call = inputs.model.safeParse(event.input);
      return call.success ? `${call.data.role}: ${call.data.purpose}` : event.kind;
    }
    case 'finished':
      return `  ${event.kind} done in ${event.seconds} s`;
    case 'fact': {
      const writing = event.name === 'writing' ? z.object({ evidence: z.number() }).safeParse(event.data) : undefined;
      if (writing?.success) return `writing from ${writing.data.evidence} quotes`;
      return `  ${event.name} ${oneLine(JSON.stringify(event.data), 120)}`;
    }
    case 'closed':
      return `ended: ${event.outcome}`;
    default:
      return event.type;
  }
}

function startLine(kind: string, input: unknown): string | undefined {
  const search = kind === 'search' ? inputs.search.safeParse(input) : undefined;
  if (search?.success) return `search ${search.data.source}: ${oneLine(search.data.query, 120)}`;
  const page = kind === 'fetch' ? inputs.fetch.safeParse(input) : undefined;
  if (page?.success) return `read ${oneLine(page.data.url, 160)}`;
  const call = kind === 'model' ? inputs.model.safeParse(input) : undefined;
  return call?.success && call.data.role === 'writer' ? `write: ${call.data.purpose}` : undefined;
}

function factLine(name: string, data: unknown): string | undefined {
  const planned = name === 'plan' ? plan.safeParse(data) : undefined;
  if (planned?.success) return ['plan:', ...planned.data.questions.map(({ question }) => `  - ${oneLine(question, 160)}`)].join('\n');
  const found = name === 'evidence' ? evidence.safeParse(data) : undefined;
  if (found?.success) return `  [${found.data.id}] “${oneLine(found.data.quote, 140)}”`;
  const plain = z.record(z.string(), z.unknown()).safeParse(data);
  const reason = plain.success ? (plain.data.reason ?? plain.data.problem ?? plain.data.words) : undefined;
  if (['fallback', 'query-refused', 'unusable-answer', 'steering'].includes(name)) return `  ${name.replace('-', ' ')}: ${oneLine(String(reason ?? ''), 160)}`;
  return name === 'no-progress' ? '  nothing new was found; going on to write' : undefined;
}
