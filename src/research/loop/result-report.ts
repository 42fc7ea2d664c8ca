/** A result as a report that can be rendered: its sentences with their citations, and the snapshots that they rest on. */
import { languageOf } from '../evidence/language.ts';
import { EvidenceStore } from '../evidence/evidence-store.ts';
import { SnapshotStore } from '../evidence/snapshot-store.ts';
import { UNSUPPORTED_MARK } from '../evidence/settle-report.ts';
import { verifyReport } from '../evidence/verify-report.ts';
import { reportWords } from '../report/report-words.ts';
import type { Report } from '../report/report.ts';
import { NOT_COVERED } from './outcome.ts';
import type { ReportSentence, ResearchResult } from './research-result.ts';
import { snapshotsPath } from './run-folder.ts';
import { citing } from './sentence-check.ts';

/** Undefined where there is no report. Reads the snapshots of the run's folder; throws R5Error where they are missing or changed. */
export function reportOf(result: ResearchResult): Report | undefined {
  if (result.report === undefined) return undefined;
  const { question, evidence, outcome, counts, finishedAt, entailment } = result;
  const store = new EvidenceStore(new SnapshotStore(snapshotsPath(result)), evidence);
  const sections = [{ question: '', sentences: result.report.answer }, ...result.report.sections];
  const body = sections.filter(({ sentences }) => sentences.length > 0);
  const written = body.map(({ sentences }) => prose(sentences)).join('\n\n');
  const asked = languageOf(question);
  // A few words may show no language; then the report's own tells it.
  const language = asked === 'en' ? languageOf(`${question}\n${written}`) : asked;
  // Headings are the models' words too: one that says a number or date which nothing cited says is not shown.
  const headings = [result.report.title, ...body.map((section) => section.question)].filter((heading) => heading.trim() !== '');
  const checked = verifyReport(`${headings.map((heading) => `# ${escaped(heading)}`).join('\n\n')}\n\n${written}\n`, { evidence: store, language, question });
  const refused = new Set(checked.flatMap(({ kind, status }, index) => (kind === 'heading' && status !== 'connective' ? [headings[index] ?? ''] : [])));
  const title = refused.has(result.report.title) ? question : result.report.title;
  const parts = body.map(({ question: heading, sentences }) => `${heading.trim() === '' || refused.has(heading) ? '' : `## ${escaped(heading)}\n\n`}${prose(sentences)}`);
  const cited = new Set(body.flatMap(({ sentences }) => sentences).flatMap((one) => one.evidence));
  const used = evidence.filter(({ id }) => cited.has(id));
  return {
    question,
    title,
    language,
    createdAt: finishedAt,
    markdown: `${parts.join('\n\n')}\n`,
    evidence: used,
    snapshots: [...new Set(used.map(({ snapshot }) => snapshot))].flatMap((id) => store.snapshots.get(id) ?? []),
    precision: counts,
    outcome,
    reasons: result.reasons.map((reason) => (reason.startsWith(NOT_COVERED) ? `${reportWords(language).uncovered}: ${reason.slice(NOT_COVERED.length)}` : reason)),
    ...(entailment === undefined ? {} : { entailment: { ...entailment, doubted: doubted(body.flatMap(({ sentences }) => sentences)) } }),
  };
}

/** Sentences that the second opinion did not call supported. */
const doubted = (sentences: readonly ReportSentence[]): string[] => [...new Set(sentences.flatMap(({ text, entailment }) => (entailment === undefined || entailment === 'supported' ? [] : [text])))];

function prose(sentences: readonly ReportSentence[]): string {
  return sentences.map(({ text, evidence, problems }) => `${citing({ text: escaped(text), evidence })}${problems === undefined ? '' : ` ${UNSUPPORTED_MARK}`}`).join(' ');
}

/** Words only: nothing in them is markup. */
export const escaped = (text: string): string => text.replace(/[\p{Cc}\s\u202a-\u202e\u2066-\u2069]+/gu, ' ').replace(/[\\`*_[\]<>|#~&]/g, '\\$&').replace(/^(\s*)([-+]|\d+[.)])(?=\s)/, '$1\\$2');
