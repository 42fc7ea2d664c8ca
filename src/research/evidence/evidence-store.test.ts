import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../run/test-folder.ts';
import { EvidenceStore } from './evidence-store.ts';
import { SnapshotStore } from './snapshot-store.ts';

const page = (text: string) => ({
  url: 'https://example.org/a', finalUrl: 'https://example.org/a', retrievedAt: '2026-01-01T00:00:00Z', contentHash: '00', mediaType: 'text/html',
  origin: 'web' as const, title: 'A page', text, passages: [{ start: 0, end: text.length, headings: [] }],
});

test('a snapshot is kept once, is there for the next process, and is refused once changed', () => {
  const folder = join(testFolder(), 'snapshots');
  const store = new SnapshotStore(folder);
  const first = store.keep(page('The bridge opened in 1932.'));
  expect(store.keep({ ...page('The bridge opened in 1932.'), retrievedAt: '2026-02-02T00:00:00Z' })).toEqual(first);
  const second = store.keep(page('The bridge opened in 1933.'));
  expect(second.id).not.toBe(first.id);

  const later = new SnapshotStore(folder);
  expect(later.ids()).toEqual([first.id, second.id].toSorted());
  expect(later.get(first.id)).toEqual(first);
  expect(later.get('0000000000000000')).toBeUndefined();
  expect(later.get('../secret')).toBeUndefined();
  expect(readdirSync(folder).every((name) => name.endsWith('.json'))).toBe(true);

  const path = join(folder, `${second.id}.json`);
  writeFileSync(path, readFileSync(path, 'utf8').replace('1933', '1934'));
  expect(() => new SnapshotStore(folder).get(second.id)).toThrow(/was changed/);
});

test('evidence is what stands in a snapshot, numbered in order, and taken up again from a log', () => {
  const snapshots = new SnapshotStore(join(testFolder(), 'snapshots'));
  const { id } = snapshots.keep(page('The bridge opened in 1932. It is 1,149 metres long.'));
  const store = new EvidenceStore(snapshots);
  expect(store.add({ snapshot: id, quote: 'the bridge opened in 1932', note: 'opening' })).toEqual({
    id: 'e1', snapshot: id, start: 0, end: 25, quote: 'The bridge opened in 1932', note: 'opening',
  });
  expect(store.add({ snapshot: id, quote: 'The bridge was opened in 1932' })).toBeUndefined();
  expect(store.add({ snapshot: id, quote: 'It is 1,149 metres long.' })?.id).toBe('e2');
  expect(store.add({ snapshot: id, quote: 'The bridge opened in 1932' })?.id).toBe('e1');
  expect(() => store.add({ snapshot: 'ffffffffffffffff', quote: 'x y' })).toThrow(/no snapshot/);

  const again = new EvidenceStore(snapshots, store.all());
  expect(again.all()).toEqual(store.all());
  const [first] = store.all();
  if (first === undefined) throw new Error('no evidence');
  expect(() => new EvidenceStore(snapshots, [{ ...first, quote: 'The bridge opened in 1933' }])).toThrow(/its quote is not at 0 to 25/);
  expect(() => new EvidenceStore(snapshots, [{ ...first, id: 'e2' }])).toThrow(/should be e1/);
});
