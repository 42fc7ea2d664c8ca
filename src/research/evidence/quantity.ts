/** A number of a text, with its unit. */
import type { Decimal } from './decimal.ts';
import type { Unit } from './units.ts';

export interface Quantity {
  start: number;
  end: number;
  /** As written. */
  written: string;
  value: Decimal;
  unit?: Unit;
  /** Units that it may also have: those of a later number of the same range or list. */
  shared?: readonly { value: Decimal; unit?: Unit }[];
  kind: 'number' | 'ordinal' | 'decade' | 'ratio';
  /** For a number that may be an ordinal too (German `3.`), and a Roman one. */
  maybeOrdinal?: boolean;
  /** A word that is more often something else: it supports, and needs no support. */
  doubtful?: boolean;
  /** Has four digits and nothing else, as years do. */
  yearLike?: boolean;
}
