import { expect, test } from 'vitest';
import { EvidenceStore } from './evidence-store.ts';
import { makeSnapshot } from './snapshot-store.ts';
import { sentenceProblems } from './sentence-problems.ts';
import { settleReport } from './settle-report.ts';
import { verifyReport } from './verify-report.ts';

function storeOf(title: string, ...quotes: string[]): EvidenceStore {
  const url = 'https://example.org/';
  const snapshot = makeSnapshot({ url, finalUrl: url, retrievedAt: '2026-01-01T00:00:00Z', contentHash: '', mediaType: 'text/html', origin: 'web', title, text: quotes.join('\n'), passages: [] });
  const store = new EvidenceStore(new Map([[snapshot.id, snapshot]]));
  for (const quote of quotes) store.add({ snapshot: snapshot.id, quote });
  return store;
}

const CASES: readonly [language: string, title: string, text: string, claims: readonly [sentence: string, holds: boolean][]][] = [
 ['en', 'Apollo 11', 'Apollo 11 landed on the Moon on July 20, 1969, and Neil Armstrong became the first person to walk on it. The mission cost about $355 million and used 2.5 kg of film.', [
  ['Neil Armstrong was the first man on the Moon [e1].', true], ['Apollo 11 landed on 20 July 1969 [e1].', true], ['Apollo 12 landed on 20 July 1969 [e1].', false], ['Armstrong walked on the Moon in July 1969 [e1].', true], ['Armstrong walked on the Moon in 1968 [e1].', false], ['The mission used 2,500 g of film [e1].', true], ['The mission used 2.5 g of film [e1].', false], ['It cost $0.355 billion [e1].', true], ['It cost $355 billion [e1].', false], ['It cost around $360 million [e1].', true], ['Neil Armstrong was the third person on the Moon [e1].', false]]],
 ['en', 'WHO report on malaria', 'In 2022, the World Health Organization (WHO) counted 249 million cases of malaria in 85 countries. COVID-19 disrupted services. Deaths fell from 622,000 in 2020 to 608,000 in 2022. Between 5 and 10% of children received RTS,S.', [
  ['The WHO counted 249 million malaria cases in 85 countries in 2022 [e1].', true], ['Deaths dropped from 622 000 in 2020 to 608 000 two years later [e1].', false], ['Deaths dropped to 608,000 in 2022 [e1].', true], ['There were 19 disruptions [e1].', false], ['Covid 19 disrupted services [e1].', true], ['From 5% to 10% of the children got RTS,S [e1].', true], ['Between 5 and 10 children received RTS,S [e1].', false], ['Cases reached 249,000,000 [e1].', true], ['There were 24 million cases [e1].', false],['More than 200 million cases of malaria were counted [e1].', false], ['Deaths rose to 608,000 in 2022 [e1].', false]]],
 ['de', 'Elbphilharmonie', 'Die Elbphilharmonie in Hamburg wurde am 11. Januar 2017 eröffnet. Der Bau kostete 866 Millionen Euro. Das Gebäude ist 110 Meter hoch und hat drei Konzertsäle. Entworfen wurde es von Herzog & de Meuron.', [
  ['Die Eröffnung der Elbphilharmonie war am 11.01.2017 [e1].', true], ['Die Eröffnung der Elbphilharmonie war am 01.11.2017 [e1].', false], ['Der Bau kostete 866 Mio. € [e1].', true], ['Der Bau kostete 866 Mrd. € [e1].', false], ['Das Haus ist 110 m hoch und hat 3 Konzertsäle [e1].', true], ['Herzog & de Meuron entwarfen das Konzerthaus in Hamburg [e1].', true], ['Das Konzerthaus steht in Bremen [e1].', false], ['Der Architekt Renzo Piano entwarf das Gebäude [e1].', false], ['Im Jahr 2017 eröffnet, hat das Haus drei Säle [e1].', true]]],
 ['fr', 'Tour Eiffel', 'La tour Eiffel mesure 330 mètres de haut. Construite en deux ans par Gustave Eiffel, elle fut inaugurée le 31 mars 1889 et accueille près de 7 millions de visiteurs par an. Elle date du XIXe siècle.', [
  ['La tour, haute de 330 m, a été inaugurée le 31 mars 1889 [e1].', true], ['La tour fut inaugurée le 13 mars 1889 [e1].', false], ['Près de sept millions de visiteurs viennent chaque année [e1].', true], ['Gustave Eiffel la construisit au 19e siècle [e1].', true], ['Gustave Eiffel la construisit au 18e siècle [e1].', false]]],
 ['en', 'Население', 'Население Москвы составляет 13,1 млн человек. Мэр Сергей Собянин.', [['The mayor is Сергей Собянин [e1].', true], ['The mayor is Сергей Иванов [e1].', false]]],
 ['en', 'Tokyo', '東京の人口は約1400万人である。知事は小池百合子。2024年7月7日に選挙が行われた。', [['The governor is 小池百合子 [e1].', true], ['The governor is 小池百恵子 [e1].', false], ['The election was on 7 July 2024 [e1].', true], ['The election was on 8 July 2024 [e1].', false]]],
];

test('sentences of several languages hold or fail by their numbers, dates and names', () => {
  for (const [language, title, text, claims] of CASES) {
    const evidence = storeOf(title, text);
    for (const [sentence, holds] of claims) {
      const [verified] = verifyReport(sentence, { evidence, language });
      expect([sentence, verified?.status, verified?.reasons]).toEqual([sentence, holds ? 'verified' : 'unsupported', holds ? [] : expect.anything()]);
    }
  }
});

test('a share in words is held by the same share in digits, and by no other', () => {
  const reasons = (quote: string, sentence: string): string[] => verifyReport(sentence, { evidence: storeOf('The vote', quote), language: 'en' }).flatMap(({ reasons: all }) => all.map(({ code }) => code));
  expect(reasons('The motion passed with 2/3 of the votes.', 'The motion passed with two-thirds of the votes [e1].')).toEqual([]);
  expect(reasons('The motion passed with 1/2 of the votes.', 'The motion passed with half of the votes [e1].')).toEqual([]);
  expect(reasons('The motion passed with 1/2 of the votes.', 'The motion passed with two-thirds of the votes [e1].')).toEqual(['number']);
  expect(reasons('The motion passed with 1/3 of the votes.', 'The motion passed with two-fifths of the votes [e1].')).toEqual(['number']);
});

test('a sentence that fails is repaired once, then cut or marked, and the report says so', async () => {
  const evidence = storeOf('The bridge', 'The bridge opened in 1932.', 'It is 1,149 metres long.');
  const markdown = '# The bridge\n\nThe bridge opened in 1933 [e1]. It is 1,149 m long [e2].\n\n## Cost\n\nThe bridge cost 5 million pounds [e2].\n';
  const asked: string[] = [];
  const repair = async ({ text }: { text: string }): Promise<string> => {
    asked.push(text);
    return text.includes('1933') ? 'The bridge opened in 1932 [e1].' : 'The bridge cost 6 million pounds [e2].';
  };
  const cut = await settleReport(markdown, { evidence, language: 'en', repair });
  expect(asked).toEqual(['The bridge opened in 1933 [e1].', 'The bridge cost 5 million pounds [e2].']);
  expect(cut.markdown).toBe('# The bridge\n\nThe bridge opened in 1932 [e1]. It is 1,149 m long [e2].\n');
  expect(cut.precision).toEqual({ sentences: 3, cited: 3, verified: 2, repaired: 1, removed: 1, marked: 0 });
  expect(cut.rejected).toMatchObject([{ text: 'The bridge cost 6 million pounds [e2].', reasons: [{ code: 'number' }] }]);
  const marked = await settleReport(markdown, { evidence, language: 'en', policy: 'mark' });
  expect(marked.markdown).toContain('The bridge cost 5 million pounds [e2]. [unsupported]');
  expect(marked.precision).toMatchObject({ verified: 1, removed: 0, marked: 2 });
  const again = await settleReport('The bridge cost 5 million pounds [e2]. [unsupported]\n', { evidence, language: 'en', policy: 'mark' });
  expect(again.markdown).toBe('The bridge cost 5 million pounds [e2]. [unsupported]\n');
});

test('what is not cited, not there, linked or hidden in markup fails', () => {
  const evidence = storeOf('The bridge', 'The bridge opened in 1932.');
  const codes = (sentence: string): string[] => verifyReport(sentence, { evidence, language: 'en' }).flatMap(({ reasons }) => reasons.map(({ code }) => code));
  expect(codes('The bridge opened in 1932.')).toEqual(['no-citation']);
  expect(codes('The bridge opened in 1932 [e9].')).toEqual(['unknown-evidence']);
  expect(codes('The bridge opened in 193&#50; [e1].')).toEqual(['markup']);
  expect(codes('The [bridge](https://evil.example/?q=1) opened in 1932 [e1].')).toEqual(['link']);
  expect(verifyReport('The bridge opened in 1932 [e1](//evil.example) [e1].', { evidence: storeOf('The bridge', 'The bridge e1 opened in 1932.'), language: 'en' })[0]?.reasons).toMatchObject([{ code: 'link' }]);
  expect(codes('The bridge <b>opened</b> in 1932 [e1].')).toEqual(['markup']);
  expect(codes('# The bridge of 1931\n\nThe bridge opened in 1932 [e1].')).toEqual(['number']);
  const problems = sentenceProblems({ evidence, language: 'en' });
  expect(problems({ text: 'The bridge opened in 1932.', evidence: ['e1'] })).toEqual([]);
  expect(problems({ text: 'The bridge opened in 1931.', evidence: ['e1'] })[0]).toMatch(/"1931" is not in e1/);
});

test('evidence of a snapshot that is not what its id says cannot be used', () => {
  const whole = storeOf('The bridge', 'The bridge opened in 1932.');
  const [evidence] = whole.all();
  const snapshot = whole.snapshots.get(evidence?.snapshot ?? '');
  if (snapshot === undefined) throw new Error('no snapshot');
  const changed = new EvidenceStore(new Map([[snapshot.id, { ...snapshot, finalUrl: 'https://example.com/' }]]));
  changed.add({ snapshot: snapshot.id, quote: 'The bridge opened in 1932.' });
  expect(verifyReport('The bridge opened in 1932 [e1].', { evidence: changed, language: 'en' })).toMatchObject([{ status: 'unsupported', reasons: [{ code: 'broken-evidence' }] }]);
});
