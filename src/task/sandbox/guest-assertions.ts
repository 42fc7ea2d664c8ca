/** The assertions of a test. Like the prelude, each function runs inside the sandbox by its source text and must stand alone. */

export interface GuestAssertions {
  /** Passes on any truthy condition. */
  assert: (condition: unknown, message?: string) => void;
  assertEqual: (actual: unknown, expected: unknown) => void;
  /** Two numbers that differ by no more than `tolerance`, 1e-9 by default. */
  assertClose: (actual: unknown, expected: number, tolerance?: number) => void;
  assertThrows: (action: () => unknown) => void;
  /** Why the test has failed, or an empty text. A test that checked nothing has failed, and so has one that caught its failure. */
  failure: () => string;
}

export type DeepEqual = (actual: unknown, expected: unknown) => boolean;

/** The assertions over one test; `deepEqual` compares values. */
export function makeAssertions(deepEqual: DeepEqual): GuestAssertions {
  const { abs } = Math;
  const { stringify } = JSON;
  const TextOf = String;
  const Failure = Error;
  let started = 0;
  let passed = 0;
  let failed = '';
  const show = (value: unknown): string => {
    try {
      return (typeof value === 'bigint' ? `${value}n` : stringify(value)) ?? TextOf(value);
    } catch {
      return 'a value that cannot be shown';
    }
  };
  const settle = (holds: boolean, message: () => string): void => {
    if (holds) {
      passed++;
      return;
    }
    const text = message().slice(0, 400);
    if (failed === '') failed = text;
    throw new Failure(text);
  };
  return {
    assert: (condition, message) => {
      started++;
      settle(!!condition, () => message ?? 'an assertion does not hold');
    },
    assertEqual: (actual, expected) => {
      started++;
      settle(deepEqual(actual, expected), () => `expected ${show(expected)}, got ${show(actual)}`);
    },
    assertClose: (actual, expected, tolerance = 1e-9) => {
      started++;
      const close = typeof actual === 'number' && abs(actual - expected) <= tolerance;
      settle(close, () => `expected ${expected} within ${tolerance}, got ${show(actual)}`);
    },
    assertThrows: (action) => {
      started++;
      let threw = false;
      try {
        action();
      } catch {
        threw = true;
      }
      settle(threw, () => 'expected an error, but none was thrown');
    },
    failure: () => {
      if (failed !== '') return failed;
      if (started === 0) return 'the test checked nothing';
      return started === passed ? '' : 'an assertion was cut short';
    },
  };
}

/** Whether what maps, sets, dates and the like hold beside their properties is equal; their kinds are known to be. */
export type SameContent = (actual: object, expected: object, equal: DeepEqual) => boolean;

/**
 * Deep equality as of Node's `assert.deepStrictEqual`, except that 0 equals -0 and an object without prototype equals a plain one. Own
 * enumerable properties with text keys count, in any order, and so do the contents of maps, sets, dates, regular expressions and errors.
 * Functions, promises, buffers, boxed values and weak collections equal only themselves.
 */
export function makeDeepEqual(sameContent: SameContent): DeepEqual {
  const { getPrototypeOf, keys, hasOwn, prototype: plain } = Object;
  const { get } = Reflect;
  const { isArray } = Array;
  const equal = (a: unknown, b: unknown, seen: readonly (readonly [object, object])[]): boolean => {
    if (a === b || (a !== a && b !== b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (seen.some(([x, y]) => x === a && y === b)) return true;
    if ((getPrototypeOf(a) ?? plain) !== (getPrototypeOf(b) ?? plain) || isArray(a) !== isArray(b)) return false;
    if (isArray(a) && isArray(b) && a.length !== b.length) return false;
    const inside = [...seen, [a, b] as const];
    const names = keys(a);
    if (names.length !== keys(b).length || !sameContent(a, b, (x, y) => equal(x, y, inside))) return false;
    return names.every((name) => hasOwn(b, name) && equal(get(a, name), get(b, name), inside));
  };
  return (actual, expected) => {
    try {
      return equal(actual, expected, []);
    } catch {
      return false;
    }
  };
}

/** Compares contents. Methods of the language throw on a value of another kind: then the values have not been found equal. */
export function makeSameContent(): SameContent {
  const [MapOf, SetOf, DateOf, RegExpOf, ErrorOf] = [Map, Set, Date, RegExp, Error];
  const byIdentity = [Promise, WeakMap, WeakSet, WeakRef, ArrayBuffer, DataView, Number, String, Boolean];
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

  /** Whether each of `some` equals one of `others`, no one of them twice. */
  const sameItems = (some: readonly unknown[], others: readonly unknown[], equal: DeepEqual): boolean => {
    const left = [...others];
    return some.every((item) => {
      const at = left.findIndex((other) => equal(item, other));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  };
  const sameMap = (entries: [unknown, unknown][], b: Map<unknown, unknown>, equal: DeepEqual): boolean => {
    const fits = ([key, value]: [unknown, unknown]): boolean => isObject(key) || (b.has(key) && equal(value, b.get(key)));
    const hasObject = ([key]: [unknown, unknown]): boolean => isObject(key);
    return entries.length === b.size && entries.every(fits) && sameItems(entries.filter(hasObject), [...b].filter(hasObject), equal);
  };
  const sameSet = (items: unknown[], b: Set<unknown>, equal: DeepEqual): boolean => {
    const fits = (item: unknown): boolean => isObject(item) || b.has(item);
    return items.length === b.size && items.every(fits) && sameItems(items.filter(isObject), [...b].filter(isObject), equal);
  };
  return (a, b, equal) => {
    if (b instanceof MapOf) return sameMap([...MapOf.prototype.entries.call(a)], b, equal);
    if (b instanceof SetOf) return sameSet([...SetOf.prototype.values.call(a)], b, equal);
    if (b instanceof DateOf) return a instanceof DateOf && equal(DateOf.prototype.getTime.call(a), DateOf.prototype.getTime.call(b));
    if (b instanceof RegExpOf) return a instanceof RegExpOf && RegExpOf.prototype.toString.call(a) === RegExpOf.prototype.toString.call(b);
    if (b instanceof ErrorOf) return a instanceof ErrorOf && equal(a.name, b.name) && equal(a.message, b.message);
    return !byIdentity.some((kind) => b instanceof kind);
  };
}
