import { describe, expect, test } from 'vitest';
import { callTool } from '../tool-call.ts';
import { scoreAnswer } from '../score-answer.ts';
import { search } from './search.ts';
import type { SearchRow } from './row.ts';

const row: SearchRow = { question: 'Who taught the mayor of Tol?', answer: 'Ada Krinos', searches: ['Tol', 'Max Bredan'] };
const verdict = async (text: string, stopReason: 'stop' | 'length' = 'stop'): Promise<string> => (await scoreAnswer(search, row, { text, tokens: 9, stopReason })).verdict;

describe('the grader of the search task', () => {
  test('reads the last line, whatever the case and the full stop', async () => {
    expect(await verdict('answer: Ada Krinos')).toBe('correct');
    expect(await verdict('the teacher Ada Krinos\nanswer: ada krinos.')).toBe('correct');
  });

  test('wants the whole name and nothing else', async () => {
    for (const text of ['answer: Ada', 'answer: Krinos', 'answer: Max Bredan', 'answer: Ada Krinos or Max Bredan', 'answer: Ada Krinosa']) expect(await verdict(text), text).toBe('wrong');
  });

  test('an answer that is not there is unparsable', async () => {
    for (const text of ['', 'Ada Krinos', 'answer:', 'answer: Ada Krinos\nSure?']) expect(await verdict(text), text).toBe('unparsable');
    expect(await verdict('answer: Ada Krinos', 'length')).toBe('unparsable');
  });
});

describe('the search tool', () => {
  test('shows the two best articles for what the model wrote, and says when there is none', async () => {
    const found = await callTool(search.tools?.(row) ?? [], { name: 'search', arguments: { query: 'hydrogen element' } });
    expect(found.error).toBeUndefined();
    expect(found.result.split('\n')).toEqual(['- Hydrogen is a chemical element with the symbol H and the atomic number 1.', expect.stringMatching(/^- /)]);
    expect((await callTool(search.tools?.(row) ?? [], { name: 'search', arguments: { query: '???' } })).result).toBe('nothing found');
    expect((await callTool(search.tools?.(row) ?? [], { name: 'search', arguments: { word: 'hydrogen' } })).error).toBe('bad-arguments');
  });
});
