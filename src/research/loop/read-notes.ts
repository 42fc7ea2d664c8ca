/** Reading a page for a question: quotes that stand in the page word for word, and what they say. A quote that is not in the page is no evidence. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { locateQuote } from '../evidence/locate-quote.ts';
import type { QuoteClaim } from '../evidence/evidence-store.ts';
import type { Snapshot } from '../snapshot.ts';
import { SourceError } from '../source-error.ts';
import { orFallback } from './make-plan.ts';
import { dataBlock, neutralized } from './outside-text.ts';
import { passagesFor } from './passages-for.ts';
import type { PlanQuestion } from './plan.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { answerForm } from './structured-answer.ts';

export interface PageNotes {
  claims: QuoteClaim[];
  /** Whether the page alone answers the question, as the reader sees it. */
  answers: boolean;
}

const MOST_NOTES = 6;

interface Note {
  quote: string;
  note: string;
}

/** Throws SourceError (`unreadable`) where the model gave nothing of use: that is not the same as nothing in the page. */
export async function readNotes(context: ResearchContext, { id, question }: PlanQuestion, snapshot: Snapshot): Promise<PageNotes> {
  const plain = neutralized(snapshot.text);
  const { passages, synopsis } = passagesFor(snapshot, question, context.pageCharacters);
  const shown = passages.map(({ start, end, headings }) => [...headings.slice(-2), plain.slice(start, end).trim()].join('\n'));
  const task = 'You read a source and note what in it helps to answer a question. A note is a sentence or two copied from the source word for word, and what it says about the question. If nothing in it helps, you give no notes.';
  const block = dataBlock(context.fence, { name: `source ${JSON.stringify(snapshot.title.slice(0, 150))}`, origin: snapshot.origin, text: [...shown, ...(synopsis === undefined ? [] : [`(${synopsis})`])].join('\n\n') });
  const prompt = `${userWords(context)}\n\nTo be answered now: ${question}\n\n${block}\n\nGive at most ${MOST_NOTES} notes. "answers" says whether this source alone answers the question to be answered now: fully, partly or no.`;
  let isInvented = false;
  const claimsOf = (notes: readonly Note[], answers: boolean): PageNotes => {
    // Until it is located.
    isInvented = notes.length > 0;
    return located(context, { question: id, snapshot, plain, notes: notes.slice(0, MOST_NOTES * 2), answers });
  };
  const forms = [
    answerForm(
      z.object({ notes: z.array(z.object({ quote: z.string(), note: z.string().default('') })), answers: z.string().default('partly') }),
      '{"notes": [{"quote": "exact words of the source", "note": "what they say"}], "answers": "partly"}',
      ({ notes, answers }) => claimsOf(notes, /^full/i.test(answers)),
    ),
    answerForm(z.object({ quotes: z.array(z.string()) }), '{"quotes": ["exact words of the source"]}', ({ quotes }) => claimsOf(quotes.map((quote) => ({ quote, note: '' })), false)),
  ] as const;
  const notes = await orFallback(context, undefined, () => context.model.ask({ role: 'reader', purpose: 'read', system: systemPrompt(context, task), prompt, forms }));
  // Quotes that it made up say that it found none; no answer at all says nothing.
  if (notes === undefined && isInvented) return { claims: [], answers: false };
  if (notes === undefined) throw new SourceError('unreadable', `The reader's model gave no notes that could be used on ${snapshot.finalUrl}; a stronger one may do.`);
  return notes;
}

interface Reading {
  question: string;
  snapshot: Snapshot;
  plain: string;
  notes: readonly Note[];
  answers: boolean;
}

/** Throws R5Error, for the reader to try again, when it gave quotes and none of them is in the source. */
function located({ journal }: ResearchContext, { question, snapshot, plain, notes, answers }: Reading): PageNotes {
  const claims: QuoteClaim[] = [];
  let lost = '';
  for (const { quote, note } of notes) {
    if (quote.trim() === '') continue;
    const span = locateQuote(plain, quote) ?? locateQuote(snapshot.text, quote);
    if (span !== undefined) claims.push({ snapshot: snapshot.id, quote: snapshot.text.slice(span.start, span.end), question, ...(note.trim() === '' ? {} : { note: note.trim().slice(0, 500) }) });
    else {
      lost = quote;
      journal.tell('quote-refused', { snapshot: snapshot.id, quote: quote.slice(0, 300) });
    }
  }
  if (claims.length === 0 && lost !== '') throw new R5Error(`the source does not hold the words ${JSON.stringify(neutralized(lost.slice(0, 120)))}; copy words that it holds, or give an empty list`);
  return { claims, answers: answers && claims.length > 0 };
}
