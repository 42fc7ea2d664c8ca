/**
 * Which tokens may come in a state: a walk of the grammar through the tree of tokens. What is found is kept.
 *
 * Most of the work is inside strings, where nearly all tokens are allowed, and there it hardly matters what comes behind the string. So the
 * walk is done once for an abstraction of the state, cut off behind the scope (the string) that is being read, with counters that no token can
 * reach the end of taken as endless. Tokens that lead out of the scope are walked again in the real state; so are the few very long ones.
 */
import type { Tokenizer } from '../model/tokenizer.ts';
import { type Expression, repeat } from './expression.ts';
import { type Continuation, Machine, type State } from './machine.ts';
import { SHORT_TOKEN, type TokenTrie, type TokenTries, tokenTries } from './token-trie.ts';

/** What is kept for one tokenizer, at most, in bytes. */
const CACHE_BYTES = 64 << 20;
/** States of the abstraction's machine before it is begun anew. */
const MOST_STATES = 50_000;
/** Stands in an abstraction for the end of the whole text, behind which there is nothing. No token has this id. */
const NOTHING_MORE: Expression = { kind: 'token', token: -1 };

/** Tokens of the short trie that are allowed whatever lies beyond the scope. */
interface ScopeMask {
  /** A mask of the whole vocabulary where many tokens are allowed, a list where few are. */
  readonly mask: Uint8Array | null;
  readonly list: Int32Array;
  /** Largest distance to the end of the scope after any of the tokens, as the abstraction counts. */
  readonly farthest: number;
  /** Nodes whose branches lead out of the scope, with their bytes. */
  readonly exits: readonly { node: number; path: Uint8Array }[];
}

/** What a real state adds to its abstraction. */
interface StateMask {
  readonly scope: ScopeMask;
  /** Tokens that lead out of the scope, and long ones. */
  readonly others: Int32Array;
  /** Bounds on the distances after tokens of the two kinds. */
  readonly farthestInside: number;
  readonly farthestOther: number;
}

const shared = new WeakMap<Tokenizer, TokenMasks>();

/** The masks of a tokenizer, shared by all grammars. */
export function tokenMasks(tokenizer: Tokenizer): TokenMasks {
  const made = shared.get(tokenizer) ?? new TokenMasks(tokenTries(tokenizer));
  shared.set(tokenizer, made);
  return made;
}

export class TokenMasks {
  readonly tries: TokenTries;
  #machine = new Machine();
  #scopeMasks = new Map<State, ScopeMask>();
  #cachedBytes = 0;
  #abstractions = new WeakMap<Continuation, Continuation>();
  #stateMasks = new WeakMap<State, StateMask>();

  constructor(tries: TokenTries) {
    this.tries = tries;
  }

  /**
   * Writes 1 for each token that may come in `state` (a state of `machine`) and after which the text can be finished in `budget` bytes; leaves
   * the rest of `mask` as it is. Result: how many there are.
   */
  write(machine: Machine, state: State, budget: number, mask: Uint8Array): number {
    const found = this.#stateMask(machine, state);
    let count = 0;
    if (found.farthestInside <= budget) count += writeScope(found.scope, mask);
    else count += walkWhole(machine, state, this.tries.short, budget, mask);
    if (found.farthestInside > budget) return count + walkWhole(machine, state, this.tries.long, budget, mask);
    if (found.farthestOther <= budget) {
      for (const token of found.others) mask[token] = 1;
      return count + found.others.length;
    }
    const write = (token: number, next: State): void => {
      if (next.distance > budget) return;
      mask[token] = 1;
      count++;
    };
    this.#walkOthers(machine, state, found.scope, write);
    return count;
  }

  #stateMask(machine: Machine, state: State): StateMask {
    const made = this.#stateMasks.get(state);
    if (made) return made;
    const continuations = state.continuations.map((continuation) => this.#abstraction(continuation));
    const scope = this.#scopeMask(this.#machine.stateOf(new Set(continuations)));
    const others: number[] = [];
    let farthestOther = 0;
    this.#walkOthers(machine, state, scope, (token, next) => {
      others.push(token);
      farthestOther = Math.max(farthestOther, next.distance);
    });
    const beyond = state.continuations.reduce((most, { distance }, index) => Math.max(most, distance - (continuations[index]?.distance ?? 0)), -1);
    const result: StateMask = { scope, others: Int32Array.from(others), farthestInside: scope.farthest + beyond, farthestOther };
    this.#stateMasks.set(state, result);
    this.#forget();
    return result;
  }

  #scopeMask(state: State): ScopeMask {
    const made = this.#scopeMasks.get(state);
    if (made) return made;
    const trie = this.tries.short;
    const mask = new Uint8Array(this.tries.vocabularySize);
    const few = this.tries.vocabularySize / 16;
    const list: number[] = [];
    const exits: { node: number; path: Uint8Array }[] = [];
    let farthest = 0;
    const path = new Uint8Array(trie.longest);
    walk(this.#machine, state, trie, 0, trie.size, (node, next) => {
      path[(trie.depths[node] ?? 1) - 1] = trie.bytes[node] ?? 0;
      for (let i = trie.firstToken[node] ?? 0; i < (trie.firstToken[node + 1] ?? 0); i++) {
        const token = trie.tokens[i] ?? 0;
        mask[token] = 1;
        if (list.length < few) list.push(token);
      }
      farthest = Math.max(farthest, next.distance);
      if (next.accepts && (trie.ends[node] ?? 0) > node + 1) exits.push({ node, path: path.slice(0, trie.depths[node]) });
    });
    const isFew = list.length < few;
    const result: ScopeMask = { mask: isFew ? null : mask, list: Int32Array.from(isFew ? list : []), farthest, exits };
    this.#scopeMasks.set(state, result);
    this.#cachedBytes += (result.mask?.length ?? 0) + 4 * result.list.length + 64 * exits.length;
    return result;
  }

  /** Tokens that lead out of the scope, and long ones, in the real state. */
  #walkOthers(machine: Machine, state: State, scope: ScopeMask, found: (token: number, next: State) => void): void {
    const { short, long } = this.tries;
    const visit = (trie: TokenTrie) => (node: number, next: State): void => {
      for (let i = trie.firstToken[node] ?? 0; i < (trie.firstToken[node + 1] ?? 0); i++) found(trie.tokens[i] ?? 0, next);
    };
    for (const { node, path } of scope.exits) {
      let inside: State | null = state;
      for (const byte of path) inside = inside && machine.next(inside, byte);
      if (inside) walk(machine, inside, short, node + 1, short.ends[node] ?? 0, visit(short));
    }
    walk(machine, state, long, 0, long.size, visit(long));
  }

  /** The continuation up to the end of its scope, in the machine of abstractions. */
  #abstraction(continuation: Continuation): Continuation {
    const made = this.#abstractions.get(continuation);
    if (made) return made;
    const { expression, tail } = continuation;
    let result: Continuation;
    if (expression === null || tail === null) result = this.#machine.push(NOTHING_MORE, this.#machine.root);
    else if (expression.kind === 'scope-end') result = this.#machine.push(expression, this.#machine.root);
    else result = this.#machine.push(withoutFarLimits(expression), this.#abstraction(tail));
    this.#abstractions.set(continuation, result);
    return result;
  }

  /** Begins anew once too much is kept. What constraints under way hold of it stays valid. */
  #forget(): void {
    if (this.#cachedBytes < CACHE_BYTES && this.#machine.stateCount < MOST_STATES) return;
    this.#machine = new Machine();
    this.#scopeMasks = new Map();
    this.#abstractions = new WeakMap();
    this.#stateMasks = new WeakMap();
    this.#cachedBytes = 0;
  }
}

/** A short token repeats a body less often than it has bytes, so it cannot tell larger limits apart. */
function withoutFarLimits(expression: Expression): Expression {
  if (expression.kind !== 'repeat') return expression;
  return repeat(expression.body, Math.min(expression.minimum, SHORT_TOKEN + 1), expression.maximum > SHORT_TOKEN ? Infinity : expression.maximum);
}

function writeScope({ mask: whole, list }: ScopeMask, mask: Uint8Array): number {
  if (whole) mask.set(whole);
  for (const token of list) mask[token] = 1;
  return whole ? whole.length : list.length;
}

/** All tokens of a trie after which the text can be finished in `budget` bytes. */
function walkWhole(machine: Machine, state: State, trie: TokenTrie, budget: number, mask: Uint8Array): number {
  let count = 0;
  walk(machine, state, trie, 0, trie.size, (node, next) => {
    if (next.distance > budget) return;
    for (let i = trie.firstToken[node] ?? 0; i < (trie.firstToken[node + 1] ?? 0); i++) {
      mask[trie.tokens[i] ?? 0] = 1;
      count++;
    }
  });
  return count;
}

/** Visits the nodes from `from` to before `to` that the grammar can reach, each with its state. `from` and what follows lie below one node, in `state`. */
function walk(machine: Machine, state: State, trie: TokenTrie, from: number, to: number, visit: (node: number, next: State) => void): void {
  const { bytes, depths, ends } = trie;
  const base = (depths[from] ?? 1) - 1;
  const states: State[] = [state];
  for (let node = from; node < to; ) {
    const depth = (depths[node] ?? 1) - 1 - base;
    const before = states[depth] ?? state;
    const byte = bytes[node] ?? 0;
    const known = before.next[byte];
    const next = known === undefined ? machine.next(before, byte) : known;
    if (next === null) {
      node = ends[node] ?? to;
      continue;
    }
    states[depth + 1] = next;
    visit(node, next);
    node++;
  }
}
