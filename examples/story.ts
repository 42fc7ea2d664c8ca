/**
 * A task of style: a short story that names a given word, has three to five sentences and ends by itself. For a small model of stories.
 *
 *     npm run r5 -- train examples/story.ts --model path/to/stories260k
 */
import { defineTask } from 'r5-rl';

const words = (
  'dog cat ball tree bird car boat fish frog bear cake apple flower hat box toy book star moon sun rain river house door bed shoe kite duck horse ' +
  'lion mouse rabbit train truck park garden ice cookie soup milk egg banana doll drum bell rock leaf snow swing slide bee bug cow pig hen goat ' +
  'king queen fairy dragon pond hill road shop school farm beach cup plate spoon chair lamp coat sock ring rope coin map button paint'
).split(' ');

/** Sentences are counted by their ends; a quotation mark after one belongs to it. */
export const sentences = (text: string): number => (text.match(/[.!?]+["']?(?=\s|$)/g) ?? []).length;

export default defineTask<{ word: string }>({
  name: 'story',
  description: 'A story of three to five sentences that names a given word and ends.',
  train: () => words.filter((_, i) => i % 4 !== 0).map((word) => ({ word })),
  test: () => words.filter((_, i) => i % 4 === 0).map((word) => ({ word })),
  prompt: ({ word }) => `The ${word}. Once upon a time`,
  maxTokens: 200,
  // The model puts the token that begins a story where the one before ends.
  stop: ['<s>'],
  solution: ({ word }) => `, there was a ${word}. It was a nice ${word}. They played all day. The end.`,
  score: ({ word }, { text, stopReason }) => {
    const parts = {
      names: Number(new RegExp(`\\b${word}s?\\b`, 'i').test(text)),
      short: Number(sentences(text) >= 3 && sentences(text) <= 5),
      ends: Number(stopReason === 'stop' && /[.!?]["']?\s*$/.test(text)),
    };
    const reward = (parts.names + parts.short + parts.ends) / 3;
    return { reward, verdict: reward === 1 ? 'correct' : 'wrong', parts };
  },
});
