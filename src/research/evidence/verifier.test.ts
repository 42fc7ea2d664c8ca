import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import type { Snapshot } from '../snapshot.ts';
import { FAMILIES, render, type Source } from './claims.fixture.ts';
import { CORRUPTIONS } from './corruptions.fixture.ts';
import { EvidenceStore } from './evidence-store.ts';
import { makeSnapshot } from './snapshot-store.ts';
import { ReportVerifier, type VerifiedSentence } from './verify-report.ts';
import { WRITTEN_CLAIMS } from './written-claims.fixture.ts';

/**
 * The suite checks a sample; R5_VERIFIER_ROUNDS=100 checks a hundred times as many sources, each sentence corrupted in every way that applies;
 * R5_VERIFIER_SEED=7 checks others, and R5_VERIFIER_SHOW=1 prints what failed.
 */
const ROUNDS = Number(process.env['R5_VERIFIER_ROUNDS'] ?? 12);
const SEED = Number(process.env['R5_VERIFIER_SEED'] ?? 20261);
const TRIED = process.env['R5_VERIFIER_ROUNDS'] === undefined ? 3 : Infinity;

function storeOf(sources: readonly Pick<Source, 'title' | 'text' | 'language'>[]): EvidenceStore {
  const snapshots = new Map<string, Snapshot>();
  const store = new EvidenceStore(snapshots);
  for (const [i, { title, text, language }] of sources.entries()) {
    const url = `https://example.org/${i}`;
    const snapshot = makeSnapshot({ url, finalUrl: url, retrievedAt: '2026-01-01T00:00:00Z', contentHash: '', mediaType: 'text/html', origin: 'web', title, text: `${text}\n\nMore of this page.`, passages: [], language });
    snapshots.set(snapshot.id, snapshot);
    if (store.add({ snapshot: snapshot.id, quote: text })?.id !== `e${i + 1}`) throw new Error(`evidence ${i + 1} was not made`);
  }
  return store;
}

/** Where a writer may put the citation. */
const cite = (text: string, id: number, random: Random): string =>
  random.pick([`${text.replace(/\.$/, '')} [e${id}].`, `${text} [e${id}]`, `${text}[e${id}]`, `- ${text} [e${id}]`, `- **${text.split(' ')[0]}** ${text.split(' ').slice(1).join(' ')} [e${id}]`, `${text.replace(/\d+(?:[.,]\d+)*/, '**$&**')} [e${id}]`]);

const only = (sentences: readonly VerifiedSentence[]): { verified: boolean; why: string } => ({
  verified: sentences.length > 0 && sentences.every(({ status }) => status === 'verified'),
  why: sentences.flatMap(({ reasons }) => reasons.map(({ message }) => message)).join(' '),
});

test('no corrupted sentence passes and no honest one is refused', { timeout: 600_000 }, () => {
  const passed: string[] = [];
  const refused: string[] = [];
  const counts = new Map<string, number>();
  let honest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const random = new Random(SEED, round);
    const sources = FAMILIES.flatMap((make) => [make(random), make(random)]);
    const store = storeOf(sources);
    const verifiers = new Map(sources.map(({ claimLanguage }) => [claimLanguage, new ReportVerifier('', { evidence: store, language: claimLanguage })]));
    for (const [i, source] of sources.entries()) {
      for (const parts of source.claims) {
        for (let writing = 0; writing < 2; writing++) {
          const texts = render(parts, random);
          const check = (words: readonly string[], id: number): { verified: boolean; why: string; text: string } => {
            const text = cite(words.join(''), id, random);
            return { ...only(verifiers.get(source.claimLanguage)?.sentences(text) ?? []), text };
          };
          const truth = check(texts, i + 1);
          honest++;
          if (!truth.verified) refused.push(`${truth.text} | ${truth.why} | ${source.text}`);
          const subject = { texts, parts, source, sources, others: sources.filter((other) => other !== source), id: i + 1, count: sources.length };
          let tried = 0;
          for (const [name, corrupt] of random.shuffle(Object.entries(CORRUPTIONS))) {
            if (tried >= TRIED) break;
            const corrupted = corrupt(subject, random);
            if (corrupted === undefined) continue;
            tried++;
            counts.set(name, (counts.get(name) ?? 0) + 1);
            const outcome = check(corrupted.texts, corrupted.id);
            if (outcome.verified) passed.push(`${name}: ${outcome.text} | ${source.text}`);
          }
        }
      }
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${honest} honest sentences, ${refused.length} refused; ${total} corrupted in ${counts.size} ways, ${passed.length} passed`);
  if (process.env['R5_VERIFIER_SHOW'] !== undefined) console.log([...counts].map(([name, count]) => `${name} ${count}`).join('\n'), `\n${[...refused, '----', ...passed].join('\n')}`);
  expect(refused.slice(0, 5)).toEqual([]);
  expect(passed.slice(0, 5)).toEqual([]);
  expect(honest).toBeGreaterThanOrEqual(2000);
  expect(Object.keys(CORRUPTIONS).filter((name) => !counts.has(name))).toEqual([]);
  expect(total).toBeGreaterThanOrEqual(5000);
});

test('sentences written by hand: none that is false passes, none that is true is refused', () => {
  for (const source of WRITTEN_CLAIMS) {
    const verifier = new ReportVerifier('', { evidence: storeOf([source]), language: source.language });
    const isVerified = (sentence: string): boolean => only(verifier.sentences(`${sentence} [e1]`)).verified;
    expect(source.honest.filter((sentence) => !isVerified(sentence)), source.title).toEqual([]);
    expect(source.corrupt.filter(isVerified), source.title).toEqual([]);
  }
});

test('numbers in digits of other scripts are read, wherever words are not parted by spaces too', () => {
  const check = (language: string, text: string, sentence: string): boolean =>
    only(new ReportVerifier('', { evidence: storeOf([{ title: '', text, language }]), language }).sentences(`${sentence} [e1]`)).verified;
  const arabic = 'افتتح جسر المدينة في عام ١٩٣٢ ويبلغ طوله ١١٤٩ مترا.';
  expect(check('ar', arabic, 'افتتح جسر المدينة في عام 1932.')).toBe(true);
  expect(check('ar', arabic, 'افتتح جسر المدينة في عام ١٩٣٣.')).toBe(false);
  const chinese = '大桥于2008年5月1日通车，全长36公里，耗资118亿元。';
  expect(check('zh', chinese, '大桥全长36公里。')).toBe(true);
  expect(check('zh', chinese, '大桥全长63公里。')).toBe(false);
  expect(check('zh', chinese, '大桥耗资118万元。')).toBe(false);
  const japanese = 'この橋は1998年4月5日に開通し、全長は3911メートルである。';
  expect(check('ja', japanese, '橋は１９９８年に開通した。')).toBe(true);
  expect(check('ja', japanese, '橋の全長は３１１９メートルである。')).toBe(false);
});
