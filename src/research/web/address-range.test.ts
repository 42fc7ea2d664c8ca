import { expect, test } from 'vitest';
import { SourceError } from '../source-error.ts';
import { refusedRange } from './address-range.ts';
import { resolveChecked } from './host-resolution.ts';
import { parseWebAddress } from './web-address.ts';

const PUBLIC = [
  '1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '93.184.215.14', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.1', '169.253.255.255',
  '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255',
  '2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450:4001:81b::200e', '2400:cb00:2048:1::c629:d7a2', '2001:200::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8',
];

const NOT_PUBLIC = [
  '0.0.0.0', '0.1.2.3', '10.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.0', '100.100.100.200', '100.127.255.255', '127.0.0.0', '127.0.0.1', '127.0.0.53',
  '127.255.255.255', '169.254.0.0', '169.254.169.254', '169.254.170.2', '169.254.255.255', '172.16.0.0', '172.17.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.170',
  '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.0', '192.168.1.1', '192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.9',
  '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16',
  '::', '::1', '0:0:0:0:0:0:0:1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::FFFF:10.0.0.1', '0:0:0:0:0:ffff:c0a8:0101', '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::8.8.8.8', '2002:7f00:1::', '2002:a00:1::1', '2002:808:808::1',
  '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:db8::1', '2001:10::1', '3fff::1', '100::1', 'fc00::1', 'fd00::1', 'fd00:ec2::254', 'fd20:ce::254',
  'fdff:ffff::1', 'fe80::1', 'fe80::a9fe:a9fe', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'ff02::1', 'ff05::2', '4000::1', '1::1', '5f00::1', 'e000::1',
  'localhost', '', '127.1', '1.2.3', '256.1.1.1', '01.1.1.1',
];

test.each(PUBLIC)('%s is public', (address) => {
  expect(refusedRange(address)).toBeUndefined();
});

test.each(NOT_PUBLIC)('%j is refused', (address) => {
  expect(refusedRange(address)).toEqual(expect.any(String));
});

const REFUSED_SPELLINGS = [
  'http://127.0.0.1/', 'http://127.0.0.1./', 'http://127.1/', 'http://127.0.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0x7f.0.0.1/', 'http://0x7f.1/',
  'http://017700000001/', 'http://0177.0.0.1/', 'http://0177.0.0.0x1/', 'http://%31%32%37.0.0.1/', 'http://１２７.0.0.1/', 'http://①②⑦.0.0.1/', 'http://127。0。0。1/',
  'http://0/', 'http://0.0.0.0/', 'http://[::]/', 'http://[::1]/', 'http://[0:0:0:0:0:0:0:1]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/',
  'http://[::127.0.0.1]/', 'http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[fe80::1]/', 'http://[fe80::1%25lo]/', 'http://[fd00:ec2::254]/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/', 'http://2852039166/latest/meta-data/', 'http://0xa9fea9fe/', 'http://0251.0376.0251.0376/', 'http://169.254.43518/',
  'http://[::ffff:a9fe:a9fe]/', 'http://100.100.100.200/latest/', 'http://192.168.0.1/', 'http://10.1/', 'http://3232235521/', 'http:///127.0.0.1/', 'http:127.0.0.1',
  'http:\\\\127.0.0.1\\', 'http://127.0.0.1\t/', 'http://134744072/', 'http://0x08080808/', 'http://8.8.2056/',
  'http://localhost/', 'http://LOCALHOST/', 'http://localhost./', 'http://a.localhost/', 'http://printer.local/', 'http://metadata.google.internal/', 'http://router.home.arpa/',
  'http://user@example.org/', 'http://user:word@example.org/', 'http://example.org@127.0.0.1/', 'http://127.0.0.1@example.org/',
  'ftp://example.org/', 'file:///etc/passwd', 'gopher://example.org/', 'javascript:alert(1)', 'data:text/html,x', 'ws://example.org/', 'view-source:http://example.org/',
  'http://8.8.8.8:22/', 'http://8.8.8.8:25/', 'http://8.8.8.8:6379/', 'https://8.8.8.8:11211/', 'http://8.8.8.8:0/', 'not an address', 'http://', '//example.org/', '',
  `http://8.8.8.8/${'x'.repeat(9000)}`,
];

test.each(REFUSED_SPELLINGS)('%j is blocked before anything is connected to', async (address) => {
  const attempt = (async () => resolveChecked(parseWebAddress(address), { resolve: async () => ['8.8.8.8'] }))();
  await expect(attempt).rejects.toSatisfy((error) => error instanceof SourceError && error.kind === 'blocked');
});

test.each(['http://8.8.8.8/', 'https://8.8.8.8:8443/x?y#z', 'http://example.org/', 'https://example.org./', 'http://[2606:4700:4700::1111]/', 'https://127.0.0.1.example.org/'])('%s passes', async (address) => {
  await expect(resolveChecked(parseWebAddress(address), { resolve: async () => ['8.8.8.8'] })).resolves.toHaveLength(1);
});

test('one private address among public ones refuses the host', async () => {
  const mixed = resolveChecked(parseWebAddress('http://example.org/'), { resolve: async () => ['8.8.8.8', '10.0.0.1'] });
  await expect(mixed).rejects.toThrow('leads to 10.0.0.1 outside the public internet (private)');
});

test('a host is allowed by name, by name and port, or all are', async () => {
  const url = parseWebAddress('http://127.0.0.1:1234/');
  await expect(resolveChecked(url, { allowPrivate: ['127.0.0.1'] })).resolves.toEqual(['127.0.0.1']);
  await expect(resolveChecked(url, { allowPrivate: ['127.0.0.1:1234'] })).resolves.toEqual(['127.0.0.1']);
  await expect(resolveChecked(url, { allowPrivate: true })).resolves.toEqual(['127.0.0.1']);
  await expect(resolveChecked(url, { allowPrivate: ['127.0.0.1:80', 'localhost'] })).rejects.toMatchObject({ kind: 'blocked' });
  await expect(resolveChecked(url, { allowPrivate: false })).rejects.toMatchObject({ kind: 'blocked' });
});

test('a name without addresses is not found, and a resolver that fails says so', async () => {
  const url = parseWebAddress('http://example.org/');
  await expect(resolveChecked(url, { resolve: async () => [] })).rejects.toMatchObject({ kind: 'not-found' });
  const failure = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  await expect(resolveChecked(url, { resolve: () => Promise.reject(failure) })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(resolveChecked(url, { resolve: () => Promise.reject(new Error('down')) })).rejects.toMatchObject({ kind: 'unavailable' });
});
