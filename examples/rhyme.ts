/**
 * A task of your own, whole. The model is given a word and is to answer with a word that ends in the same two letters.
 *
 *     npm run r5 -- validate examples/rhyme.ts
 *     npm run r5 -- train examples/rhyme.ts
 */
import { defineTask } from '../src/index.ts'; // in your own project: from 'r5-rl'

const words = 'light night sound round stone phone table cable river liver money honey'.split(' ');
const rhymes = (a: string, b: string): boolean => a !== b && a.slice(-2) === b.slice(-2);
const rows = words.map((word) => ({ word }));

export default defineTask<{ word: string }>({
  name: 'rhyme',
  description: 'Answer with another word that ends in the same two letters.',
  train: () => rows.filter((_, i) => i % 3 !== 0),
  test: () => rows.filter((_, i) => i % 3 === 0),
  prompt: ({ word }) => `A word that rhymes with ${word}: `,
  maxTokens: 12,
  solution: ({ word }) => words.find((other) => rhymes(word, other)) ?? '',
  score: ({ word }, { text, stopReason }) => {
    const answer = text.trim();
    if (stopReason === 'length' || !/^[a-z]+$/.test(answer)) return { reward: 0, verdict: 'unparsable' };
    return rhymes(word, answer) ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
  },
});
