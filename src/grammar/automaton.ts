/**
 * Deterministic automata over bytes, for what needs more than one condition at once: a pattern and a length, a range and a multiple, any
 * key but these. Built from expressions, combined by products, and trimmed: every state that is left can reach acceptance.
 */
import { type ByteClasses, classesOf, commonClasses } from './byte-classes.ts';
import { type AutomatonExpression, type Expression, NEVER } from './expression.ts';
import { Machine, type State } from './machine.ts';

/** No transition. */
const NONE = -1;
/** Above this many states a condition is refused: it would take seconds to build. */
const LARGEST = 8_192;

/** A condition needs an automaton too large to build. */
export class AutomatonTooLarge extends Error {
  override readonly name = 'AutomatonTooLarge';
}

export interface Transitions<Label> {
  start: Label;
  /** Bytes of one class lead to the same states. */
  classes: ByteClasses;
  /** A name of its own for each state. */
  key: (state: Label) => string | number;
  accepts: (state: Label) => boolean;
  /** null where the byte may not come. */
  next: (state: Label, byte: number) => Label | null;
}

const ofExpressions = new WeakMap<Expression, Automaton>();

export class Automaton {
  readonly classes: ByteClasses;
  /** A row a state, a column a class of bytes. */
  readonly #table: Int32Array;
  readonly #accepts: Uint8Array;
  readonly #distances: Float64Array;
  readonly #goesOn: Uint8Array;
  readonly #expressions: (AutomatonExpression | undefined)[] = [];

  private constructor(table: Int32Array, accepts: Uint8Array, classes: ByteClasses) {
    const width = classes.representatives.length;
    this.classes = classes;
    this.#table = table;
    this.#accepts = accepts;
    this.#distances = trim(table, accepts);
    this.#goesOn = accepts.map((_, state) => (table.subarray(state * width, (state + 1) * width).some((next) => next !== NONE) ? 1 : 0));
  }

  /** Explores all states that can be reached. Throws AutomatonTooLarge. */
  static explore<Label>({ start, classes, key, accepts, next }: Transitions<Label>): Automaton {
    const labels = [start];
    const indices = new Map([[key(start), 0]]);
    const table: number[] = [];
    for (let index = 0; index < labels.length; index++) {
      for (const byte of classes.representatives) {
        const label = next(labels[index] as Label, byte);
        if (label === null) {
          table.push(NONE);
          continue;
        }
        const name = key(label);
        const known = indices.get(name) ?? labels.push(label) - 1;
        indices.set(name, known);
        table.push(known);
      }
      if (labels.length > LARGEST) throw new AutomatonTooLarge(`more than ${LARGEST} states`);
    }
    return new Automaton(Int32Array.from(table), Uint8Array.from(labels, (label) => (accepts(label) ? 1 : 0)), classes);
  }

  /** The automaton of an expression, which must not recurse. Throws AutomatonTooLarge. */
  static of(expression: Expression): Automaton {
    const known = ofExpressions.get(expression);
    if (known) return known;
    const machine = new Machine();
    const made = Automaton.explore<State>({
      start: machine.start(expression),
      classes: classesOf(expression),
      key: ({ id }) => id,
      accepts: (state) => state.accepts,
      next: (state, byte) => machine.next(state, byte),
    });
    ofExpressions.set(expression, made);
    return made;
  }

  /** What both accept. */
  and(other: Automaton): Automaton {
    return Automaton.explore<[number, number]>({
      start: [0, 0],
      classes: commonClasses(this.classes, other.classes),
      key: ([a, b]) => a * other.size + b,
      accepts: ([a, b]) => this.accepts(a) && other.accepts(b),
      next: ([a, b], byte) => {
        const nextA = this.next(a, byte);
        const nextB = other.next(b, byte);
        return nextA === NONE || nextB === NONE ? null : [nextA, nextB];
      },
    });
  }

  /** What this one accepts and the other does not. */
  without(other: Automaton): Automaton {
    return Automaton.explore<[number, number]>({
      start: [0, 0],
      classes: commonClasses(this.classes, other.classes),
      key: ([a, b]) => a * (other.size + 1) + b + 1,
      accepts: ([a, b]) => this.accepts(a) && !(b !== NONE && other.accepts(b)),
      next: ([a, b], byte) => {
        const nextA = this.next(a, byte);
        return nextA === NONE ? null : [nextA, b === NONE ? NONE : other.next(b, byte)];
      },
    });
  }

  get size(): number {
    return this.#accepts.length;
  }

  get isEmpty(): boolean {
    return this.distance(0) === Infinity;
  }

  accepts(state: number): boolean {
    return this.#accepts[state] === 1;
  }

  /** Whether any byte may follow. */
  goesOn(state: number): boolean {
    return this.#goesOn[state] === 1;
  }

  /** Bytes from `state` to the nearest end; Infinity when there is none. */
  distance(state: number): number {
    return this.#distances[state] ?? Infinity;
  }

  /** Whether it accepts the whole of `text`. */
  matches(text: string): boolean {
    let state = 0;
    for (const byte of new TextEncoder().encode(text)) {
      state = this.next(state, byte);
      if (state === NONE) return false;
    }
    return this.accepts(state);
  }

  next(state: number, byte: number): number {
    return this.#table[state * this.classes.representatives.length + (this.classes.classOf[byte] ?? 0)] ?? NONE;
  }

  /** What may follow once `byte` was read in `state`; null if it may not come. */
  after(state: number, byte: number): Expression | null {
    const next = this.next(state, byte);
    return next === NONE ? null : this.#expressionAt(next);
  }

  get expression(): Expression {
    return this.isEmpty ? NEVER : this.#expressionAt(0);
  }

  #expressionAt(state: number): AutomatonExpression {
    const known = this.#expressions[state];
    if (known) return known;
    const made: AutomatonExpression = { kind: 'automaton', automaton: this, state };
    this.#expressions[state] = made;
    return made;
  }
}

/** Distances to acceptance; transitions into states that cannot reach it are taken out of the table. */
function trim(table: Int32Array, accepts: Uint8Array): Float64Array {
  const size = accepts.length;
  const width = table.length / size;
  const sources: number[][] = Array.from({ length: size }, () => []);
  for (const [index, next] of table.entries()) {
    const state = Math.floor(index / width);
    if (next !== NONE && sources[next]?.at(-1) !== state) sources[next]?.push(state);
  }
  const distances = new Float64Array(size).fill(Infinity);
  const queue = [...accepts.keys()].filter((state) => accepts[state] === 1);
  for (const state of queue) distances[state] = 0;
  for (const state of queue) {
    for (const source of sources[state] ?? []) {
      if (distances[source] !== Infinity) continue;
      distances[source] = (distances[state] ?? 0) + 1;
      queue.push(source);
    }
  }
  for (const [index, next] of table.entries()) if (next !== NONE && distances[next] === Infinity) table[index] = NONE;
  return distances;
}
