/** A cited span with the facts that it holds. */
import { blanked } from './blanked.ts';
import { findCodes, type Code } from './codes.ts';
import { findDates, type DateFact, type NumericOrder } from './dates.ts';
import { withPlainDigits } from './digits.ts';
import { findQuantities } from './quantities.ts';
import type { Quantity } from './quantity.ts';

/** A cited span as the checks need it. */
export interface CitedSpan {
  id: string;
  quote: string;
  title: string;
  /** What else the document says of itself: author, site, headings above the span. */
  about: readonly string[];
  publishedAt?: string;
  /** The whole document, for the full form of a name. */
  document: string;
  language: string;
  order: NumericOrder;
  /** Of the quote. */
  facts: SentenceFacts;
}

export interface SentenceFacts {
  dates: DateFact[];
  codes: Code[];
  quantities: Quantity[];
}

/** Dates, then codes, then numbers, each read where those before left nothing. */
export function factsOf(written: string, language: string, order: NumericOrder): SentenceFacts {
  const text = withPlainDigits(written);
  const dates = findDates(text, language, order);
  const undated = blanked(text, dates);
  const codes = findCodes(undated);
  return { dates, codes, quantities: findQuantities(blanked(undated, codes), language) };
}

export const idList = (spans: readonly CitedSpan[]): string => (spans.length === 0 ? 'any cited evidence' : spans.map(({ id }) => id).join(', '));
