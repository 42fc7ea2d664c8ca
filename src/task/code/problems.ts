/** A small set of programming problems, so that the task `code` can be tried without data. */
import type { CodeRow } from './row.ts';

/** Rows to train on. */
export const trainProblems: readonly CodeRow[] = [
  {
    prompt: 'Write a function sumOfDigits(n) that returns the sum of the decimal digits of a whole number, whatever its sign.',
    entry_point: 'sumOfDigits',
    tests: ['assertEqual(sumOfDigits(1203), 6);', 'assertEqual(sumOfDigits(0), 0);', 'assertEqual(sumOfDigits(-49), 13);'],
    code: `function sumOfDigits(n) {
  return [...String(Math.abs(n))].reduce((sum, digit) => sum + Number(digit), 0);
}`,
  },
  {
    prompt: 'Write a function isPalindrome(text) that says whether a text reads the same backwards. Only letters and digits count, in any case.',
    entry_point: 'isPalindrome',
    tests: [
      "assertEqual(isPalindrome('Never odd or even.'), true);",
      "assertEqual(isPalindrome('Almost'), false);",
      "assertEqual(isPalindrome(''), true);",
    ],
    code: `function isPalindrome(text) {
  const kept = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return kept === [...kept].reverse().join('');
}`,
  },
  {
    prompt: 'Write a function countWords(text) that returns an object with the number of times each word occurs. Words are separated by blanks.',
    entry_point: 'countWords',
    tests: [
      "assertEqual(countWords('to be or not to be'), { to: 2, be: 2, or: 1, not: 1 });",
      "assertEqual(countWords('  '), {});",
      "assertEqual(countWords('constructor constructor'), { constructor: 2 });",
    ],
    code: `function countWords(text) {
  const counts = new Map();
  for (const word of text.split(/\\s+/)) if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}`,
  },
  {
    prompt: 'Write a function chunk(list, size) that cuts a list into lists of the given size; the last one may be shorter.',
    entry_point: 'chunk',
    tests: [
      'assertEqual(chunk([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);',
      'assertEqual(chunk([], 3), []);',
      'assertEqual(chunk([1], 4), [[1]]);',
    ],
    code: `function chunk(list, size) {
  const parts = [];
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));
  return parts;
}`,
  },
  {
    prompt: 'Write a function greatestCommonDivisor(a, b) for two positive whole numbers.',
    entry_point: 'greatestCommonDivisor',
    tests: [
      'assertEqual(greatestCommonDivisor(12, 18), 6);',
      'assertEqual(greatestCommonDivisor(7, 13), 1);',
      'assertEqual(greatestCommonDivisor(1000000007, 1000000007), 1000000007);',
    ],
    code: `function greatestCommonDivisor(a, b) {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}`,
  },
  {
    prompt: 'Write a function primesBelow(limit) that returns the prime numbers below limit in ascending order.',
    entry_point: 'primesBelow',
    tests: [
      'assertEqual(primesBelow(20), [2, 3, 5, 7, 11, 13, 17, 19]);',
      'assertEqual(primesBelow(2), []);',
      'assertEqual(primesBelow(10000).length, 1229);',
    ],
    code: `function primesBelow(limit) {
  const primes = [];
  for (let n = 2; n < limit; n++) {
    let isPrime = true;
    for (const p of primes) {
      if (p * p > n) break;
      if (n % p === 0) { isPrime = false; break; }
    }
    if (isPrime) primes.push(n);
  }
  return primes;
}`,
  },
  {
    prompt: 'Write a function toRoman(n) that writes a whole number from 1 to 3999 as a Roman numeral.',
    entry_point: 'toRoman',
    tests: [
      "assertEqual(toRoman(1994), 'MCMXCIV');",
      "assertEqual(toRoman(4), 'IV');",
      "assertEqual(toRoman(3888), 'MMMDCCCLXXXVIII');",
    ],
    code: `function toRoman(n) {
  const numerals = [
    [1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'],
    [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I'],
  ];
  let text = '';
  for (const [value, numeral] of numerals) while (n >= value) { text += numeral; n -= value; }
  return text;
}`,
  },
  {
    prompt: 'Write a function flatten(list) that returns all items of a list of lists, nested to any depth, in one list.',
    entry_point: 'flatten',
    tests: [
      'assertEqual(flatten([1, [2, [3, [4]], 5]]), [1, 2, 3, 4, 5]);',
      'assertEqual(flatten([[[]]]), []);',
      "assertEqual(flatten(['ab', ['c']]), ['ab', 'c']);",
    ],
    code: `function flatten(list) {
  return list.flatMap((item) => (Array.isArray(item) ? flatten(item) : [item]));
}`,
  },
  {
    prompt: 'Write a class Stack with the methods push(item), pop(), which gives undefined when the stack is empty, and the getter size.',
    entry_point: 'Stack',
    tests: [
      `const stack = new Stack();
stack.push(1);
stack.push(2);
assertEqual(stack.size, 2);
assertEqual(stack.pop(), 2);
assertEqual(stack.pop(), 1);
assertEqual(stack.size, 0);`,
      'assertEqual(new Stack().pop(), undefined);',
      `const [a, b] = [new Stack(), new Stack()];
a.push('x');
assertEqual(b.size, 0);`,
    ],
    code: `class Stack {
  #items = [];
  push(item) { this.#items.push(item); }
  pop() { return this.#items.pop(); }
  get size() { return this.#items.length; }
}`,
  },
  {
    prompt: 'Write a function runLengths(text) that returns a list of pairs: each run of equal characters as the character and its length.',
    entry_point: 'runLengths',
    tests: [
      "assertEqual(runLengths('aaabcc'), [['a', 3], ['b', 1], ['c', 2]]);",
      "assertEqual(runLengths(''), []);",
      "assertEqual(runLengths('aba'), [['a', 1], ['b', 1], ['a', 1]]);",
    ],
    code: `function runLengths(text) {
  const runs = [];
  for (const character of text) {
    const last = runs.at(-1);
    if (last?.[0] === character) last[1]++;
    else runs.push([character, 1]);
  }
  return runs;
}`,
  },
  {
    prompt: 'Write a function groupBy(list, keyOf) that returns a Map from each key to the list of the items with that key, in their order.',
    entry_point: 'groupBy',
    tests: [
      "assertEqual(groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')), new Map([['odd', [1, 3]], ['even', [2]]]));",
      'assertEqual(groupBy([], () => 0), new Map());',
      "assertEqual(groupBy(['a', 'bb', 'c'], (text) => text.length).get(1), ['a', 'c']);",
    ],
    code: `function groupBy(list, keyOf) {
  const groups = new Map();
  for (const item of list) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}`,
  },
  {
    prompt: 'Write a function isBalanced(text) that says whether the brackets (), [] and {} in a text are closed in the right order.',
    entry_point: 'isBalanced',
    tests: [
      "assertEqual(isBalanced('f(a[1], {b: 2})'), true);",
      "assertEqual(isBalanced('([)]'), false);",
      "assertEqual(isBalanced('(('), false);",
      "assertEqual(isBalanced(']'), false);",
    ],
    code: `function isBalanced(text) {
  const closing = { '(': ')', '[': ']', '{': '}' };
  const open = [];
  for (const character of text) {
    if (closing[character]) open.push(closing[character]);
    else if (')]}'.includes(character) && open.pop() !== character) return false;
  }
  return open.length === 0;
}`,
  },
];

/** Held-out rows. */
export const testProblems: readonly CodeRow[] = [
  {
    prompt: 'Write a function median(numbers) that returns the median of a list with at least one number and leaves the list as it is.',
    entry_point: 'median',
    tests: [
      'assertEqual(median([10, 9, 1]), 9);',
      'assertEqual(median([4, 1, 2, 100]), 3);',
      `const list = [3, 1, 2];
median(list);
assertEqual(list, [3, 1, 2]);`,
    ],
    code: `function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}`,
  },
  {
    prompt: 'Write a function transpose(matrix) that swaps the rows and columns of a matrix given as a list of rows.',
    entry_point: 'transpose',
    tests: [
      'assertEqual(transpose([[1, 2, 3], [4, 5, 6]]), [[1, 4], [2, 5], [3, 6]]);',
      'assertEqual(transpose([[7]]), [[7]]);',
      'assertEqual(transpose([]), []);',
    ],
    code: `function transpose(matrix) {
  return (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column]));
}`,
  },
  {
    prompt: 'Write an async function inOrder(actions) that calls asynchronous functions one after the other and returns the list of their results.',
    entry_point: 'inOrder',
    tests: [
      'assertEqual(await inOrder([async () => 1, async () => 2]), [1, 2]);',
      `const log = [];
await inOrder(['a', 'b'].map((name) => async () => { log.push(name); await null; log.push(name); }));
assertEqual(log, ['a', 'a', 'b', 'b']);`,
      'assertEqual(await inOrder([]), []);',
    ],
    code: `async function inOrder(actions) {
  const results = [];
  for (const action of actions) results.push(await action());
  return results;
}`,
  },
  {
    prompt: 'Write a function binarySearch(sorted, target) that returns an index of target in an ascending list of numbers, or -1.',
    entry_point: 'binarySearch',
    tests: [
      'assertEqual(binarySearch([1, 3, 5, 7], 5), 2);',
      'assertEqual(binarySearch([1, 3, 5, 7], 4), -1);',
      'assertEqual(binarySearch([], 1), -1);',
      'assertEqual(binarySearch([2], 2), 0);',
    ],
    code: `function binarySearch(sorted, target) {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] === target) return middle;
    if (sorted[middle] < target) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}`,
  },
];
