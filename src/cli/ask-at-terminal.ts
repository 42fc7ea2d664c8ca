/** Asks whoever sits at the terminal. */
import { createInterface } from 'node:readline/promises';
import type { PlanQuestion } from '../research/loop/plan.ts';
import type { ResearchOptions } from '../research/loop/research.ts';
import { printable } from './printable.ts';
import type { ResearchProgress } from './research-progress.ts';

/** No failure of the run's: the journal does not keep it, and the question is asked again when the run goes on. */
export class InputEnded extends Error {}

/** Asks at the terminal; an empty line leaves the question open. Throws InputEnded where nobody can answer any more. */
async function askAtTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal in the hands of readline sends no signal by itself.
  lines.once('SIGINT', () => {
    process.emit('SIGINT', 'SIGINT');
    lines.close();
  });
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new InputEnded('The input ended before an answer came. --clarify and --approve-plan need somebody at the terminal.')));
  });
  try {
    return await Promise.race([lines.question(`${printable(question)}\n> `), ended]);
  } finally {
    lines.close();
  }
}

async function approveAtTerminal(plan: readonly PlanQuestion[], path: string): Promise<void> {
  await askAtTerminal(`${plan.map(({ question }) => `- ${question}`).join('\n')}\nEdit ${path} if you like, then press Enter to begin.`);
}

/** The questions of a run, put at the terminal. */
export const atTerminal = (progress: ResearchProgress): Required<Pick<ResearchOptions, 'clarify' | 'approvePlan'>> => ({
  clarify: (text) => progress.quietly(() => askAtTerminal(text)),
  approvePlan: (plan, path) => progress.quietly(() => approveAtTerminal(plan, path)),
});
