/**
 * Functions whose source text runs inside the sandbox before any foreign program. Each must stand alone: it may name nothing but its own
 * parameters and the globals of the language, and it takes what it needs from those before a program can shadow them.
 */

/** Newer than the type library. */
declare const Iterator: { from: (source: Iterable<number> | { next: () => unknown }) => { map: (change: () => number) => object } };

/** What the sandbox keeps of the guest's side; the program has no way to reach it. */
export interface GuestIo {
  /** The logs so far, as a JSON list of texts. */
  takeLogs: () => string;
  /** A thrown value in words. */
  describe: (thrown: unknown) => string;
  /** A result as JSON, undefined where JSON has no form for it. Throws for one that is too long. */
  toJson: (value: unknown) => string | undefined;
}

/** Gives the guest a `console` that keeps up to `maxOutput` characters, and `module.exports` for programs that end with it. */
export function makeIo(maxOutput: number): GuestIo {
  const { stringify } = JSON;
  const { defineProperty, freeze } = Object;
  const TextOf = String;
  const ErrorType = Error;
  const logs: string[] = [];
  let left = maxOutput;
  const show = (value: unknown): string => {
    if (typeof value === 'string') return value;
    try {
      const isObject = typeof value === 'object' && value !== null;
      return (isObject ? stringify(value) : undefined) ?? TextOf(value);
    } catch {
      return '[a value that cannot be shown]';
    }
  };
  const log = (...values: unknown[]): void => {
    if (left <= 0) return;
    let line = '';
    for (let i = 0; i < values.length; i++) line += (i > 0 ? ' ' : '') + show(values[i]);
    // A line counts one character more than it has.
    logs.push(line.slice(0, left));
    left -= line.length + 1;
  };
  const console = freeze({ log, info: log, warn: log, error: log, debug: log });
  defineProperty(globalThis, 'console', { value: console });
  defineProperty(globalThis, 'module', { value: { exports: {} }, writable: true, configurable: true });
  defineProperty(globalThis, 'exports', { value: {}, writable: true, configurable: true });
  const describe = (thrown: unknown): string => {
    let text = '';
    try {
      if (thrown instanceof ErrorType) text = `${show(thrown.name)}: ${show(thrown.message)}`;
    } catch {
      text = 'an error that cannot be shown';
    }
    return (text || `threw ${show(thrown)}`).slice(0, maxOutput);
  };
  const toJson = (value: unknown): string | undefined => {
    const json: string | undefined = stringify(value);
    if (json === undefined || json.length <= maxOutput) return json;
    throw new ErrorType(`the result has ${json.length} characters as JSON; at most ${maxOutput} are allowed`);
  };
  return { takeLogs: () => stringify(logs), describe, toJson };
}

/** `Math.random` that gives the same numbers in every run (mulberry32), so that a grade is a function of the answer. */
export function seedRandom(): void {
  const { imul } = Math;
  let state = 0x5eed;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Freezes every object of the language and every global, so that a program cannot change what a later test means by `Array.prototype.every`
 * or `JSON` (the idea of SES's lockdown). Inherited methods of plain objects, functions and errors become accessors whose setter gives
 * the receiver a property of its own: `this.name = 'MyError'` goes on working although the inherited `name` is frozen.
 */
export function lockDown(): void {
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, preventExtensions } = Object;
  const { ownKeys } = Reflect;
  const frozen = new Set<unknown>();
  const waiting: unknown[] = [];
  const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function';

  const keepAssignable = (owner: object): void => {
    for (const key of ownKeys(owner)) {
      const property = getOwnPropertyDescriptor(owner, key);
      if (property === undefined || !('value' in property) || property.configurable !== true || property.writable !== true) continue;
      const { value } = property;
      waiting.push(value);
      const set = function set(this: unknown, own: unknown): void {
        if (this === owner || !isObject(this)) throw new TypeError(`${String(key)} is frozen`);
        defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
      };
      defineProperty(owner, key, { get: () => value, set, enumerable: false, configurable: false });
    }
  };
  for (const owner of [Object, Function, Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError]) {
    keepAssignable(owner.prototype);
  }

  for (const key of ownKeys(globalThis)) {
    const property = getOwnPropertyDescriptor(globalThis, key);
    if (property === undefined || key === 'module' || key === 'exports') continue;
    waiting.push(property.value, property.get, property.set);
    if (property.configurable !== true) continue;
    defineProperty(globalThis, key, 'value' in property ? { writable: false, configurable: false } : { configurable: false });
  }
  // Objects of the language that no global leads to.
  const iterators = [[].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)];
  const helpers = [Iterator.from([]).map(() => 0), Iterator.from({ next: () => ({ done: true, value: 0 }) })];
  const functions = [Int8Array, function* () {}, async () => {}, async function* () {}];
  for (const object of [...iterators, ...helpers, ...functions]) waiting.push(getPrototypeOf(object));

  while (waiting.length > 0) {
    const next = waiting.pop();
    if (!isObject(next) || next === globalThis || frozen.has(next)) continue;
    frozen.add(next);
    const keys = ownKeys(next);
    // Most are plain methods: a name and a length, neither of them writable. Looking no further halves the time.
    if (typeof next === 'function' && keys.length === 2) {
      preventExtensions(next);
      continue;
    }
    for (const key of keys) {
      const property = getOwnPropertyDescriptor(next, key);
      waiting.push(property?.value, property?.get, property?.set);
    }
    waiting.push(getPrototypeOf(next));
    freeze(next);
  }
}
