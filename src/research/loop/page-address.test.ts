import { expect, test } from 'vitest';
import { KnownAddresses, typedAddresses } from './page-address.ts';

test('an address is read only as a search found it or as the user typed it, to the letter', () => {
  const known = new KnownAddresses(typedAddresses('Compare https://example.org/a?x=1, and (http://example.com/b).'));
  known.add('https://found.example/page');
  for (const url of ['https://example.org/a?x=1', 'http://example.com/b', 'https://found.example/page']) expect(known.mayRead(url)).toBe(true);
  for (const url of ['https://example.org/a?x=1&secret=1', 'https://found.example/page?secret=1', 'https://found.example/', 'http://169.254.169.254/', 'file:///etc/passwd', '']) expect(known.mayRead(url)).toBe(false);
  expect(typedAddresses('file:///etc/passwd javascript:alert(1)')).toEqual([]);
});
