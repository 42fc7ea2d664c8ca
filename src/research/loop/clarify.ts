/** Asking back, only when the user wants to be asked. */
import { z } from 'zod';
import { orFallback } from './make-plan.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { answerForm } from './structured-answer.ts';

/** Puts a question to the user; an empty answer leaves it open. */
export type Answerer = (question: string) => Promise<string>;

const answerSchema = z.object({ answer: z.string() });

/** Question and answer, for the prompts that follow. */
export async function askBack(context: ResearchContext, answer: Answerer): Promise<string[]> {
  const task = 'You find out what a research question means before the work begins.';
  const prompt = `${userWords(context)}\n\nWhat would you have to ask the user because the research would go another way with another answer? At most three short questions, in the language of the question; none if it is clear.`;
  const forms = [answerForm(z.object({ questions: z.array(z.string().trim().min(1)) }), '{"questions": ["..."]}', ({ questions }) => questions.slice(0, 3))] as const;
  const questions = await orFallback(context, [], () => context.model.ask({ role: 'planner', purpose: 'clarify', system: systemPrompt(context, task), prompt, forms, maxOutputTokens: 512 }));
  const said: string[] = [];
  for (const question of questions) {
    const given = await context.journal.perform({ kind: 'ask', input: { question }, parse: (result) => answerSchema.parse(result), run: async () => ({ answer: await answer(question) }) });
    if (given.answer.trim() !== '') said.push(`${question} ${given.answer.trim()}`);
  }
  return said;
}
