/** Whether sentences say what their evidence says, as far as code can tell. */
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import { verifyReport } from '../evidence/verify-report.ts';

export interface CitedSentence {
  text: string;
  /** Ids of the evidence that it cites. */
  evidence: string[];
}

/** For each sentence what is wrong with it, in words that a writer can act on; empty where it holds. */
export type SentenceCheck = (sentences: readonly CitedSentence[], context: { evidence: EvidenceStore; question: string }) => string[][];

export interface CheckedSentence extends CitedSentence {
  /** Empty where it holds. */
  problems: string[];
}

/** Each sentence with what is wrong with it. */
export function checked(sentences: readonly CitedSentence[], check: SentenceCheck, context: Parameters<SentenceCheck>[1]): CheckedSentence[] {
  const problems = check(sentences, context);
  return sentences.map((one, index) => ({ ...one, problems: problems[index] ?? ['it was not checked'] }));
}

/** The verifier of reports: ids, quotations, numbers, dates, names and more of each sentence against the spans that it cites. */
export const verifySentences: SentenceCheck = (sentences, { evidence, question }) => {
  const paragraphs = sentences.map(citing);
  const starts = paragraphs.map((_, index) => paragraphs.slice(0, index).reduce((sum, one) => sum + one.length + 2, 0));
  const verified = verifyReport(paragraphs.join('\n\n'), { evidence, question });
  return sentences.map((sentence, index) => {
    if (sentence.evidence.length === 0) return ['it cites no evidence'];
    const start = starts[index] ?? 0;
    const end = start + (paragraphs[index]?.length ?? 0);
    const parts = verified.filter((one) => one.start >= start && one.start < end);
    if (parts.length === 0) return ['it is no sentence'];
    return parts.flatMap(({ status, reasons }) => (status === 'unsupported' ? reasons.map(({ message }) => message) : []));
  });
};

/** The sentence with its citations before its closing mark, as the verifier and readers know them. */
export function citing({ text, evidence }: CitedSentence): string {
  if (evidence.length === 0) return text;
  const [, words = text, closing = ''] = /^([\s\S]*?)([.!?…。！？]*)$/.exec(text) ?? [];
  return `${words} [${evidence.join(', ')}]${closing}`;
}
