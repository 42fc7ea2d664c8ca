import type { SentenceCheck } from './sentence-check.ts';

/** A check for tests of the loop: a sentence stands when it is one of the quotes that it cites. */
export const citesSomething: SentenceCheck = (sentences, context) =>
  sentences.map(({ text, evidence }) => {
    if (evidence.length === 0) return ['it cites nothing'];
    const quotes = evidence.map((id) => context.evidence.get(id)?.quote);
    if (quotes.includes(undefined)) return ['it cites evidence that is not there'];
    return quotes.some((quote) => quote?.includes(text.replace(/[.”]+$/, '')) || text.includes(quote ?? '\0')) ? [] : ['it does not say what its evidence says'];
  });
