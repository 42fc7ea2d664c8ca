/** A result as Markdown: the report, or, where there is none, an account of what was tried. */
import { reportToMarkdown } from '../report/report-markdown.ts';
import { escaped, reportOf } from './result-report.ts';
import type { ResearchResult } from './research-result.ts';

/** Reads the snapshots of the run's folder. Throws R5Error where they are missing or changed. */
export function reportMarkdown(result: ResearchResult): string {
  const report = reportOf(result);
  return report === undefined ? account(result) : reportToMarkdown(report);
}

function account({ question, outcome, reasons, tried, cost }: ResearchResult): string {
  const list = (items: readonly string[]): string[] => (items.length === 0 ? ['- nothing'] : items.map((item) => `- ${escaped(item)}`));
  const money = cost.unpriced ? 'price of a model unknown' : `$${cost.money.toFixed(4)}`;
  return [
    `# No report: ${escaped(question)}`, '',
    'Nothing was found that holds, so nothing is claimed. This is what was tried.', '',
    `Outcome: ${outcome}. ${tried.searches} searches, ${tried.pagesRead} pages read, ${cost.tokens} tokens, ${money}.`, '',
    ...(reasons.length === 0 ? [] : [...reasons.map((reason) => `- ${escaped(reason)}`), '']),
    '## Searched for', '', ...list(tried.queries), '',
    '## Could not be read', '', ...list(tried.failures.map(({ what, message }) => `${what}: ${message}`)), '',
  ].join('\n');
}
