/** A report as Markdown: citations as numbers, the sources below, and what the report says of its own check. */
import { replaceCitations } from '../evidence/report-sentences.ts';
import { UNSUPPORTED_MARK } from '../evidence/settle-report.ts';
import { besideName, bodyOf, nameOf, placeOf, referencesOf, webAddress } from './references.ts';
import type { Report } from './report.ts';
import { precisionLine, shownDate } from './report-text.ts';
import { reportWords } from './report-words.ts';

/** Words from outside, where nothing is markup, and no address becomes a link by itself. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\s\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim().replace(/[\\`*_[\]<>|#~&!]/g, '\\$&').replace(/:(?=\/\/)/g, '\\:').replace(/(?<=\bwww)\./gi, '\\.');

/** Throws R5Error for a report that cites what is not there. */
export function reportToMarkdown(report: Report): string {
  const { language, question, title, outcome, reasons = [], entailment } = report;
  const words = reportWords(language);
  const { list, byEvidence } = referencesOf(report);
  const body = replaceCitations(bodyOf(report), (ids) => `[${[...new Set(ids.flatMap((id) => byEvidence.get(id)?.number ?? []))].join(', ')}]`)
    .replaceAll(UNSUPPORTED_MARK, `(${words.unsupported})`);
  const sources = list.flatMap(({ number, snapshot, evidence }) => {
    const address = webAddress(snapshot);
    const facts = [
      ...besideName(snapshot).map(plain),
      ...(snapshot.byline === undefined ? [] : [plain(snapshot.byline)]),
      ...(snapshot.publishedAt === undefined ? [] : [`${words.published} ${plain(shownDate(snapshot.publishedAt, language))}`]),
      `${words.retrieved} ${plain(shownDate(snapshot.retrievedAt, language))}`,
      ...(address === undefined ? [] : [`<${address.replace(/[<>\s]/g, encodeURIComponent)}>`]),
    ];
    const quotes = evidence.map((one) => {
      const { page } = placeOf(snapshot, one);
      return `    > ${plain(one.quote)}${page === undefined ? '' : ` (${words.page} ${page})`}`;
    });
    return [`${number}. **${plain(nameOf(snapshot))}**. ${facts.join('. ')}`, ...quotes.flatMap((quote) => ['', quote]), ''];
  });
  return [
    `# ${plain(title)}`, '',
    ...(question.trim() === title.trim() ? [] : [`${words.question}: ${plain(question)}`, '']),
    ...(outcome === undefined ? [] : [[words.outcomes[outcome] ?? plain(outcome), ...reasons.map(plain)].join(' · '), '']),
    body, '',
    ...(list.length === 0 ? [] : [`## ${words.sources}`, '', ...sources]),
    '---', '', `${plain(precisionLine(report))}. ${words.checked}`, '',
    ...(entailment === undefined || entailment.doubted.length === 0 ? [] : [`${words.doubted}:`, '', ...entailment.doubted.map((sentence) => `- ${plain(sentence)}`), '']),
  ].join('\n');
}
