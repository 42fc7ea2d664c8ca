/** A component of a reward: one look at an answer, under a name and with a weight in `rewards`. */
import { R5Error } from '../../error.ts';
import { describe } from '../rows.ts';
import type { Answer, Verdict } from '../task.ts';

/** What a component finds. A `Score` is one, so every grader is a component. */
export interface PartScore {
  /** 1 for full marks, 0 for nothing; a penalty is a component with a negative weight. */
  reward: number;
  /** Left out by a component that cannot tell right from wrong, such as one of style. */
  verdict?: Verdict;
  /** Components of the component. */
  parts?: Readonly<Record<string, number>>;
  /** What it says in words. */
  note?: string;
  notes?: Readonly<Record<string, string>>;
}

/** `true` is 1 and `false` is 0. */
export type PartResult = PartScore | number | boolean;

/**
 * Looks at one answer. One that cannot be read is `unparsable`; what cannot be found out, through no fault of the answer, is an error
 * (`LostRollout`) and never a 0.
 */
export type Component<Row> = (row: Row, answer: Answer) => PartResult | Promise<PartResult>;

/** Looks at the answers of a group together and gives one result each, in the same order. */
export type GroupComponent<Row> = (row: Row, answers: readonly Answer[]) => readonly PartResult[] | Promise<readonly PartResult[]>;

/** Where a component finds what is right: one text, or several of which any is right. */
export type Reference<Row> = (row: Row) => string | readonly string[];

/** Reads the part of an answer that counts; undefined when it cannot be read. */
export type Reader = (answer: Answer) => string | undefined;

/** The whole text. One that the limit cut off is unreadable: it may be the beginning of another one. */
export const wholeText: Reader = ({ text, stopReason }) => (stopReason === 'length' || text.trim() === '' ? undefined : text.trim());

/** The right answers of a row as a list. Throws R5Error when the row has none: an answer that nothing is compared with cannot be marked. */
export function referencesOf<Row>(reference: Reference<Row>, row: Row): readonly string[] {
  const found: unknown = reference(row);
  const list: unknown = typeof found === 'string' ? [found] : found;
  if (Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === 'string')) return list;
  throw new R5Error(`The reference of the row ${describe(row)} is ${describe(found)}; it must be a text, or a list of texts any of which is right.`);
}
