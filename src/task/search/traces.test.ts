import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { searchCorpus } from './corpus.ts';
import { encyclopaedia } from './encyclopaedia.ts';
import { drawQuestion } from './question.ts';
import { searchResult } from './search-tool.ts';
import { carefulHabits, hastyHabits, workedConversation, type SearchHabits } from './traces.ts';

const { entities, lookup, index } = encyclopaedia();

/** Shares of conversations about held-out things that end with the right answer, and that call the tool. */
function shares(habits: SearchHabits, count: number): { right: number; called: number } {
  let right = 0;
  let called = 0;
  for (let i = 0; i < count; i++) {
    const random = new Random(7, i);
    const question = drawQuestion(entities.test, lookup, i % 2 === 0 ? 1 : 2, random);
    const messages = workedConversation(question, habits, (query) => searchResult(index(), query), random);
    right += Number(messages.at(-1)?.content?.endsWith(`answer: ${question.answer}`));
    called += Number(messages.some(({ role }) => role === 'tool'));
  }
  return { right: right / count, called: called / count };
}

describe('worked conversations', () => {
  test('the careful ones find every answer in the real index', () => {
    expect(shares(carefulHabits, 200)).toEqual({ right: 1, called: 1 });
  });

  test('the hasty ones are right now and then', () => {
    const { right, called } = shares(hastyHabits, 400);
    expect(right).toBeGreaterThan(0.1);
    expect(right).toBeLessThan(0.35);
    expect(called).toBeGreaterThan(0.7);
    expect(called).toBeLessThan(0.95);
  });
});

describe('searchCorpus', () => {
  const take = (seed: number, without: readonly string[] = []): string[] => {
    const corpus = searchCorpus(seed, hastyHabits, { without, conversationsOfWorld: 20 });
    return Array.from({ length: 60 }, () => corpus.next().value.map(({ content }) => content).join('\n'));
  };

  test('is the same for the same seed, and asks about other things in every world', () => {
    expect(take(1)).toEqual(take(1));
    expect(take(2)).not.toEqual(take(1));
  });

  test('leaves out the names that it is told to', () => {
    const names = [...new Set(take(1).join('\n').match(/ [A-Z][a-z]{4,}/g))].map((name) => name.trim());
    const taboo = names.filter((name) => names.length > 0 && !['Which', 'About'].includes(name) && !/^(Clara|Edith|Greta|Julia|Laura|Lydia|Marta|Oscar|Paula|Simon|Stella|Victor|Anton)$/.test(name));
    const text = take(1, taboo).join('\n');
    expect(taboo.length).toBeGreaterThan(50);
    expect(taboo.filter((name) => new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });
});
