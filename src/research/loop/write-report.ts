/** From evidence to the report: a section a question, then the answer on top, which rests on nothing but what the sections say. */
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import type { ReportPrecision } from '../evidence/settle-report.ts';
import type { Evidence } from '../evidence.ts';
import { BudgetError } from './budget-error.ts';
import { oneLine } from './choose-pages.ts';
import { stopOf } from './gather.ts';
import type { ModelError } from './model-error.ts';
import { plainSentence } from './plain-sentence.ts';
import type { PlanQuestion } from './plan.ts';
import type { ResearchContext } from './research-context.ts';
import type { ReportSection, ReportSentence } from './research-result.ts';
import type { SentenceCheck } from './sentence-check.ts';
import { settleSentences, writeSentences, type WrittenSentences } from './write-sentences.ts';

/** More evidence than this in one call, and small models lose the thread. */
const MOST_EVIDENCE = 24;

export interface WrittenReport {
  title: string;
  answer: ReportSentence[];
  sections: ReportSection[];
  removed: { text: string; problems: string[] }[];
  counts: ReportPrecision;
  stop?: BudgetError | ModelError;
}

export interface Material {
  plan: readonly PlanQuestion[];
  store: EvidenceStore;
  /** By the question's id. */
  byQuestion: ReadonlyMap<string, readonly Evidence[]>;
  check: SentenceCheck;
}

/** A question whose evidence there is becomes a section. Never throws for a model that fails: then the evidence is quoted as it is. */
export async function writeReport(context: ResearchContext, { plan, store, byQuestion, check }: Material): Promise<WrittenReport> {
  const all = store.all();
  const report: WrittenReport = { title: '', answer: [], sections: [], removed: [], counts: { sentences: 0, cited: 0, verified: 0, repaired: 0, removed: 0, marked: 0 } };
  const live = plan.filter(({ id, status }) => status !== 'dropped' && byQuestion.has(id));
  const drafts = await Promise.all(live.map((question) => writeSection(context, question, (byQuestion.get(question.id) ?? []).slice(0, MOST_EVIDENCE), check, store)));
  for (const [index, { written, stop }] of drafts.entries()) {
    add(report, written);
    if (written.sentences.length > 0) report.sections.push({ question: live[index]?.question ?? '', sentences: written.sentences });
    if (stop !== undefined) report.stop ??= stop;
  }
  // The answer rests on what holds.
  const findings = report.sections.flatMap(({ sentences }) => sentences).filter(({ problems }) => problems === undefined);
  if (findings.length === 0) return report;
  const cited = new Set(findings.flatMap(({ evidence }) => evidence));
  const { written, stop } = await orExtracts(context, { evidence: [], check, store }, () =>
    writeSentences(context, { purpose: 'answer', instruction: ANSWER, evidence: all.filter(({ id }) => cited.has(id)).slice(0, MOST_EVIDENCE * 2), findings }, check, store),
  );
  add(report, written);
  report.title = written.title;
  report.answer = written.sentences;
  if (stop !== undefined) report.stop ??= stop;
  return report;
}

const ANSWER = 'Write the answer to the user\'s question from these findings: two to six sentences that say the most important first, and where findings contradict each other say so. Give a title of a few words.';

async function writeSection(context: ResearchContext, { question }: PlanQuestion, evidence: readonly Evidence[], check: SentenceCheck, store: EvidenceStore): Promise<Draft> {
  const instruction = `Write what the evidence says about this question: ${question}\nTwo to eight sentences. Leave out evidence that does not bear on it.`;
  return orExtracts(context, { evidence, check, store }, () => writeSentences(context, { purpose: 'section', instruction, evidence }, check, store));
}

interface Draft {
  written: WrittenSentences;
  stop?: BudgetError | ModelError;
}

/** Where no writer can be had, for want of budget or of a usable answer, the evidence speaks for itself; it is checked like anything else. */
async function orExtracts(context: ResearchContext, { evidence, check, store }: Pick<Material, 'check' | 'store'> & { evidence: readonly Evidence[] }, run: () => Promise<WrittenSentences>): Promise<Draft> {
  const { journal, snapshots } = context;
  try {
    return { written: await run() };
  } catch (error) {
    const stop = stopOf(error);
    journal.tell('fallback', { reason: stop.message });
    const extracts = evidence.map(({ id, quote, snapshot }) => ({ text: plainSentence(`${oneLine(snapshots.get(snapshot)?.title ?? 'A source', 100)}: “${oneLine(quote, 500)}”`), evidence: [id] }));
    return { written: settleSentences(context, extracts, check, store), stop };
  }
}

function add(report: WrittenReport, { removed, counts }: WrittenSentences): void {
  report.removed.push(...removed);
  for (const name of ['sentences', 'cited', 'verified', 'repaired', 'removed', 'marked'] as const) report.counts[name] += counts[name];
}
