import { expect, test } from 'vitest';
import { lastFencedCode } from './fenced-code.ts';

test.each([
  ['```js\nlet a;\n```', { language: 'js', code: 'let a;' }],
  ['First\n```ts\n1\n```\nthen\n```JavaScript\n2\n3\n```\nDone.', { language: 'javascript', code: '2\n3' }],
  ['```\n1\n```', { language: '', code: '1' }],
  ['```js title="a.js"\n1\n```', { language: 'js', code: '1' }],
  ['````js\n```\n1\n```\n````', { language: 'js', code: '```\n1\n```' }],
  ['```js\r\n1\r\n```\r\n', { language: 'js', code: '1' }],
  ['```js\n```', { language: 'js', code: '' }],
])('the last closed block of %j', (text, block) => {
  expect(lastFencedCode(text)).toEqual(block);
});

test.each(['', 'let a;', '```js\n1', '```js\n1\n```\nthen\n```js\n2', '`let a;`', '```js let a; ```'])('no block in %j', (text) => {
  expect(lastFencedCode(text)).toBeUndefined();
});
