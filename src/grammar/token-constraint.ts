/** A grammar enforced on one completion. */
import { R5Error } from '../error.ts';
import type { TokenConstraint } from '../engine/engine.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { type Expression, shortestLength } from './expression.ts';
import { Machine, type State } from './machine.ts';
import { type TokenMasks, tokenMasks } from './token-masks.ts';

export interface GrammarConstraintOptions {
  /** Tokens that end the completion; allowed where the text is whole, and nothing else is after it. At least one. */
  endTokens: readonly number[];
  /**
   * Tokens that the completion may have, the end token among them. When they run out, only those tokens are allowed after which the text can
   * still be finished, so the answer is whole; unless even the shortest one has more bytes than this. Without it an answer may be cut off.
   */
  maxTokens?: number;
}

/** A constraint that also tells how far it is. */
export interface GrammarConstraint extends TokenConstraint {
  /** Whether what was written so far is a whole text of the grammar. */
  readonly isComplete: boolean;
  /** Whether the answer will be whole within `maxTokens`; false where nothing was promised. */
  readonly willFinish: boolean;
}

/** States of a grammar's machine before the next constraint begins a new one. */
const MOST_STATES = 20_000;

const machines = new WeakMap<Expression, Machine>();

/** Grammars share what was worked out for them between constraints: keep the grammar, and make a constraint for each completion. */
export function grammarConstraint(grammar: Expression, tokenizer: Tokenizer, options: GrammarConstraintOptions): GrammarConstraint {
  if (options.endTokens.length === 0) throw new R5Error('A grammar needs a token that ends the completion, and the model names none; give endTokens.');
  if (shortestLength(grammar) === Infinity) throw new R5Error('This grammar has no text at all, so nothing could be written.');
  const known = machines.get(grammar);
  const machine = known && known.stateCount < MOST_STATES ? known : new Machine();
  machines.set(grammar, machine);
  return new RunningConstraint(grammar, machine, tokenizer, options);
}

class RunningConstraint implements GrammarConstraint {
  readonly willFinish: boolean;
  readonly #machine: Machine;
  readonly #masks: TokenMasks;
  readonly #tokenizer: Tokenizer;
  readonly #endTokens: readonly number[];
  readonly #maxTokens: number;
  #state: State;
  #used = 0;
  #ended = false;

  constructor(grammar: Expression, machine: Machine, tokenizer: Tokenizer, { endTokens, maxTokens }: GrammarConstraintOptions) {
    this.#machine = machine;
    this.#masks = tokenMasks(tokenizer);
    this.#tokenizer = tokenizer;
    this.#endTokens = endTokens;
    this.#state = machine.start(grammar);
    this.willFinish = maxTokens !== undefined && this.#masks.tries.hasAllBytes && this.#state.distance < maxTokens;
    this.#maxTokens = this.willFinish && maxTokens !== undefined ? maxTokens : Infinity;
  }

  get isComplete(): boolean {
    return this.#state.accepts;
  }

  allowed(mask: Uint8Array): void {
    if (mask.length < this.#masks.tries.vocabularySize) {
      throw new R5Error(`The mask has ${mask.length} entries, but the tokenizer has ${this.#masks.tries.vocabularySize} tokens. They belong to different models.`);
    }
    mask.fill(0);
    // One token for this step, one for the end.
    const budget = this.#maxTokens - this.#used - 2;
    let count = this.#ended ? 0 : this.#masks.write(this.#machine, this.#state, budget, mask);
    for (const { expression, tail } of this.#ended ? [] : this.#state.continuations) {
      if (expression?.kind !== 'token' || (tail?.distance ?? 0) > budget) continue;
      mask[expression.token] = 1;
      count++;
    }
    if (this.#state.accepts) for (const token of this.#endTokens) mask[token] = 1;
    else if (count === 0) throw new R5Error('The vocabulary has no token that goes on with the grammar here: it lacks tokens for single bytes.');
  }

  accept(token: number): void {
    this.#used++;
    if (this.#state.accepts && this.#endTokens.includes(token)) {
      this.#ended = true;
      return;
    }
    const next = this.#ended ? null : this.#after(token);
    if (next === null) throw new R5Error(`Token ${token} (${JSON.stringify(this.#tokenizer.tokenText(token))}) is not allowed here by the grammar; tokens must be drawn with its mask.`);
    this.#state = next;
  }

  #after(token: number): State | null {
    const special = this.#machine.nextToken(this.#state, token);
    if (special || this.#tokenizer.isSpecial(token)) return special;
    const bytes = this.#tokenizer.tokenBytes(token);
    let state: State | null = bytes.length === 0 ? null : this.#state;
    for (const byte of bytes) state = state && this.#machine.next(state, byte);
    return state;
  }
}
