import { describe, expect, test } from 'vitest';
import { runSandboxed, runTest, type SandboxOptions } from './sandbox.ts';
import { LostRollout } from '../lost-rollout.ts';
import { WorkerPool } from './worker-pool.ts';

/** For programs that never end. */
const brief = { timeMs: 100 } satisfies SandboxOptions;

/** For programs that end by themselves: no busy machine makes them late. */
const patient = { timeMs: 20_000 } satisfies SandboxOptions;

/** Outcome and message of a program in one line. */
async function ending(program: string, options: SandboxOptions = patient): Promise<string> {
  const result = await runSandboxed(program, options);
  return (result.outcome === 'ok' ? `ok: ${JSON.stringify(result.value)}` : `${result.outcome}: ${result.message}`).slice(0, 300);
}

async function verdict(program: string, source: string, options: SandboxOptions = patient): Promise<string> {
  const result = await runTest(program, source, options);
  return result.outcome === 'ok' ? 'ok' : `${result.outcome}: ${result.message}`;
}

describe('runSandboxed', () => {
  test('gives the value of the last expression and the logs', async () => {
    const result = await runSandboxed("console.log('sum', [1, 2]); const a = { sum: 3 }; a", patient);
    expect(result).toEqual({ outcome: 'ok', value: { sum: 3 }, logs: ['sum [1,2]'] });
    expect(await ending('Promise.resolve(7).then((n) => n + 1)')).toBe('ok: 8');
    expect(await ending('undefined')).toBe('ok: undefined');
    expect(await ending('() => 1')).toBe('ok: undefined');
  });

  test('names errors', async () => {
    expect(await ending('function (')).toMatch(/^error: SyntaxError: /);
    expect(await ending('missing')).toBe("error: ReferenceError: 'missing' is not defined");
    expect(await ending("class Own extends Error { constructor(m) { super(m); this.name = 'Own'; } } throw new Own('no')")).toBe('error: Own: no');
    expect(await ending('Promise.reject(new TypeError("late"))')).toBe('error: TypeError: late');
    expect(await ending('new Promise(() => {})')).toBe('error: a promise was never settled');
    const { logs } = await runSandboxed("console.log('before'); throw null", patient);
    expect(logs).toEqual(['before']);
  });

  test('takes TypeScript, and says what is wrong with it', async () => {
    const typescript = { ...patient, typescript: true };
    expect(await ending('const n: number = 3; interface A { b: string } n as number', typescript)).toBe('ok: 3');
    expect(await ending('enum A { B }', typescript)).toMatch(/^error: the program is not TypeScript: .*enum is not supported/);
    expect(await ending('const x: number = ;', typescript)).toBe('error: the program is not TypeScript: Expression expected');
    // This breaks the compiler of the thread; the next program must not notice.
    expect(await ending('('.repeat(200_000), typescript)).toMatch(/^error: /);
    expect(await ending('const n: number = 4; n', typescript)).toBe('ok: 4');
  });

  test('has no file, network, process, timer or module within reach', async () => {
    const names = ['process', 'require', 'fetch', 'setTimeout', 'WebAssembly', 'Deno', 'std', 'os', 'Atomics', 'Worker', 'XMLHttpRequest'];
    const seen = await runSandboxed(`[${names.map((name) => `typeof ${name}`).join()}, typeof Function('return this')().process].join()`, patient);
    expect(seen).toMatchObject({ value: Array.from({ length: names.length + 1 }, () => 'undefined').join() });
    expect(await ending("import('fs')")).toMatch(/^error: ReferenceError: could not load module/);
    expect(await ending("import fs from 'fs'")).toMatch(/^error: SyntaxError/);
    expect(await ending("console.log.constructor('return typeof process')()")).toBe('ok: "undefined"');
  });

  test('starts afresh each time, with the same random numbers', async () => {
    await runSandboxed('globalThis.left = 1; Object.prototype.left = 1; Array.prototype.at = 1;', patient);
    expect(await ending('[typeof left, ({}).left, typeof [].at]')).toBe('ok: ["undefined",null,"function"]');
    expect(await ending('Math.random()')).toBe(await ending('Math.random()'));
    expect(({} as { left?: unknown }).left).toBeUndefined();
  });

  test('lets ordinary programs overwrite what they inherit, and nobody the language itself', async () => {
    expect(await ending("function P() {} P.prototype.toString = () => 'p'; String(new P())")).toBe('ok: "p"');
    expect(await ending("const c = {}; for (const k of ['constructor', 'toString']) c[k] = 1; c")).toBe('ok: {"constructor":1,"toString":1}');
    const inherit = 'function A() {} function B() {} B.prototype = Object.create(A.prototype); B.prototype.constructor = B;';
    expect(await ending(`${inherit} new B() instanceof A`)).toBe('ok: true');
    expect(await ending("'use strict'; Array.prototype.every = () => true")).toMatch(/^error: TypeError/);
    expect(await ending('const JSON = {}')).toMatch(/^error: SyntaxError: redeclaration/);
    const assigned = await ending('JSON = {}; Math = 1; Object.is = 2; [typeof JSON.parse, typeof Math, typeof Object.is]');
    expect(assigned).toBe('ok: ["function","object","function"]');
  });

  test('refuses limits that make no sense', async () => {
    await expect(runSandboxed('1', { timeMs: 0 })).rejects.toThrow("The sandbox's timeMs is 0; give a whole number from 1 to 3600000.");
    await expect(runSandboxed('1', { memoryBytes: 1000 })).rejects.toThrow('memoryBytes is 1000');
  });
});

describe('a hostile program', () => {
  const withinLimits: readonly (readonly [string, string, RegExp])[] = [
    ['an endless loop', 'for (;;) {}', /^timeout/],
    ['a loop that catches', 'for (;;) { try { for (;;) {} } catch {} finally { continue; } }', /^timeout/],
    ['a loop of native code, which looks at no clock', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)', /^timeout/],
    ['a search in long texts', "const s = 'a'.repeat(2e7); for (;;) s.includes('a'.repeat(1e6) + 'b')", /^timeout/],
    ['a catastrophic regular expression', "/^(a+)+$/.test('a'.repeat(40) + 'b')", /^timeout/],
    ['promise jobs without end', 'const f = () => Promise.resolve().then(f); f()', /^timeout/],
    ['awaiting without end', 'async function f() { for (;;) await 0; } f()', /^timeout/],
    ['a getter in the result that never ends', '({ get a() { for (;;) {} } })', /^timeout/],
    ['a result without bottom', 'const g = () => ({ get a() { return g(); } }); g()', /^(timeout|memory|error)/],
    ['a flood of logs', "for (;;) console.log('x'.repeat(1000))", /^timeout/],
    ['recursion', 'function f() { f(); } f()', /^error: InternalError: stack overflow/],
    ['recursion through native code', 'const f = () => [1].map(f); f()', /^error: InternalError: stack overflow/],
    ['deep JSON', "JSON.parse('['.repeat(1e6))", /^error: SyntaxError: stack overflow/],
    ['a deep program', "eval('('.repeat(1e5))", /^error: SyntaxError: stack overflow/],
    ['a deep proxy', 'let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x', /^(error|timeout)/],
    ['one huge allocation', 'new ArrayBuffer(1e9)', /^(memory|error)/],
    ['a huge text', "let s = 'ab'; for (;;) s += s", /^error: InternalError: string too long/],
    ['throwing null', 'throw null', /^error: threw null/],
    ['throwing a proxy that throws', 'throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })', /^error: an error that cannot/],
    ['throwing an error that never tells', 'throw { __proto__: Error.prototype, get message() { for (;;) {} } }', /^(error|timeout)/],
    ['toJSON that throws', '({ toJSON() { throw null; } })', /^error: threw null/],
    ['a circular result', 'const a = {}; a.a = a; a', /^error: TypeError: circular/],
    ['a result that is too long', "'x'.repeat(1e6)", /^error: Error: the result has 1000002 characters as JSON; at most 65536/],
    ['a thenable that never ends', '({ then() { for (;;) {} } })', /^ok: {}/],
  ];

  test.each(withinLimits)('%s ends within its limits', async (_, program, expected) => {
    const mayRunOut = expected.source.includes('timeout');
    expect(await ending(program, mayRunOut ? brief : patient)).toMatch(expected);
    expect(await ending('1 + 1')).toBe('ok: 2');
  });

  test('gets no more memory than its limit, in large pieces or small ones', async () => {
    const options = { ...patient, memoryBytes: 24 * 2 ** 20 };
    expect(await ending('const a = []; for (;;) a.push(new Uint8Array(1e6))', options)).toMatch(/^memory/);
    expect(await ending('const a = []; for (;;) a.push({})', options)).toMatch(/^memory/);
    const caught = 'const a = []; for (let i = 0; i < 99; i++) try { a.push(new Uint8Array(1e6)) } catch {} a.length < 24';
    expect(await ending(caught, options)).toBe('ok: true');
  });

  test('has its logs cut at the limit', async () => {
    const { logs } = await runSandboxed("for (let i = 0; i < 1e4; i++) console.log('y'.repeat(30))", { ...patient, maxOutput: 100 });
    expect(logs.join('\n').length).toBeLessThanOrEqual(100);
    expect(logs).toHaveLength(4);
  });

  test('cannot pollute this side through its result', async () => {
    const result = await runSandboxed('JSON.parse(\'{"__proto__": {"polluted": 1}}\')', patient);
    expect(result.outcome).toBe('ok');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('runTest', () => {
  const add = 'function add(a, b) { return a + b; }';

  test('passes when all assertions hold, and says which one does not', async () => {
    expect(await verdict(add, 'assertEqual(add(1, 2), 3); assert(add(1, 1) === 2);')).toBe('ok');
    expect(await verdict(add, 'assertEqual(add(1, 2), 4)')).toBe('error: Error: expected 4, got 3');
    expect(await verdict(add, 'assertClose(add(0.1, 0.2), 0.3); assertThrows(() => add(1n, 2))')).toBe('ok');
    expect(await verdict(add, 'assertThrows(() => add(1, 2))')).toBe('error: Error: expected an error, but none was thrown');
    expect(await verdict('export const f = async () => 1;', 'assertEqual(await f(), 1)')).toBe('ok');
  });

  test('fails a test that checked nothing, and one that caught its failure', async () => {
    expect(await verdict(add, 'add(1, 2)')).toBe('error: the test checked nothing');
    expect(await verdict(add, 'try { assert(false) } catch {} assert(true)')).toBe('error: an assertion does not hold');
  });

  test.each([
    ['[1, [2, { a: NaN }]]', '[1, [2, { a: NaN }]]', true],
    ['{ a: 1, b: -0 }', '{ b: 0, a: 1 }', true],
    ['{ __proto__: null, a: 1 }', '{ a: 1 }', true],
    ['new Map([[1, [2]], [{ k: 1 }, 3]])', 'new Map([[{ k: 1 }, 3], [1, [2]]])', true],
    ['new Set([[1], 2])', 'new Set([2, [1]])', true],
    ['new Date(5)', 'new Date(5)', true],
    ['/a/g', '/a/g', true],
    ['new RangeError("x")', 'new RangeError("x")', true],
    ['new Uint8Array([1, 2])', 'new Uint8Array([1, 2])', true],
    ['10n', '10n', true],
    ['1', '"1"', false],
    ['1', 'true', false],
    ['null', 'undefined', false],
    ['[1, 2]', '[2, 1]', false],
    ['[1]', '{ 0: 1 }', false],
    ['[1, , 3]', '[1, undefined, 3]', false],
    ['{ a: undefined }', '{}', false],
    ['Object.assign([1], { every: 1 })', '[1]', false],
    ['new (class P { a = 1 })()', '{ a: 1 }', false],
    ['new Map([[1, 2]])', 'new Map([[1, 3]])', false],
    ['new Set([[1], [1]])', 'new Set([[1], [2]])', false],
    ['Object.create(Map.prototype)', 'new Map()', false],
    ['new Date(5)', 'new Date(6)', false],
    ['/a/g', '/a/i', false],
    ['new Error("x")', 'new Error("y")', false],
    ['new Error("x")', 'new TypeError("x")', false],
    ['new ArrayBuffer(1)', 'new ArrayBuffer(1)', false],
    ['() => 1', '() => 1', false],
    ['new Proxy({}, { get: () => 1, has: () => true })', '{ a: 1 }', false],
  ])('assertEqual(%s, %s): %s', async (actual, expected, equal) => {
    expect((await verdict(`const actual = () => (${actual});`, `assertEqual(actual(), ${expected})`)) === 'ok').toBe(equal);
  });

  test('compares circular values', async () => {
    const source = 'const a = { b: {} }; a.b.a = a; const c = { b: {} }; c.b.a = c; assertEqual(f(a), c)';
    expect(await verdict('const f = (x) => x;', source)).toBe('ok');
  });

  const source = 'assertEqual(add([1, 2]), 3); assert([3].every((n) => n === add([1, 2])))';

  test.each([
    ['defines assertions of its own', 'var assert = () => {}, assertEqual = assert; function add() { return 4; }'],
    ['replaces built-in comparisons', 'Object.is = Array.prototype.every = JSON.stringify = () => true; function add() { return 4; }'],
    ['redefines them by force', `for (const owner of [Object, Array.prototype, JSON]) {
      for (const key of Object.getOwnPropertyNames(owner)) try { Object.defineProperty(owner, key, { value: () => true }) } catch {}
    }
    function add() { return 4; }`],
    ['shadows globals', 'globalThis.Object = globalThis.Error = undefined; function add() { return 4; }'],
    ['catches promises', 'Promise.prototype.then = function () { return this }; Promise.resolve = () => 1; function add() { return 4; }'],
    ['says that it passed', "console.log('passed'); console.log('ok'); function add() { return 4; }"],
    ['throws out of the test', 'function add() { throw undefined; }'],
    ['never comes back', 'function add() { for (;;) {} }'],
    ['is never settled', 'function add() { return new Promise(() => {}); }'],
    ['resolves itself', 'function add() { return { then(done) { done(3); } }; }'],
    ['calls for the assertion from within', 'function add() { assert(true); return 3; }'],
    ['pretends to be equal', 'function add() { return { valueOf: () => 3, toString: () => "3", [Symbol.toPrimitive]: () => 3 }; }'],
    ['returns a proxy', 'function add() { return new Proxy(() => 3, { get: () => 3, apply: () => 3 }); }'],
    ['overflows the stack first', 'function add() { try { add(); } catch { return 4; } return 4; }'],
    ['fills the memory first', 'const kept = []; function add() { try { for (;;) kept.push(new Uint8Array(1e5)); } catch {} return 4; }'],
  ])('a program that %s earns nothing', async (_, program) => {
    expect(await verdict('function add([a, b]) { return a + b; }', source)).toBe('ok');
    expect(await verdict(program, source, { timeMs: 300 })).not.toBe('ok');
  });

  test('keeps its source from the program', async () => {
    const spy = `function add() {
      return [new Error().stack, String(add.caller), String(arguments.callee.caller), typeof Error.prepareStackTrace].join();
    }`;
    const { logs } = await runTest(spy, "console.log(add('the secret'))", patient);
    expect(logs[0]).not.toContain('secret');
    expect(logs[0]).not.toContain('console');
  });

  test('leaves no built-in object that a program could change', async () => {
    const walk = `
      const hidden = [function* () {}, async function* () {}, async () => {}, [].values(), 'a'.matchAll(/a/g), [].values().map((x) => x)];
      const queue = hidden.map((object) => [Object.getPrototypeOf(object), 'hidden']);
      for (const key of Reflect.ownKeys(globalThis)) {
        if (!['module', 'exports', 'globalThis'].includes(key)) queue.push([globalThis[key], String(key)]);
      }
      const seen = new Set();
      const open = [];
      while (queue.length > 0) {
        const [next, path] = queue.pop();
        if ((typeof next !== 'object' && typeof next !== 'function') || next === null || seen.has(next)) continue;
        seen.add(next);
        if (Object.isExtensible(next)) open.push(path);
        for (const key of Reflect.ownKeys(next)) {
          const { value, get, set, writable } = Object.getOwnPropertyDescriptor(next, key);
          const inside = path + '.' + String(key);
          if (writable) open.push(inside);
          queue.push([value, inside], [get, inside], [set, inside]);
        }
        queue.push([Object.getPrototypeOf(next), path + '.__proto__']);
      }
      [seen.size > 500, open]`;
    expect(await ending(walk)).toBe('ok: [true,[]]');
  });
});

describe('WorkerPool', () => {
  const request = { typescript: false, ...patient, memoryBytes: 16 * 2 ** 20, maxOutput: 1000 };

  test('reuses its threads and replaces the killed one', async () => {
    const pool = new WorkerPool(1);
    try {
      for (let i = 0; i < 5; i++) expect(await pool.run({ ...request, program: `${i}` })).toMatchObject({ outcome: 'ok', json: `${i}` });
      expect(await pool.run({ ...request, program: 'throw 1' })).toMatchObject({ outcome: 'error' });
      expect(await pool.run({ ...request, ...brief, program: 'for (;;) {}' })).toMatchObject({ outcome: 'timeout' });
      expect(pool.threadsStarted).toBe(1);
      const native = 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)';
      expect(await pool.run({ ...request, ...brief, program: native })).toMatchObject({ outcome: 'timeout', message: expect.stringContaining('killed') });
      expect(await pool.run({ ...request, program: '1' })).toMatchObject({ outcome: 'ok' });
      expect(pool.threadsStarted).toBe(2);
    } finally {
      await pool.close();
    }
  });

  test('says that a run is lost when its thread is stopped from outside', async () => {
    const pool = new WorkerPool(1);
    const run = pool.run({ ...request, timeMs: 60_000, program: 'for (;;) {}' });
    const lost = expect(run).rejects.toThrow(LostRollout);
    await expect.poll(() => pool.busyThreads, { timeout: 20_000 }).toBe(1);
    await pool.close();
    await lost;
    await expect(run).rejects.toThrow('stopped from outside');
  });

  test('answers everybody with no more threads than it may have', async () => {
    const pool = new WorkerPool(2);
    try {
      const programs = Array.from({ length: 20 }, (_, i) => (i === 7 ? 'throw 7' : `${i}`));
      const replies = await Promise.all(programs.map((program) => pool.run({ ...request, program })));
      const answers = replies.map((reply) => (reply.outcome === 'ok' ? reply.json : reply.message));
      expect(answers).toEqual(programs.map((program, i) => (i === 7 ? 'threw 7' : program)));
      expect(pool.threadsStarted).toBe(2);
    } finally {
      await pool.close();
    }
  });
});
