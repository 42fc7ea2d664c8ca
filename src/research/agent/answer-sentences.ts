/** The sentences of an agent's answer, with the evidence that each cites. */
import { languageOf } from '../evidence/language.ts';
import { reportSentences } from '../evidence/report-sentences.ts';
import { plainSentence } from '../loop/plain-sentence.ts';
import type { CitedSentence } from '../loop/sentence-check.ts';

/** `Zorna is a river [e1]. ...` as sentences; headings say nothing that could be checked and are left out. */
export function answerSentences(answer: string): CitedSentence[] {
  return reportSentences(answer, languageOf(answer)).flatMap(({ kind, source, citations }) => {
    const text = plainSentence(source);
    return kind === 'heading' || text === '' ? [] : [{ text, evidence: [...new Set(citations.flatMap(({ ids }) => ids))] }];
  });
}
