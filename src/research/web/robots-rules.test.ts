import { expect, test } from 'vitest';
import { RobotsRules } from './robots-rules.ts';

const { signal } = new AbortController();

/** Whether a robots.txt allows an address. */
async function allows(text: string, path: string): Promise<boolean> {
  const rules = new RobotsRules(async (url) => ({ status: 200, headers: {}, body: Buffer.from(text), address: '', url: url.href, finalUrl: url.href }));
  return rules.requireAllowed(new URL(path, 'https://example.org'), signal).then(() => true, () => false);
}

test.each([
  ['a byte order mark before it', '\ufeffUser-agent: *\nDisallow: /', '/a', false],
  ['lines that end in a carriage return', 'User-agent: *\rDisallow: /', '/a', false],
  ['names in capitals', 'USER-AGENT: R5-Research\nDISALLOW: /', '/a', false],
  ['comments', 'User-agent: * # all\nDisallow: / # none', '/a', false],
  ['a group of its own', 'User-agent: *\nDisallow: /\n\nUser-agent: r5-research\nAllow: /', '/a', true],
  ['the longest rule', 'User-agent: *\nDisallow: /a\nAllow: /a$', '/a', true],
  ['nothing after Disallow', 'User-agent: *\nDisallow:', '/a', true],
  ['a percent sign in the rule', 'User-agent: *\nDisallow: /%7Ea', '/~a', false],
  ['a percent sign in the address', 'User-agent: *\nDisallow: /~a', '/%7ea', false],
  ['a star and a query', 'User-agent: *\nDisallow: /*?', '/a?x=1', false],
  ['a rule that is cut where the reading ends', `User-agent: *\nDisallow: /\n#${'x'.repeat(500 * 1024 - 36)}\nAllow: /public`, '/a', false],
  ['a rule after very many', `User-agent: *\n${'Disallow: /x\n'.repeat(20_000)}Disallow: /a`, '/a', false],
])('robots.txt with %s', async (_name, text, path, expected) => {
  expect(await allows(text, path)).toBe(expected);
});

test('rules that are made to keep their reader busy take little time', async () => {
  const start = performance.now();
  expect(await allows(`User-agent: *\n${`Disallow: /${'*a'.repeat(40)}*b$\n`.repeat(5000)}Disallow: /secret`, `/${'a'.repeat(7000)}`)).toBe(true);
  expect(await allows(`User-agent: *\n${`Disallow: /${'*a'.repeat(9)}b$\n`.repeat(5000)}Disallow: /secret`, `/${'a'.repeat(7000)}`)).toBe(true);
  expect(performance.now() - start).toBeLessThan(4000);
});
