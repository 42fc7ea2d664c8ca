/** After a round: is the question answered by what was found, and if not, what to search for next. */
import { z } from 'zod';
import type { QuoteClaim } from '../evidence/evidence-store.ts';
import { oneLine } from './choose-pages.ts';
import { orFallback } from './make-plan.ts';
import { dataBlock, neutralized } from './outside-text.ts';
import type { PlanQuestion } from './plan.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { answerForm } from './structured-answer.ts';

export interface Gaps {
  covered: boolean;
  queries: string[];
  /** Questions that came up and that the user's question needs answered. */
  questions: string[];
}

/** A model asks them after it has read pages, and they stand in prompts as the plan's. */
const asQuestion = (question: string): string => oneLine(neutralized(question), 300);

const list = z.array(z.string().trim().min(1)).default([]);

export async function findGaps(context: ResearchContext, { question }: PlanQuestion, found: readonly QuoteClaim[], tried: readonly string[]): Promise<Gaps> {
  const { depth, fence } = context;
  // Notes stand for the pages here; the pages themselves were read once and are on the disk.
  const notes = found.map(({ quote, note }) => `- ${note === undefined ? '' : `${oneLine(note, 300)}: `}"${oneLine(quote, 400)}"`);
  const block = notes.length === 0 ? 'Nothing was found yet.' : dataBlock(fence, { name: 'notes so far', origin: 'web', text: notes.join('\n') });
  const task = 'You judge whether notes answer a question, and what to search for next if they do not.';
  const prompt = `${userWords(context)}\n\nTo be answered now: ${question}\n\n${block}\n\nAlready searched for: ${tried.map((query) => JSON.stringify(query)).join(', ')}\n\nIs the question to be answered now covered by the notes? If not, give at most ${depth.queries} other queries, a few telling words each, no addresses. "questions" holds further questions without whose answer the user's question stays open; mostly it is empty.`;
  const forms = [
    answerForm(
      z.object({ covered: z.boolean(), queries: list, questions: list }),
      '{"covered": false, "queries": ["..."], "questions": []}',
      ({ covered, queries, questions }): Gaps => ({ covered: covered && found.length > 0, queries: queries.slice(0, depth.queries), questions: questions.slice(0, 2).map(asQuestion) }),
    ),
    answerForm(z.object({ covered: z.boolean() }), '{"covered": false}', ({ covered }): Gaps => ({ covered: covered && found.length > 0, queries: [], questions: [] })),
  ] as const;
  return orFallback(context, { covered: found.length >= 2, queries: [], questions: [] }, () =>
    context.model.ask({ role: 'planner', purpose: 'gaps', system: systemPrompt(context, task), prompt, forms, maxOutputTokens: 1024 }),
  );
}
