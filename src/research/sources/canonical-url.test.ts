import { expect, test } from 'vitest';
import { canonicalUrl } from './canonical-url.ts';

test.each([
  ['https://example.org/a', [
    'http://example.org/a', 'https://www.example.org/a/', 'https://EXAMPLE.org:443/a#part', 'https://example.org/a?utm_source=x&fbclid=1', 'https://amp.example.org/a', 'https://m.example.org/a',
    'https://example.org/a/amp/', 'https://example.org/amp/a', 'https://example.org/a.amp.html', 'https://example.org/a/index.html', 'https://example.org/a?amp=1', 'https://example.org./a',
    'https://www.google.com/amp/s/example.org/a', 'https://example-org.cdn.ampproject.org/c/s/example.org/a', 'http://example.org:80/a?ref=news', 'https://example.org//a',
  ]],
  ['https://example.org/a?b=1&c=2', ['https://example.org/a?c=2&b=1', 'https://example.org/a?b=1&utm_medium=m&c=2#x']],
  ['https://arxiv.org/abs/1706.03762', ['https://arxiv.org/pdf/1706.03762v7', 'http://www.arxiv.org/pdf/1706.03762.pdf', 'https://export.arxiv.org/abs/1706.03762v1', 'https://arxiv.org/html/1706.03762v2', 'https://doi.org/10.48550/arXiv.1706.03762', 'https://browse.arxiv.org/abs/1706.03762']],
  ['https://arxiv.org/abs/math.GT/0309136', ['https://arxiv.org/pdf/math.GT/0309136v1']],
  ['https://doi.org/10.1038/Nature14539', ['http://dx.doi.org/10.1038/nature14539', 'doi:10.1038/nature14539', '10.1038/nature14539', 'https://doi.org/10.1038%2Fnature14539?x=1']],
  ['https://de.wikipedia.org/wiki/Z%C3%BCrich', ['https://de.m.wikipedia.org/wiki/Zürich', 'https://de.wikipedia.org/wiki/Z%c3%bcrich#Geschichte']],
  ['doi:10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-#', ['https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-%23']],
  ['https://pubmed.ncbi.nlm.nih.gov/31452104/', ['https://www.ncbi.nlm.nih.gov/pubmed/31452104', 'http://pubmed.ncbi.nlm.nih.gov/31452104?utm_source=x']],
  ['https://pmc.ncbi.nlm.nih.gov/articles/PMC123456/', ['https://www.ncbi.nlm.nih.gov/pmc/articles/PMC123456/', 'https://www.ncbi.nlm.nih.gov/pmc/articles/PMC123456/pdf/x.pdf']],
  ['https://www.youtube.com/watch?v=abc', ['https://youtu.be/abc?t=10', 'https://m.youtube.com/watch?v=abc&t=10s']],
  ['https://en.wiktionary.org/wiki/moon', ['https://en.m.wiktionary.org/wiki/moon']],
  ['file:///home/a/b.pdf', ['file:///home/a/b.pdf#page=3']],
])('%s is the same as its other writings', (address, others) => {
  for (const other of others) expect(canonicalUrl(other), other).toBe(canonicalUrl(address));
});

test.each([
  ['https://example.org/a', 'https://example.org/b'],
  ['https://example.org/?id=1', 'https://example.org/?id=2'],
  ['https://example.org/A', 'https://example.org/a'],
  ['https://example.org/#/one', 'https://example.org/#/two'],
  ['https://www.youtube.com/watch?v=abc', 'https://www.youtube.com/watch?v=abd'],
  ['https://example.org:8443/a', 'https://example.org/a'],
  ['https://arxiv.org/abs/1706.03762', 'https://arxiv.org/abs/1706.03763'],
  ['https://m.org/a', 'https://www.org/a'],
  ['https://news.example.org/a', 'https://example.org/a'],
  ['https://example.org/?ref=a/b', 'https://example.org/'],
])('%s is not %s', (first, second) => {
  expect(canonicalUrl(first)).not.toBe(canonicalUrl(second));
});

test('what is no address stays as it is', () => {
  expect(canonicalUrl(' mcp thing ')).toBe('mcp thing');
  expect(canonicalUrl('https://example.org/100%/x')).toBe('example.org/100%25/x');
});
