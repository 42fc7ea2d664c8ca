/** Checks sentences one at a time, for a writer that keeps each with the evidence that it cites. */
import type { EvidenceStore } from './evidence-store.ts';
import { languageOf } from './language.ts';
import { ReportVerifier } from './verify-report.ts';

export interface SentenceProblemsOptions {
  evidence: EvidenceStore;
  /** BCP 47, of the report. Default: told from the sentence. */
  language?: string;
  question?: string;
}

/**
 * A function that says what is wrong with a sentence, in words that a writer can act on; nothing when code has verified it. It reads the
 * evidence that there is when it is made: make it when all has been read.
 */
export function sentenceProblems(options: SentenceProblemsOptions): (sentence: { text: string; evidence: readonly string[] }) => string[] {
  const verifiers = new Map<string, ReportVerifier>();
  return ({ text, evidence }) => {
    const plain = text.replace(/\s+/g, ' ').trim();
    const language = options.language ?? languageOf(plain);
    const verifier = verifiers.get(language) ?? new ReportVerifier('', { ...options, language });
    verifiers.set(language, verifier);
    const cited = evidence.length === 0 ? plain : `${plain} [${evidence.join(', ')}]`;
    // Marks at the start would make a heading or a list of it.
    const sentences = verifier.sentences(cited.replace(/^(?=[#>|+*-]|\d+[.)] )/, '\\'));
    return sentences.flatMap(({ status, reasons }) => (status === 'verified' ? [] : status === 'connective' ? ['The sentence claims nothing that could be checked.'] : reasons.map(({ message }) => message)));
  };
}
