/** An agent of the AI SDK learns to use its search tool, and then runs on the trained model: `node --conditions=r5-source examples/search-agent.ts`, minutes on 2 cores. */
import { generateText, isStepCount, tool, type LanguageModel } from 'ai';
import { encyclopaedia, r5, searchTask, trainAgent } from 'r5-rl';
import { z } from 'zod';

const search = tool({
  description: 'Searches an encyclopaedia of invented things.',
  inputSchema: z.object({ query: z.string() }),
  execute: ({ query }) => encyclopaedia().index().search(query, 2).map(({ text }) => `- ${text}`).join('\n'),
});

/** The agent; it knows nothing of being trained. */
async function ask(model: LanguageModel, question: string): Promise<string> {
  const { text } = await generateText({ model, prompt: question, tools: { search }, stopWhen: isStepCount(5) });
  return text;
}

const rows = await searchTask.train();
const heldOut = await searchTask.test();

const { run, before, after } = await trainAgent({
  name: 'search-agent',
  model: 'r5-tiny-search',
  rows,
  heldOut,
  agent: (model, { question }) => ask(model, question),
  score: ({ answer }, text) => (text.trimEnd().endsWith(`answer: ${answer}`) ? 1 : 0),
  steps: 20,
  updates: 2,
  learningRate: 3e-4,
  finalRows: 128,
  onStep: ({ step, reward }) => console.log(`step ${step}: reward ${reward.toFixed(2)}`),
});

const [{ question } = { question: '' }] = heldOut;
console.log(`Held-out questions answered: ${before?.accuracy} before, ${after?.accuracy} after.\n${question}\n${await ask(r5(run.directory), question)}`);
