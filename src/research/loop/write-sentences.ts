/**
 * Writing: sentences that cite evidence by its id, each checked by code. One that fails goes back to the writer once, with what is wrong; if it fails
 * again it is left out or, where the user wants it so, marked.
 */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import type { Evidence } from '../evidence.ts';
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import type { ReportPrecision } from '../evidence/settle-report.ts';
import { oneLine } from './choose-pages.ts';
import { ModelError } from './model-error.ts';
import { dataBlock, neutralized } from './outside-text.ts';
import { plainSentence } from './plain-sentence.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import type { ReportSentence } from './research-result.ts';
import { checked, type CheckedSentence, type CitedSentence, type SentenceCheck } from './sentence-check.ts';
import { answerForm } from './structured-answer.ts';

export interface WrittenSentences {
  title: string;
  /** What stays. Those that failed their check twice are among them only where they are to be marked, with their problems. */
  sentences: ReportSentence[];
  /** Those that failed and were left out, with the reasons. */
  removed: { text: string; problems: string[] }[];
  counts: ReportPrecision;
}

export interface WritingTask {
  purpose: string;
  /** What to write, as an instruction. */
  instruction: string;
  evidence: readonly Evidence[];
  /** Findings that were written and checked before, for a summary. */
  findings?: readonly CitedSentence[];
}

const sentence = z.object({ text: z.string(), evidence: z.array(z.coerce.string()) });
const TASK = 'You write parts of a report from evidence. Each sentence says only what the evidence that it cites says, in your own plain words, with the same numbers, dates and names, and names the ids that it rests on. You add nothing that you know otherwise. You write in the language of the user\'s question. No headings, links or addresses.';

/** Throws ModelError and BudgetError. */
export async function writeSentences(context: ResearchContext, task: WritingTask, check: SentenceCheck, store: EvidenceStore): Promise<WrittenSentences> {
  const { title, sentences } = await write(context, task);
  const draft = checked(sentences, check, { evidence: store, question: context.question });
  const failed = draft.filter(({ problems }) => problems.length > 0);
  const repaired = failed.length === 0 ? [] : await repair(context, task, failed);
  return { title, ...settle(context, { draft, repaired }, check, store) };
}

/** Sentences that nobody could mend are settled as they are. */
export function settleSentences(context: ResearchContext, sentences: readonly CitedSentence[], check: SentenceCheck, store: EvidenceStore): WrittenSentences {
  return { title: '', ...settle(context, { draft: checked(sentences, check, { evidence: store, question: context.question }), repaired: [] }, check, store) };
}

interface Attempts {
  draft: readonly CheckedSentence[];
  /** By the place among those that failed. */
  repaired: readonly (CitedSentence | undefined)[];
}

function settle({ unsupported, question, journal }: ResearchContext, { draft, repaired }: Attempts, check: SentenceCheck, store: EvidenceStore): Omit<WrittenSentences, 'title'> {
  const kept: ReportSentence[] = [];
  const removed: WrittenSentences['removed'] = [];
  const counts: ReportPrecision = { sentences: draft.length, cited: draft.filter(({ evidence }) => evidence.some((id) => store.get(id) !== undefined)).length, verified: 0, repaired: 0, removed: 0, marked: 0 };
  let failures = 0;
  for (const { problems, ...one } of draft) {
    if (problems.length === 0) {
      counts.verified++;
      kept.push(one);
      continue;
    }
    const anew = repaired[failures++];
    const left = anew === undefined ? problems : checked([anew], check, { evidence: store, question }).flatMap((again) => again.problems);
    if (anew !== undefined && left.length === 0) {
      counts.verified++;
      counts.repaired++;
      kept.push(anew);
    } else if (unsupported === 'mark') {
      counts.marked++;
      // It may cite only what there is, even where that does not support it.
      kept.push({ text: one.text, evidence: one.evidence.filter((id) => store.get(id) !== undefined), problems: [...left] });
      journal.tell('sentence-marked', { text: one.text, problems: [...left] });
    } else {
      counts.removed++;
      removed.push({ text: one.text, problems: [...left] });
      journal.tell('sentence-removed', { text: one.text, problems: [...left] });
    }
  }
  return { sentences: kept, removed, counts };
}

async function write(context: ResearchContext, task: WritingTask): Promise<{ title: string; sentences: CitedSentence[] }> {
  const forms = [
    answerForm(z.object({ title: z.string().default(''), sentences: z.array(sentence) }), '{"title": "a few words", "sentences": [{"text": "...", "evidence": ["e1"]}]}', ({ title, sentences }) => ({
      title: plainSentence(title).slice(0, 150),
      sentences: some(sentences.map(cleaned)),
    })),
    answerForm(z.object({ sentences: z.array(sentence) }), '{"sentences": [{"text": "...", "evidence": ["e1"]}]}', ({ sentences }) => ({ title: '', sentences: some(sentences.map(cleaned)) })),
  ] as const;
  const prompt = `${userWords(context)}\n\n${evidenceBlock(context, task)}\n\n${task.instruction}`;
  return context.model.ask({ role: 'writer', purpose: task.purpose, system: systemPrompt(context, TASK), prompt, forms, maxOutputTokens: 4096 });
}

/** Rewritten sentences by the place of the failed one; none for those that the writer could not mend. */
async function repair(context: ResearchContext, task: WritingTask, failed: readonly CheckedSentence[]): Promise<(CitedSentence | undefined)[]> {
  const list = failed.map(({ text, evidence, problems }, index) => `${index + 1}. ${JSON.stringify(text)} (cites ${evidence.join(', ') || 'nothing'}): ${problems.join('; ')}`);
  const forms = [
    answerForm(
      z.object({ sentences: z.array(sentence.extend({ number: z.coerce.number() })) }),
      '{"sentences": [{"number": 1, "text": "...", "evidence": ["e1"]}]}',
      ({ sentences }) => failed.map((_one, index) => sentences.filter(({ number, text }) => number === index + 1 && text.trim() !== '').map(cleaned)[0]),
    ),
  ] as const;
  const prompt = `${userWords(context)}\n\n${evidenceBlock(context, task)}\n\nThese sentences do not hold. Write each anew so that it says only what its evidence says, or leave it out:\n${neutralized(list.join('\n'))}`;
  try {
    return await context.model.ask({ role: 'writer', purpose: `${task.purpose}, repair`, system: systemPrompt(context, TASK), prompt, forms, maxOutputTokens: 4096 });
  } catch (error) {
    // What cannot be mended is left out; the rest stands.
    if (!(error instanceof ModelError) || error.kind !== 'unusable') throw error;
    return [];
  }
}

function some(sentences: CitedSentence[]): CitedSentence[] {
  const written = sentences.filter(({ text }) => text !== '');
  if (written.length === 0) throw new R5Error('it holds no sentence');
  return written;
}

/** Ids as they are meant: `[e3]`, `E3` and `3` are e3. */
const cleaned = ({ text, evidence }: { text: string; evidence: string[] }): CitedSentence => ({
  text: plainSentence(text),
  evidence: [...new Set(evidence.flatMap((id) => id.match(/\d+/g) ?? []).map((digits) => `e${Number(digits)}`))],
});

function evidenceBlock({ fence, snapshots }: ResearchContext, { evidence, findings }: WritingTask): string {
  const lines = evidence.map(({ id, quote, note, snapshot }) => {
    const source = snapshots.get(snapshot);
    const from = source === undefined ? '' : ` (${oneLine(source.title, 100)}${source.publishedAt === undefined ? '' : `, ${source.publishedAt.slice(0, 10)}`})`;
    return `[${id}] "${oneLine(quote, 700)}"${from}${note === undefined ? '' : `\n     note: ${oneLine(note, 300)}`}`;
  });
  const found = (findings ?? []).map(({ text, evidence: ids }) => `- ${text} [${ids.join(', ')}]`);
  const block = dataBlock(fence, { name: 'evidence', origin: 'web', text: lines.join('\n') });
  return found.length === 0 ? block : `${block}\n\n${dataBlock(fence, { name: 'findings that were checked', origin: 'web', text: found.join('\n') })}`;
}
