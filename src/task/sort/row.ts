/** Sorting problems: 5 to 8 different words from an embedded list, in random order. */
import { hashText, Random } from '../../random.ts';
import { drawDistinct, splitOf } from '../split.ts';
import type { Split } from '../split.ts';
import { words } from './words.ts';

export interface SortRow {
  /** 5 to 8 different words, in the order of the prompt. */
  words: readonly string[];
}

const fewestWords = 5;
const mostWords = 8;
const trainRows = 4096;
const testRows = 1024;
const streamName = hashText('sort rows');

/** The words in alphabetical order: by code unit, which for lower-case letters is the alphabet. */
export function inOrder(row: SortRow): string[] {
  return row.words.toSorted((a, b) => (a < b ? -1 : 1));
}

/** Whether the set of words belongs to the held-out tenth. Their order does not matter. */
export function isHeldOutSort(row: SortRow): boolean {
  return splitOf('sort', keyOf(row)) === 'test';
}

/** 4,096 rows to train on, always the same in the same order. */
export function sortTrain(): SortRow[] {
  const random = new Random(streamName, 0);
  return drawDistinct(trainRows, () => draw('train', random), keyOf);
}

/** 1,024 held-out rows, always the same in the same order. */
export function sortTest(): SortRow[] {
  const random = new Random(streamName, 1);
  return drawDistinct(testRows, () => draw('test', random), keyOf);
}

/** A row of the training split. */
export function drawSortRow(random: Random): SortRow {
  return draw('train', random);
}

function draw(split: Split, random: Random): SortRow {
  for (;;) {
    const count = random.integer(fewestWords, mostWords);
    const chosen = new Set<string>();
    while (chosen.size < count) chosen.add(random.pick(words));
    const row = { words: [...chosen] };
    if (isHeldOutSort(row) === (split === 'test')) return row;
  }
}

function keyOf(row: SortRow): string {
  return inOrder(row).join(' ');
}
