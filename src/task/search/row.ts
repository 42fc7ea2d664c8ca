/** Rows of the search task: questions about invented entities of the embedded encyclopaedia, half of one hop and half of two. */
import { hashText, Random } from '../../random.ts';
import { drawDistinct, type Split } from '../split.ts';
import { encyclopaedia } from './encyclopaedia.ts';
import { drawQuestion, type Question } from './question.ts';

export interface SearchRow {
  question: string;
  answer: string;
  /** What to search for, one after the other, to find the answer: one or two names. */
  searches: readonly string[];
}

const TRAIN_ROWS = 4096;
const TEST_ROWS = 1024;
const streamName = hashText('search rows');

/** 4,096 questions to train on, all different, always the same in the same order. */
export function searchTrain(): SearchRow[] {
  return searchQuestions('train').map(rowOf);
}

/** 1,024 held-out questions. What they ask about, pass by and lead to occurs in no training question. */
export function searchTest(): SearchRow[] {
  return searchQuestions('test').map(rowOf);
}

const counts: Readonly<Record<Split, number>> = { train: TRAIN_ROWS, test: TEST_ROWS };

/** The questions of the rows, in their order, with the way to the answer. */
export function searchQuestions(split: Split): Question[] {
  const { entities, lookup } = encyclopaedia();
  const random = new Random(streamName, hashText(split));
  const draw = (hops: 1 | 2): Question[] => drawDistinct(counts[split] / 2, () => drawQuestion(entities[split], lookup, hops, random), ({ text }) => text);
  return random.shuffle([...draw(1), ...draw(2)]);
}

const rowOf = ({ text, subject, middle, answer }: Question): SearchRow => ({ question: text, answer, searches: middle === undefined ? [subject] : [subject, middle] });
