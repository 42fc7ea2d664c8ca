import { expect, test } from 'vitest';
import { Secrets } from './secrets.ts';

const KEY = 'sk-7f3a91c2d4e8b605aa19';

test('a secret is seen as it is, encoded, turned, spelled out, and in a piece of it', () => {
  for (const text of [
    `find ${KEY} now`, KEY.toUpperCase(), [...KEY].reverse().join(''), [...KEY].join(' '), [...KEY].join('.'), Buffer.from(KEY).toString('base64'), Buffer.from(`x${KEY}`).toString('base64'),
    Buffer.from(KEY).toString('hex'), encodeURIComponent(KEY), KEY.slice(3, 11), `who is ${KEY.slice(-9)}`,
  ]) expect(new Secrets([KEY]).isIn(text), text).toBe(true);
  for (const text of ['who built the bridge in 1932', 'iso 27001 and 91 c2', 'population of 605 towns', '4e8 model']) expect(new Secrets([KEY]).isIn(text), text).toBe(false);
});

test('nor does it leave in small pieces, one a query', () => {
  const secrets = new Secrets([KEY]);
  const left = (KEY.slice(3).match(/.{1,5}/g) ?? []).filter((piece) => !secrets.isIn(`history of ${piece}`));
  expect(left.join('').length).toBeLessThanOrEqual((KEY.length - 3) / 2 + 1);
  expect(secrets.isIn('who built the bridge in 1932')).toBe(false);
});

test('of texts only long stretches count', () => {
  const secrets = new Secrets([], ['You judge whether notes answer a question, and what to search for next if they do not.']);
  expect(secrets.isIn('judge whether notes answer a question, and what to search for next if they')).toBe(true);
  expect(secrets.isIn('what to search for next')).toBe(false);
});
