/** A small task with a tool, as a file that the command line loads. The grader is never of one mind, so that there is something to learn. */
import { z } from 'zod';
import { defineTask } from '../task/task.ts';
import { defineTool } from '../task/tool.ts';

const lookUp = defineTool({ name: 'look_up', description: 'Looks a word up.', parameters: z.object({ word: z.string() }), run: ({ word }) => `${word} has ${word.length} letters` });

export default defineTask<string>({
  name: 'words',
  description: 'Count the letters of a word.',
  system: 'Be brief.',
  train: () => ['one', 'three', 'thirteen', 'seventeen'],
  test: () => ['two', 'eleven'],
  prompt: (word) => `How many letters has ${word}?`,
  tools: () => [lookUp],
  maxTokens: 12,
  score: (word, { text }) => (text === String(word.length) ? { reward: 1, verdict: 'correct' } : { reward: (text.length % 17) / 20, verdict: 'wrong' }),
  solution: (word) => String(word.length),
  solutionCalls: (word) => [{ name: 'look_up', arguments: { word } }],
});
