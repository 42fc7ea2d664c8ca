/** First step: which smaller questions to answer, and what to search for. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { ModelError } from './model-error.ts';
import type { PlanQuestion } from './plan.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { answerForm } from './structured-answer.ts';

const text = z.string().trim().min(1);

interface Draft {
  question: string;
  queries: string[];
}

const forms = [
  answerForm(
    z.object({ questions: z.array(z.object({ question: text, queries: z.array(text) })) }),
    '{"questions": [{"question": "...", "queries": ["words to search for", "other words"]}]}',
    ({ questions }): Draft[] => some(questions),
  ),
  answerForm(z.object({ questions: z.array(text) }), '{"questions": ["...", "..."]}', ({ questions }): Draft[] => some(questions.map((question) => ({ question, queries: [question] })))),
] as const;

function some(questions: Draft[]): Draft[] {
  if (questions.length === 0) throw new R5Error('it lists no question');
  return questions;
}

/** The plan. A planner that cannot write one leaves the user's question as the only one. */
export async function makePlan(context: ResearchContext): Promise<PlanQuestion[]> {
  const { depth, question } = context;
  const task = 'You plan research. You split a question into the few smaller ones whose answers together answer it, each of them answerable by facts from sources, and none twice.';
  const prompt = `${userWords(context)}\n\nList at most ${depth.questions} smaller questions, in the language of the user's question; just one if it is simple. For each, at most ${depth.queries} queries for a search engine: a few telling words, no addresses.`;
  const drafts = await orFallback(context, [{ question, queries: [question] }], () =>
    context.model.ask({ role: 'planner', purpose: 'plan', system: systemPrompt(context, task), prompt, forms }),
  );
  return drafts.slice(0, depth.questions).map((draft, index) => ({
    id: `q${index + 1}`,
    question: draft.question.slice(0, 500),
    queries: (draft.queries.length > 0 ? draft.queries : [draft.question]).slice(0, depth.queries),
    from: 'planner',
    status: 'open',
  }));
}

/** What a step gives, or the plain way on where the models gave nothing of use; that is written down. Other failures are thrown. */
export async function orFallback<Value>({ journal }: Pick<ResearchContext, 'journal'>, fallback: Value, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== 'unusable') throw error;
    journal.tell('fallback', { reason: error.message });
    return fallback;
  }
}
