/**
 * Reads bytes with a grammar. A state is a set of continuations, each a stack of expressions still to be read (Antimirov's partial
 * derivatives, with a stack so that references may recurse). Continuations and states are made once and shared, so what was worked out
 * for a state (its successors here, its tokens in token-masks.ts) is there when the state comes up again.
 */
import { R5Error } from '../error.ts';
import { type Expression, afterOne, shortestLength } from './expression.ts';

/** A stack of expressions to be read, the top first. The root has no expression: it is the end of the text, or what lies beyond a scope. */
export interface Continuation {
  readonly id: number;
  readonly expression: Expression | null;
  readonly tail: Continuation | null;
  /** Bytes of the shortest text that finishes it. */
  readonly distance: number;
  /** Continuations that have this one as their tail. Weak, so that a grammar no longer used goes away. */
  readonly above: WeakMap<Expression, Continuation>;
}

export interface State {
  readonly id: number;
  /** The tops of these read a byte or a token at once; or the root. */
  readonly continuations: readonly Continuation[];
  /** Whether the text may end here. */
  readonly accepts: boolean;
  /** Whether there is anything but the end. */
  readonly goesOn: boolean;
  /** Bytes of the shortest text from here to the end. */
  readonly distance: number;
  /** By byte; null where the byte may not come. */
  readonly next: (State | null | undefined)[];
}

/** Continuations of one state. Every step takes time in proportion. */
const MOST_READINGS = 10_000;

export class Machine {
  /** The end of every continuation of this machine. */
  readonly root: Continuation = { id: 0, expression: null, tail: null, distance: 0, above: new WeakMap() };
  readonly #states = new Map<string, State>();
  #continuations = 1;

  get stateCount(): number {
    return this.#states.size;
  }

  /** The state before anything of `expression` was read. Throws nothing; a state without continuations stands for a grammar without texts. */
  start(expression: Expression): State {
    const found = new Set<Continuation>();
    this.#expand(this.push(expression, this.root), found, new Set());
    return this.stateOf(found);
  }

  /** The state after one more byte; null if the byte may not come. */
  next(state: State, byte: number): State | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const found = new Set<Continuation>();
    const seen = new Set<Continuation>();
    for (const continuation of state.continuations) this.#read(continuation, byte, found, seen);
    const made = found.size === 0 ? null : this.stateOf(found);
    state.next[byte] = made;
    return made;
  }

  /** The state after a token that is no text; null if it may not come. */
  nextToken(state: State, token: number): State | null {
    const found = new Set<Continuation>();
    for (const { expression, tail } of state.continuations) {
      if (expression?.kind === 'token' && expression.token === token && tail) this.#expand(tail, found, new Set());
    }
    return found.size === 0 ? null : this.stateOf(found);
  }

  /** Whether `bytes` is a whole text of the grammar. */
  accepts(expression: Expression, bytes: Uint8Array): boolean {
    let state: State | null = this.start(expression);
    for (const byte of bytes) {
      state = this.next(state, byte);
      if (state === null) return false;
    }
    return state.accepts;
  }

  push(expression: Expression, tail: Continuation): Continuation {
    const known = tail.above.get(expression);
    if (known) return known;
    const distance = shortestLength(expression) + tail.distance;
    const made: Continuation = { id: this.#continuations++, expression, tail, distance, above: new WeakMap() };
    tail.above.set(expression, made);
    return made;
  }

  stateOf(set: ReadonlySet<Continuation>): State {
    if (set.size > MOST_READINGS) {
      throw new R5Error(`A text can be read in more than ${MOST_READINGS} ways by this grammar. Simplify it: a pattern with counts inside counts, for example.`);
    }
    const continuations = [...set].toSorted((a, b) => a.id - b.id);
    const key = continuations.map(({ id }) => id).join();
    const known = this.#states.get(key);
    if (known) return known;
    const made: State = {
      id: this.#states.size,
      continuations,
      accepts: set.has(this.root),
      goesOn: set.size > (set.has(this.root) ? 1 : 0),
      distance: continuations.reduce((least, { distance }) => Math.min(least, distance), Infinity),
      next: [],
    };
    this.#states.set(key, made);
    return made;
  }

  /** Adds to `found` the continuations that are left after `continuation` has read `byte`. */
  #read({ expression, tail }: Continuation, byte: number, found: Set<Continuation>, seen: Set<Continuation>): void {
    if (expression === null || tail === null) return;
    if (expression.kind === 'bytes') {
      if (expression.set[byte] === 1) this.#expand(tail, found, seen);
    } else if (expression.kind === 'literal') {
      if (expression.bytes[0] !== byte) return;
      if (expression.bytes.length > 1) expression.rest ??= { kind: 'literal', bytes: expression.bytes.subarray(1) };
      this.#expand(expression.rest ? this.push(expression.rest, tail) : tail, found, seen);
    } else if (expression.kind === 'automaton') {
      const rest = expression.automaton.after(expression.state, byte);
      if (rest) this.#expand(this.push(rest, tail), found, seen);
    }
  }

  /** Adds to `found` what `continuation` can become without reading anything, until each top reads something. */
  #expand(continuation: Continuation, found: Set<Continuation>, seen: Set<Continuation>): void {
    if (continuation.distance === Infinity || seen.has(continuation)) return;
    seen.add(continuation);
    const { expression, tail } = continuation;
    if (expression === null || tail === null) {
      found.add(continuation);
      return;
    }
    switch (expression.kind) {
      case 'sequence':
        this.#expand(expression.parts.reduceRight((below, part) => this.push(part, below), tail), found, seen);
        break;
      case 'choice':
        for (const option of expression.options) this.#expand(this.push(option, tail), found, seen);
        break;
      case 'repeat':
        if (expression.minimum === 0) this.#expand(tail, found, seen);
        this.#expand(this.push(expression.body, this.push(afterOne(expression), tail)), found, seen);
        break;
      case 'reference':
        this.#expand(this.push(expression.target, tail), found, seen);
        break;
      case 'scope':
        this.#expand(this.push(expression.body, this.push(expression.end, tail)), found, seen);
        break;
      case 'scope-end':
        this.#expand(tail, found, seen);
        break;
      case 'automaton':
        if (expression.automaton.accepts(expression.state)) this.#expand(tail, found, seen);
        if (expression.automaton.goesOn(expression.state)) found.add(continuation);
        break;
      default:
        found.add(continuation);
    }
  }
}
