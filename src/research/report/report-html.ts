/** A report as one HTML file that needs nothing else: no script, style, font or image of another place, and a policy that forbids them. */
import { createHash } from 'node:crypto';
import type { Evidence } from '../evidence.ts';
import { escapeHtml } from './html-text.ts';
import { markdownToHtml } from './markdown-html.ts';
import { besideName, bodyOf, contextOf, nameOf, placeOf, referencesOf, webAddress, type Reference } from './references.ts';
import { REPORT_SCRIPT } from './report-script.ts';
import { REPORT_STYLE } from './report-style.ts';
import { precisionLine, shownDate } from './report-text.ts';
import { hasWords, reportWords, type ReportWords } from './report-words.ts';
import type { Report } from './report.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only the style and the script of this file run, whatever a source managed to write into it. */
const POLICY = `default-src 'none'; style-src ${hashOf(REPORT_STYLE)}; style-src-attr 'unsafe-inline'; script-src ${hashOf(REPORT_SCRIPT)}; base-uri 'none'; form-action 'none'`;

/** Throws R5Error for a report that cites what is not there. */
export function reportToHtml(report: Report): string {
  const { language, question, title, outcome, reasons = [], createdAt, entailment } = report;
  const words = reportWords(language);
  const references = referencesOf(report);
  const citation = (ids: readonly string[]): string => {
    const buttons = ids.flatMap((id) => {
      const reference = references.byEvidence.get(id);
      if (reference === undefined) return [];
      return [`<button type="button" class="cite" data-card="card-${id}" popovertarget="card-${id}" aria-label="${escapeHtml(`${words.source} ${reference.number}: ${reference.snapshot.title}`)}">${reference.number}</button>`];
    });
    return `<span class="cites">${buttons.join('')}</span>`;
  };
  const body = markdownToHtml(withTiedCitations(bodyOf(report)), { citation, unsupported: words.unsupported });
  // The fixed words are in the report's language or in English; then they say so.
  const wordsLanguage = hasWords(language) ? '' : ' lang="en"';
  const head = [
    ...(outcome === undefined ? [] : [`<span class="outcome">${escapeHtml(words.outcomes[outcome] ?? outcome)}</span>`]),
    `<span>${escapeHtml(precisionLine(report))}</span>`,
    `<time datetime="${escapeHtml(createdAt)}">${escapeHtml(shownDate(createdAt, language))}</time>`,
  ];
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
${question.trim() === title.trim() ? '' : `<p class="question">${escapeHtml(question)}</p>\n`}<p class="facts"${wordsLanguage}>${head.join('')}</p>
${reasons.length === 0 ? '' : `<ul class="reasons">${reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>\n`}</header>
<article>
${body}</article>
${references.list.length === 0 ? '' : `<section class="sources" aria-labelledby="sources">
<h2 id="sources"${wordsLanguage}>${escapeHtml(words.sources)}</h2>
<ol>
${references.list.map((reference) => sourceItem(reference, report, words)).join('\n')}
</ol>
</section>
`}<footer${wordsLanguage}><p>${escapeHtml(words.checked)}</p>${entailment === undefined || entailment.doubted.length === 0 ? '' : `
<p>${escapeHtml(words.doubted)}:</p><ul lang="${escapeHtml(language)}">${entailment.doubted.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`}</footer>
</main>
${references.list.flatMap((reference) => reference.evidence.map((evidence) => evidenceCard(reference, evidence, report, words))).join('\n')}
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
}

/** A citation never stands alone at the start of a line. */
const withTiedCitations = (markdown: string): string => markdown.replace(/(?<=[^\s|]) +(?=\[\s*e\d)/gi, '\u00a0');

const link = (address: string, text: string, name = ''): string => `<a${name === '' ? '' : ` class="${name}"`} href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;

function sourceItem({ number, snapshot }: Reference, { language }: Report, words: ReportWords): string {
  const address = webAddress(snapshot);
  const name = escapeHtml(nameOf(snapshot));
  const about = [
    ...besideName(snapshot),
    ...(snapshot.byline === undefined ? [] : [snapshot.byline]),
    ...(snapshot.publishedAt === undefined ? [] : [`${words.published} ${shownDate(snapshot.publishedAt, language)}`]),
    `${words.retrieved} ${shownDate(snapshot.retrievedAt, language)}`,
  ];
  return `<li id="source-${number}">${address === undefined ? `<span class="name">${name}</span>` : link(address, name, 'name')}
<span class="about">${about.map(escapeHtml).join(' · ')}</span>${address === undefined ? '' : `<span class="address">${escapeHtml(address)}</span>`}</li>`;
}

/** The quote in its context and where it came from. */
function evidenceCard({ snapshot }: Reference, evidence: Evidence, { language }: Report, words: ReportWords): string {
  const { before, after } = contextOf(snapshot, evidence);
  const { headings, page } = placeOf(snapshot, evidence);
  const address = webAddress(snapshot);
  const where = [
    ...besideName(snapshot),
    ...headings.slice(-2),
    ...(page === undefined ? [] : [`${words.page} ${page}`]),
    ...(snapshot.publishedAt === undefined ? [] : [shownDate(snapshot.publishedAt, language)]),
  ];
  const textLanguage = snapshot.language === undefined ? '' : ` lang="${escapeHtml(snapshot.language)}"`;
  return `<div class="card" id="card-${evidence.id}" popover role="note" aria-label="${escapeHtml(words.source)}">
<p class="context"${textLanguage}>${escapeHtml(before)}<mark>${escapeHtml(evidence.quote.replace(/\s+/g, ' '))}</mark>${escapeHtml(after.startsWith('…') || /^[\p{L}\p{N}]/u.test(after) ? ` ${after}` : after)}</p>
<p class="origin"><strong>${escapeHtml(nameOf(snapshot))}</strong>${where.map(escapeHtml).join(' · ')}${address === undefined ? '' : `<br>${link(address, escapeHtml(words.openSource))}`}</p>
</div>`;
}
