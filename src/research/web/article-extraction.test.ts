/** The pages of mozilla/readability with the articles that people expect of them, in ../shared beside the checkout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readHtml } from './html-document.ts';
import { plainText, tokenF1 } from './token-f1.fixture.ts';

const PAGES = fileURLToPath(new URL('../../../../shared/data/readability', import.meta.url));
const isThere = existsSync(PAGES);

test(`articles share at least 0.95 of their words with those expected${isThere ? '' : ` (skipped: ${PAGES} is not there)`}`, { skip: !isThere, timeout: 120_000 }, () => {
  const read = (page: string, file: string): string => readFileSync(`${PAGES}/${page}/${file}`, 'utf8');
  const scores = readdirSync(PAGES)
    .filter((page) => existsSync(`${PAGES}/${page}/source.html`))
    .map((page) => {
      const document = readHtml(read(page, 'source.html'), 'http://fakehost/test/page.html');
      for (const { start, end } of document.passages) expect(start < end && end <= document.text.length).toBe(true);
      return { page, f1: tokenF1(document.text, plainText(read(page, 'expected.html'))) };
    });
  const mean = scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length;
  const lines = scores.toSorted((left, right) => left.f1 - right.f1).map(({ page, f1 }) => `${f1.toFixed(3)} ${page}`);
  console.log(`token F1 of ${scores.length} pages: mean ${mean.toFixed(4)}\n${lines.join('\n')}`);
  expect(scores.length).toBeGreaterThan(40);
  expect(mean).toBeGreaterThanOrEqual(0.95);
  // The mean would hide a page that was not read at all.
  expect(Math.min(...scores.map(({ f1 }) => f1))).toBeGreaterThan(0.8);
});
