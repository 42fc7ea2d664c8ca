/** The sources of a report as BibTeX. */
import { folded } from '../evidence/language.ts';
import type { Snapshot } from '../snapshot.ts';
import { referencesOf, siteOf, webAddress } from './references.ts';
import type { Report } from './report.ts';

/**
 * One entry a cited source. Articles with a DOI, in PubMed or OpenAlex are `@article`, arXiv's `@misc` with their eprint, PDFs `@techreport`, other web
 * pages `@online`, files `@misc`. A key depends on nothing but its source, so it stays when sources come and go. Throws R5Error for a report
 * that cites what is not there.
 */
export function reportToBibtex(report: Report): string {
  const { list } = referencesOf(report);
  const keys = list.map(({ snapshot }) => keyOf(snapshot));
  return list.map(({ snapshot }, i) => {
    const key = keys[i] ?? '';
    // Sources that would share a key are told apart by their hash, all of them, whatever their order.
    return entry(snapshot, keys.filter((other) => other === key).length > 1 ? `${key}-${snapshot.id.slice(0, 6)}` : key);
  }).join('\n');
}

function keyOf(snapshot: Snapshot): string {
  const word = (text: string): string => folded(text).replace(/[^a-z0-9]/g, '');
  const author = word(authorsOf(snapshot)[0]?.split(' ').at(-1) ?? '') || word(siteOf(snapshot).split('.')[0] ?? '') || 'source';
  const year = /^\d{4}/.exec(snapshot.publishedAt ?? '')?.[0] ?? 'nd';
  const title = snapshot.title.split(/\s+/).map(word).find((part) => part.length > 3) ?? '';
  return `${author}${year}${title}`;
}

const authorsOf = ({ byline }: Snapshot): string[] =>
  (byline ?? '').replace(/^(?:by|von|par|por|di|door)\s+/i, '').split(/\s*(?:,|;| and | und | et | y | e | en )\s*/).map((name) => name.trim()).filter((name) => name !== '');

interface Kind {
  type: string;
  fields: Record<string, string>;
}

function kindOf(snapshot: Snapshot): Kind {
  const address = webAddress(snapshot);
  if (address === undefined) return { type: 'misc', fields: { howpublished: siteOf(snapshot) } };
  const { hostname, pathname } = new URL(address);
  const fields = { url: address, urldate: snapshot.retrievedAt.slice(0, 10) };
  const arxiv = /^\/(?:abs|pdf|html)\/([\w.-]+\/?\d*?)(?:v\d+)?(?:\.pdf)?$/.exec(pathname)?.[1];
  if (/(?:^|\.)arxiv\.org$/.test(hostname) && arxiv !== undefined) return { type: 'misc', fields: { eprint: arxiv, archiveprefix: 'arXiv', ...fields } };
  const doi = /(?:^|\/)(10\.\d{4,9}\/[^\s?#]+)/.exec(pathname)?.[1];
  if (doi !== undefined) return { type: 'article', fields: { doi, journal: snapshot.siteName ?? hostname, ...fields } };
  if (/(?:^|\.)(?:pubmed\.ncbi\.nlm\.nih\.gov|openalex\.org)$/.test(hostname)) return { type: 'article', fields: { journal: snapshot.siteName ?? hostname, ...fields } };
  if (snapshot.mediaType === 'application/pdf') return { type: 'techreport', fields: { institution: siteOf(snapshot), ...fields } };
  return { type: 'online', fields: { organization: siteOf(snapshot), ...fields } };
}

function entry(snapshot: Snapshot, key: string): string {
  const { type, fields } = kindOf(snapshot);
  const authors = authorsOf(snapshot);
  const [, year, month] = /^(\d{4})(?:-(\d{2}))?/.exec(snapshot.publishedAt ?? '') ?? [];
  const all: [string, string | undefined][] = [
    ['author', authors.length === 0 ? undefined : authors.map(escaped).join(' and ')],
    ['title', `{${escaped(snapshot.title || siteOf(snapshot))}}`],
    ['year', year],
    ['month', month === undefined ? undefined : String(Number(month))],
    ...Object.entries(fields).map(([name, value]): [string, string] => [name, name === 'url' || name === 'doi' ? address(value) : escaped(value)]),
  ];
  const lines = all.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name} = {${value}},`]));
  return [`@${type}{${key},`, ...lines, '}', ''].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}', '{': '\\{', '}': '\\}', $: '\\$', '&': '\\&', '#': '\\#', '%': '\\%', _: '\\_', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}',
};

/** Text in which no sign is TeX's. */
const escaped = (text: string): string => text.replace(/[\p{Cc}\s\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim().replace(/[\\{}$&#%_~^]/g, (sign) => LATEX[sign] ?? sign);

/** Addresses are read as they are by TeX's url command; braces and backslashes would still end or break the field. */
const address = (url: string): string => url.replace(/[{}\\\s]/g, encodeURIComponent);
