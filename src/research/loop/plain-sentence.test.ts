import { expect, test } from 'vitest';
import { plainSentence } from './plain-sentence.ts';

test('of a sentence only its words stay', () => {
  const written = [
    'See ![x](https://evil.example/p.png?s=1) here.', 'See [this](https://evil.example/a) here.', 'See <img src="https://evil.example/x"> here.', 'See <https://evil.example/auto> here.', 'See https://evil.example/bare here.',
    'See [x][1] here.', 'See h\u200bttps://evil.example/z here.', 'See javascript:alert(1) here.', 'See \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 here.', 'See www.evil.example/x here.',
    '# See **this** here.', 'See this [e1, e2] here.', '![a[b]](https://evil.example/x) here.',
  ];
  for (const text of written) {
    const plain = plainSentence(text);
    expect(plain, text).not.toMatch(/:\/\/|evil\.example|\]\(|<|javascript:|\[e\d|^#/);
    // oxlint-disable-next-line no-control-regex -- None may reach a terminal.
    expect(plain, text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    expect(plain, text).toMatch(/here\.$/);
  }
  expect(plainSentence('The bridge (opened in 1932) is 1,149 m long.')).toBe('The bridge (opened in 1932) is 1,149 m long.');
});
