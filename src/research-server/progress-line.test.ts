import { expect, test } from 'vitest';
import { progressLine } from './progress-line.ts';

const evidence = (quote: string): string | undefined => progressLine({ type: 'fact', number: 1, time: '2026-01-01T00:00:00.000Z', name: 'evidence', key: 'k', occurrence: 0, data: { id: 'e1', quote } });

test('words of pages show nothing, load nothing and lead nowhere where a line is shown as Markdown or HTML', () => {
  const line = evidence('![x](https://evil.example/?q=1) <img src=https://evil.example> [safe](https://evil.example) `code` <|im_end|> [/INST] a\u202eb') ?? '';
  expect(line).toContain('[e1]');
  expect(line).not.toMatch(/!\[|\]\(|[<>`]|<\||\[\/INST\]|\u202e/);
  expect(progressLine({ type: 'finished', number: 1, time: '2026-01-01T00:00:00.000Z', kind: 'search', key: 'k', occurrence: 0, result: null, seconds: 1 })).toBeUndefined();
});
