import { expect, test } from 'vitest';
import { passagesFor } from './passages-for.ts';

const documentOf = (paragraphs: readonly string[]) => {
  let start = 0;
  const passages = paragraphs.map((text, index) => {
    const passage = { start, end: start + text.length, headings: [`Part ${index + 1}`] };
    start += text.length + 2;
    return passage;
  });
  return { text: paragraphs.join('\n\n'), passages };
};
const filler = 'Nothing of note happened in this year, as in the years before it. '.repeat(8);
const shownOf = (paragraphs: readonly string[], question: string): string[] => {
  const document = documentOf(paragraphs);
  return passagesFor(document, question, 1200).passages.map(({ start, end }) => document.text.slice(start, end));
};

test('a document that fits is shown whole, and nothing is said of a rest', () => {
  expect(passagesFor(documentOf(['One.', 'Two.']), 'one', 1000)).toEqual({ passages: documentOf(['One.', 'Two.']).passages });
});

test('of a long one the passages that answer are shown, in their order, in any script', () => {
  const paragraphs = [...Array.from({ length: 20 }, () => filler), 'The bridges were opened in 1932.', ...Array.from({ length: 20 }, () => filler)];
  expect(shownOf(paragraphs, 'When was the bridge opened?')).toContain('The bridges were opened in 1932.');
  expect(shownOf([...paragraphs, '悉尼海港大桥于1932年开通。'], '海港大桥什么时候开通?')).toContain('悉尼海港大桥于1932年开通。');
});

test('of the rest there is a synopsis', () => {
  const document = documentOf(Array.from({ length: 40 }, () => filler));
  const { passages, synopsis } = passagesFor(document, 'note', 1200);
  expect(passages).toHaveLength(2);
  expect(synopsis).toMatch(/^2 of 40 passages of a source of \d+ characters, whose headings are: Part 1; Part 2; .*Part 30; and 10 more$/);
});
