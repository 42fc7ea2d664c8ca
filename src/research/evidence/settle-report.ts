/** Makes a report fit to publish: what fails the check is repaired once, and cut or marked when it fails again. */
import type { Evidence } from '../evidence.ts';
import { citedIds } from './report-sentences.ts';
import { tidied } from './tidied-markdown.ts';
import { ReportVerifier, type VerifiedSentence, type VerifyOptions } from './verify-report.ts';

/** What a report says of itself. */
export interface ReportPrecision {
  /** Sentences that claim something, as the writer gave them. */
  sentences: number;
  /** Of these, with a citation of evidence that there is. */
  cited: number;
  /** Of these, verified: at once, and after the repair. */
  verified: number;
  repaired: number;
  /** Not verified: cut, or left with a mark. */
  removed: number;
  marked: number;
}

export interface SettleOptions extends VerifyOptions {
  /**
   * Writes a sentence anew, told why it fails; undefined to give it up. Called once for each sentence that fails, in the report's order, before
   * anything is cut. May return several sentences, or Markdown with citations; all of it is checked.
   */
  repair?: (sentence: VerifiedSentence) => Promise<string | undefined>;
  /** What becomes of a sentence that fails after its repair. Default `cut`. */
  policy?: 'cut' | 'mark';
}

export interface SettledReport {
  /** What may be published: verified sentences, connectives, and with `mark` those that failed, each followed by UNSUPPORTED_MARK. */
  markdown: string;
  /** Of that Markdown, with their places in it. */
  sentences: readonly VerifiedSentence[];
  /** What was cut or marked, as it stood after its repair. */
  rejected: readonly VerifiedSentence[];
  precision: ReportPrecision;
  /** Evidence that it cites, in the order of first mention. */
  cited: readonly Evidence[];
}

/** Follows a sentence that failed and was left in. */
export const UNSUPPORTED_MARK = '[unsupported]';

export async function settleReport(markdown: string, { repair, policy = 'cut', ...options }: SettleOptions): Promise<SettledReport> {
  const verifier = new ReportVerifier(markdown, options);
  // Rows and blocks of code have no place for a mark.
  const isMarked = ({ kind }: VerifiedSentence): boolean => policy === 'mark' && kind !== 'row' && kind !== 'code';
  const before = verifier.sentences(markdown);
  const claims = before.filter(({ status }) => status !== 'connective');
  const rejected: VerifiedSentence[] = [];
  let repaired = 0;
  const edits: { start: number; end: number; text: string }[] = [];
  for (const sentence of before) {
    if (sentence.status !== 'unsupported') continue;
    const anew = (await repair?.(sentence))?.trim();
    const outcome = anew === undefined || anew === '' ? undefined : verifier.part(anew, sentence);
    if (anew !== undefined && outcome !== undefined && outcome.length > 0 && outcome.every(({ status }) => status !== 'unsupported') && outcome.some(({ status }) => status === 'verified' || sentence.kind === 'heading')) {
      repaired++;
      edits.push({ ...sentence, text: anew });
      continue;
    }
    const failed = outcome?.find(({ status }) => status === 'unsupported');
    rejected.push(failed === undefined || anew === undefined ? sentence : { ...sentence, text: anew, reasons: failed.reasons });
    edits.push({ ...sentence, text: isMarked(sentence) ? `${withoutMark(sentence.text)} ${UNSUPPORTED_MARK}` : '' });
  }
  const settled = tidied(applied(markdown, edits));
  const sentences = verifier.sentences(settled);
  const marked = rejected.filter(isMarked).length;
  const verified = claims.filter(({ status }) => status === 'verified').length + repaired;
  return {
    markdown: settled,
    sentences,
    rejected,
    precision: {
      sentences: claims.length, cited: claims.filter(({ citations }) => citations.some((id) => options.evidence.get(id) !== undefined)).length,
      verified, repaired, removed: rejected.length - marked, marked,
    },
    cited: citedIds(settled).flatMap((id) => options.evidence.get(id) ?? []),
  };
}

const withoutMark = (text: string): string => text.replaceAll(UNSUPPORTED_MARK, '').trimEnd();

function applied(markdown: string, edits: readonly { start: number; end: number; text: string }[]): string {
  let out = markdown;
  for (const { start, end, text } of edits.toReversed()) {
    const after = text === '' ? out.slice(end).replace(/^ +/, '') : out.slice(end);
    out = out.slice(0, start) + text + after;
  }
  return out;
}
