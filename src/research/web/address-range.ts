/**
 * Which IP addresses are the public internet's. Everything else is refused by the guarded fetch: this machine, the networks around it,
 * the metadata services of clouds, and the forms of IPv6 that carry another address inside.
 * The ranges are those of IANA's special-purpose address registries (RFC 6890 and what followed it).
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

type Range = readonly [network: string, prefix: number, name: string];

const RANGES_IPV4: readonly Range[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, metadata services'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments, metadata services'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, '6to4 relay'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  // Azure answers its virtual machines at this address, though it lies among the public ones.
  ['168.63.129.16', 32, 'metadata service'],
];

/** Of IPv6 only 2000::/3 is handed out; these lie in it and are refused all the same. */
const RANGES_IPV6: readonly Range[] = [
  ['2001::', 23, 'protocol assignments, Teredo'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4'],
  ['2620:4f:8000::', 48, 'AS112'],
  ['3fff::', 20, 'documentation'],
];

const RANGES_OUTSIDE_GLOBAL: readonly Range[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['64:ff9b:1::', 48, 'NAT64 of a local network'],
  ['100::', 64, 'discard only'],
  ['fc00::', 7, 'unique local, metadata services'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local'],
  ['ff00::', 8, 'multicast'],
];

interface NamedRange {
  name: string;
  addresses: BlockList;
}

const toNamedRanges = (ranges: readonly Range[], family: 'ipv4' | 'ipv6'): NamedRange[] =>
  ranges.map(([network, prefix, name]) => {
    const addresses = new BlockList();
    addresses.addSubnet(network, prefix, family);
    return { name, addresses };
  });

const IPV4 = toNamedRanges(RANGES_IPV4, 'ipv4');
const IPV6 = toNamedRanges(RANGES_IPV6, 'ipv6');
const OUTSIDE_GLOBAL = toNamedRanges(RANGES_OUTSIDE_GLOBAL, 'ipv6');
const GLOBAL = toNamedRanges([['2000::', 3, 'global unicast']], 'ipv6');

/**
 * Name of the range for which an address is refused, such as `loopback`; undefined for an address of the public internet.
 * An IPv4 address inside an IPv6 one (`::ffff:127.0.0.1`, NAT64's `64:ff9b::7f00:1`) is judged by what it leads to.
 */
export function refusedRange(address: string): string | undefined {
  if (isIPv4(address)) return IPV4.find(({ addresses }) => addresses.check(address, 'ipv4'))?.name;
  // A zone (`fe80::1%eth0`) names an interface of this machine: nothing public has one.
  if (!isIPv6(address)) return 'not an address';
  if (address.includes('%')) return 'an address with a zone';
  const embedded = embeddedIPv4(address);
  if (embedded !== undefined) {
    const name = refusedRange(embedded.address);
    return name === undefined ? undefined : `${name}, as ${embedded.form}`;
  }
  const refused = [...OUTSIDE_GLOBAL, ...IPV6].find(({ addresses }) => addresses.check(address, 'ipv6'));
  if (refused !== undefined) return refused.name;
  return GLOBAL.some(({ addresses }) => addresses.check(address, 'ipv6')) ? undefined : 'not global unicast';
}

/** The IPv4 address that an IPv6 address stands for, where it is mapped (::ffff:0:0/96) or translated by NAT64 (64:ff9b::/96). */
function embeddedIPv4(address: string): { address: string; form: string } | undefined {
  const groups = groupsOf(address);
  const tail = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]).join('.');
  const head = groups.slice(0, 6).map((group) => group.toString(16)).join(':');
  if (head === '0:0:0:0:0:ffff') return { address: tail, form: 'an IPv4-mapped address' };
  if (head === '64:ff9b:0:0:0:0') return { address: tail, form: 'a NAT64 address' };
  return undefined;
}

/** The eight 16-bit groups of an IPv6 address in any of its spellings. */
function groupsOf(address: string): number[] {
  // The URL parser turns a dotted tail into groups and writes the rest in one way only.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const parse = (part: string): number[] => part.split(':').filter((group) => group !== '').map((group) => Number.parseInt(group, 16));
  const [first, last] = [parse(head), parse(tail ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
