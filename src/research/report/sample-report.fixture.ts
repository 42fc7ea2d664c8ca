/** A report on real evidence, made the way a run makes it: quotes located, sentences verified, what fails cut. */
import { EvidenceStore } from '../evidence/evidence-store.ts';
import { makeSnapshot } from '../evidence/snapshot-store.ts';
import { settleReport } from '../evidence/settle-report.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Report } from './report.ts';

const pages: readonly (Partial<Snapshot> & { url: string; title: string; text: string })[] = [
  {
    url: 'https://www.example.org/heat/pumps-in-cold-climates', title: 'Heat pumps in cold climates: three winters of measurements', siteName: 'Nordic Energy Review', byline: 'Ingrid Halvorsen and Mats Lindqvist', publishedAt: '2024-03-18', language: 'en',
    text: 'The study followed 118 homes in Norway and Sweden over three winters. All homes used air-source heat pumps as their only source of heat.\n\nAt outdoor temperatures between −10 °C and −20 °C the pumps delivered on average 2.4 times as much heat as they used electricity. Below −25 °C the ratio fell to 1.8, which is still more than a resistance heater can give. “We had expected the ratio to fall below one on the coldest nights, and it never did,” said Ingrid Halvorsen, who led the measurements.\n\nElectricity use rose by 31% in the coldest month compared with the average winter month. Eleven homes reported frost on the outdoor unit, and nine of them had a unit that was mounted less than 40 cm above the ground.',
    passages: [{ start: 0, end: 140, headings: ['Methods'] }, { start: 140, end: 2000, headings: ['Results', 'Efficiency'] }],
  },
  {
    url: 'https://arxiv.org/abs/2401.01234', title: 'A meta-analysis of field performance of air-source heat pumps', siteName: 'arXiv', byline: 'Marek Jankovic, Duncan Gibb', publishedAt: '2023-09-11', language: 'en',
    text: 'We pool seven field studies from Switzerland, Germany, the United Kingdom, the United States, Canada and China. The mean coefficient of performance at 0 °C was 2.74. In mild cold, above −10 °C, all but one study report a coefficient above 2. Systems that were oversized by more than 50% switched on and off up to six times per hour and lost about 12% of their efficiency.',
    passages: [{ start: 0, end: 2000, headings: ['Abstract'], page: 3 }],
  },
  {
    url: 'https://stats.example.gov/housing/2023-heating.pdf', title: 'Heating of dwellings 2023: table 4', siteName: 'National Statistics Office', publishedAt: '2024', mediaType: 'application/pdf', language: 'en',
    text: 'Share of dwellings heated by heat pump, 2023. Norway 60%. Sweden 43%. Finland 41%. Germany 6%. In total 3,560,000 heat pumps were sold in the 21 countries in 2023, a fall of 5.3% on the year before.',
    passages: [{ start: 0, end: 2000, headings: ['Table 4'], page: 17 }],
  },
];

export const sampleMarkdown = `# Do heat pumps work in very cold winters?

Yes: measured in 118 homes in Norway and Sweden, air-source heat pumps still delivered 1.8 times the electricity they used below −25 °C [e3]. Between −10 °C and −20 °C the ratio was 2.4 on average [e2]. They use more power in the coldest month, and oversized systems lose about 12% of their efficiency [e5, e8].

## How efficiency falls with the temperature

The leader of the measurements, Ingrid Halvorsen, put it this way: “We had expected the ratio to fall below one on the coldest nights, and it never did” [e4]. A pooled analysis of seven field studies gives a mean coefficient of performance of 2.74 at 0 °C [e6, e7].

| Outdoor temperature | Heat per unit of electricity | Source |
| --- | ---: | --- |
| 0 °C | 2.74 | [e7] |
| −10 °C to −20 °C | 2.4 | [e2] |
| below −25 °C | 1.8 | [e3] |

## What goes wrong

- In the coldest month, electricity use rose by 31% against the average winter month [e5].
- Systems oversized by more than 50% lost about 12% of their efficiency [e8].
- Frost formed on the outdoor unit in eleven homes; nine of these units were mounted less than 40 cm above the ground [e9].
- Heat pumps fail in one winter out of three [e5].

## How common they are

In 2023 heat pumps heated 60% of dwellings in Norway and 43% in Sweden, but 6% in Germany [e10]. Sales in 21 countries fell by 5.3% to 3.56 million [e11].
`;

const quotes: readonly [page: number, quote: string][] = [
  [0, 'The study followed 118 homes in Norway and Sweden over three winters.'],
  [0, 'At outdoor temperatures between −10 °C and −20 °C the pumps delivered on average 2.4 times as much heat as they used electricity.'],
  [0, 'The study followed 118 homes in Norway and Sweden over three winters. All homes used air-source heat pumps as their only source of heat.\n\nAt outdoor temperatures between −10 °C and −20 °C the pumps delivered on average 2.4 times as much heat as they used electricity. Below −25 °C the ratio fell to 1.8, which is still more than a resistance heater can give.'],
  [0, '“We had expected the ratio to fall below one on the coldest nights, and it never did,” said Ingrid Halvorsen, who led the measurements.'],
  [0, 'Electricity use rose by 31% in the coldest month compared with the average winter month.'],
  [1, 'We pool seven field studies from Switzerland, Germany, the United Kingdom, the United States, Canada and China.'],
  [1, 'The mean coefficient of performance at 0 °C was 2.74.'],
  [1, 'Systems that were oversized by more than 50% switched on and off up to six times per hour and lost about 12% of their efficiency.'],
  [0, 'Eleven homes reported frost on the outdoor unit, and nine of them had a unit that was mounted less than 40 cm above the ground.'],
  [2, 'Share of dwellings heated by heat pump, 2023. Norway 60%. Sweden 43%. Finland 41%. Germany 6%.'],
  [2, 'In total 3,560,000 heat pumps were sold in the 21 countries in 2023, a fall of 5.3% on the year before.'],
];

export interface SampleOptions {
  language?: string;
  markdown?: string;
  policy?: 'cut' | 'mark';
  /** Changes each page before it is read. */
  change?: (page: Omit<Snapshot, 'id'>, index: number) => Omit<Snapshot, 'id'>;
}

export async function sampleReport({ language = 'en', markdown = sampleMarkdown, policy = 'cut', change = (page) => page }: SampleOptions = {}): Promise<Report> {
  const snapshots = pages.map((page, i) => makeSnapshot(change({ finalUrl: page.url, retrievedAt: '2026-02-11T09:30:00Z', contentHash: '00', mediaType: 'text/html', origin: 'web', passages: [], ...page }, i)));
  const store = new EvidenceStore(new Map(snapshots.map((snapshot) => [snapshot.id, snapshot])));
  for (const [page, quote] of quotes) store.add({ snapshot: snapshots[page]?.id ?? '', quote });
  const settled = await settleReport(markdown, { evidence: store, language, policy });
  return {
    question: 'Do heat pumps work in very cold winters?', title: 'Do heat pumps work in very cold winters?', language, createdAt: '2026-02-11T09:42:00Z',
    markdown: settled.markdown, evidence: settled.cited, snapshots, precision: settled.precision, outcome: 'complete',
  };
}
