/** Which of the pages found are worth reading. The model answers with numbers of the list; addresses it never writes. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import type { SearchHit } from '../search-source.ts';
import { orFallback } from './make-plan.ts';
import { dataBlock } from './outside-text.ts';
import type { PlanQuestion } from './plan.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { answerForm } from './structured-answer.ts';

/** More than these are not shown: small models lose themselves in long lists. */
const MOST_SHOWN = 15;

export async function choosePages(context: ResearchContext, { question }: PlanQuestion, hits: readonly SearchHit[]): Promise<SearchHit[]> {
  const { depth, fence } = context;
  const shown = hits.slice(0, MOST_SHOWN);
  if (shown.length <= depth.pages) return [...shown];
  const list = shown.map((hit, index) => `${index + 1}. ${oneLine(hit.title, 150)} (${hostOf(hit.url)}${hit.publishedAt === undefined ? '' : `, ${hit.publishedAt.slice(0, 10)}`})\n   ${oneLine(hit.snippet, 300)}`);
  const task = 'You choose which search results to read to answer a question: those that most likely hold the answer, from sources that can be trusted, and not all the same.';
  const prompt = `${userWords(context)}\n\nTo be answered now: ${question}\n\n${dataBlock(fence, { name: 'search results', origin: 'search-snippet', text: list.join('\n') })}\n\nGive the numbers of at most ${depth.pages} results, best first.`;
  const chosen = (numbers: readonly number[]): SearchHit[] => {
    const picked = [...new Set(numbers)].flatMap((number) => shown[number - 1] ?? []);
    if (picked.length === 0) throw new R5Error(`it names none of the results 1 to ${shown.length}`);
    return picked.slice(0, depth.pages);
  };
  const forms = [answerForm(z.object({ read: z.array(z.coerce.number()) }), '{"read": [3, 1]}', ({ read }) => chosen(read))] as const;
  return orFallback(context, shown.slice(0, depth.pages), () =>
    context.model.ask({ role: 'planner', purpose: 'choose', system: systemPrompt(context, task), prompt, forms, maxOutputTokens: 512 }),
  );
}

export const oneLine = (text: string, most: number): string => {
  // What controls a terminal, or turns the direction of the words after it, is shown nowhere.
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

export const hostOf = (url: string): string => URL.parse(url)?.host || 'file';
