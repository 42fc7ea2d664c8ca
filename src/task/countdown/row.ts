/** Countdown problems: reach a target from three numbers. All of them are enumerated; a hash of the problem decides its split. */
import { hashText, hashWords, Random } from '../../random.ts';
import { movesOf, pairingsOf, resultOf } from './move.ts';

export interface CountdownRow {
  /** Three numbers from 2 to 20, in the order of the prompt; each must be used exactly once. */
  numbers: readonly [number, number, number];
  /** From 1 to 99. */
  target: number;
}

const smallestNumber = 2;
const largestNumber = 20;
const largestTarget = 99;
const trainRows = 8192;
const testRows = 1024;
const splitName = hashText('countdown split');
const orderName = hashText('countdown order');

/** Whether the problem belongs to the held-out tenth. The order of the numbers does not matter. */
export function isHeldOutCountdown(row: CountdownRow): boolean {
  const sorted = row.numbers.toSorted((a, b) => a - b);
  return hashWords(splitName, ...sorted, row.target) % 10 === 0;
}

/** The targets from 1 to 99 that the search reaches from the numbers, ascending. The order of the numbers does not matter. */
export function reachableTargets(numbers: CountdownRow['numbers']): number[] {
  const targets = new Set<number>();
  for (const [first, second, rest] of pairingsOf(numbers)) {
    for (const branch of movesOf(first, second)) {
      for (const leaf of movesOf(resultOf(branch), rest)) targets.add(leaf.result);
    }
  }
  targets.delete(0);
  return [...targets].filter((target) => target <= largestTarget).sort((a, b) => a - b);
}

/** Every solvable problem once, numbers ascending: the training split and the held-out split. */
function enumerateProblems(): { train: CountdownRow[]; test: CountdownRow[] } {
  const train: CountdownRow[] = [];
  const test: CountdownRow[] = [];
  for (let a = smallestNumber; a <= largestNumber; a++) {
    for (let b = a; b <= largestNumber; b++) {
      for (let c = b; c <= largestNumber; c++) {
        const numbers = [a, b, c] as const;
        for (const target of reachableTargets(numbers)) {
          const row = { numbers, target };
          (isHeldOutCountdown(row) ? test : train).push(row);
        }
      }
    }
  }
  return { train, test };
}

let problems: { train: CountdownRow[]; test: CountdownRow[] } | undefined;

function allProblems(): { train: CountdownRow[]; test: CountdownRow[] } {
  return (problems ??= enumerateProblems());
}

function withNumbersShuffled(row: CountdownRow, random: Random): CountdownRow {
  const [a, b, c] = row.numbers;
  const orders = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] as const;
  return { numbers: random.pick(orders), target: row.target };
}

function fixedRows(rows: readonly CountdownRow[], count: number, name: number): CountdownRow[] {
  const random = new Random(orderName, name);
  return random.shuffle(rows).slice(0, count).map((row) => withNumbersShuffled(row, random));
}

/** 8,192 problems to train on, all different, always the same in the same order. */
export function countdownTrain(): CountdownRow[] {
  return fixedRows(allProblems().train, trainRows, 0);
}

/** 1,024 held-out problems, all different, always the same in the same order. */
export function countdownTest(): CountdownRow[] {
  return fixedRows(allProblems().test, testRows, 1);
}

/** A problem of the training split, uniform over its problems, with the numbers in a random order. */
export function drawCountdownRow(random: Random): CountdownRow {
  return withNumbersShuffled(random.pick(allProblems().train), random);
}
