/** A result as Markdown: the report with its citations, or, where there is none, what was tried. */
import { oneLine } from './choose-pages.ts';
import type { ResearchResult } from './research-result.ts';
import type { CitedSentence } from './sentence-check.ts';

export function reportMarkdown(result: ResearchResult): string {
  return `${[...(result.report === undefined ? account(result) : report(result, result.report)), ...ending(result)].join('\n')}\n`;
}

function report({ evidence, sources }: ResearchResult, { title, answer, sections }: NonNullable<ResearchResult['report']>): string[] {
  const cited = new Set([...answer, ...sections.flatMap(({ sentences }) => sentences)].flatMap((one) => one.evidence));
  const lines = [`# ${escaped(title)}`, ''];
  if (answer.length > 0) lines.push(prose(answer), '');
  for (const { question, sentences } of sections) lines.push(`## ${escaped(question)}`, '', prose(sentences), '');
  lines.push('## Evidence', '');
  for (const { id, quote, snapshot } of evidence) {
    if (!cited.has(id)) continue;
    const source = sources.find((one) => one.id === snapshot);
    lines.push(`- [${id}] “${escaped(oneLine(quote, 600))}” — ${escaped(source?.title ?? '')} <${source?.url.replace(/[<>\s]/g, encodeURIComponent) ?? ''}>, read ${source?.retrievedAt.slice(0, 10) ?? ''}`);
  }
  return [...lines, ''];
}

function account({ question, tried }: ResearchResult): string[] {
  const list = (items: readonly string[]): string[] => (items.length === 0 ? ['- nothing'] : items.map((item) => `- ${escaped(item)}`));
  return [
    `# No report: ${escaped(question)}`,
    '',
    'Nothing was found that holds, so nothing is claimed. This is what was tried.',
    '',
    '## Searched for',
    '',
    ...list(tried.queries),
    '',
    '## Could not be read',
    '',
    ...list(tried.failures.map(({ what, message }) => `${what}: ${message}`)),
    '',
  ];
}

function ending({ outcome, reasons, counts, tried, cost }: ResearchResult): string[] {
  const { sentences, verified, removed } = counts;
  const money = cost.unpriced ? 'price of a model unknown' : `$${cost.money.toFixed(4)}`;
  return [
    '---',
    '',
    `Outcome: ${outcome}. ${sentences} sentences written, ${verified} verified, ${removed} removed. ${tried.searches} searches, ${tried.pagesRead} pages read, ${cost.tokens} tokens, ${money}.`,
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason) => `- ${escaped(reason)}`)]),
  ];
}

const prose = (sentences: readonly CitedSentence[]): string => sentences.map(({ text, evidence }) => `${escaped(text)} [${evidence.join(', ')}]`).join(' ');

/** Words only: nothing in them is markup. */
const escaped = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#!]/g, '\\$&');
