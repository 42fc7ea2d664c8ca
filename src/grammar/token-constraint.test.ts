import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokenizer } from '../model/tokenizer.ts';
import { Random } from '../random.ts';
import { drawAnswer, tastes, tinyTokenizer } from './drawer.fixture.ts';
import { type Grammar, choice, grammarConstraint, jsonSchemaGrammar, literal, repeat, sequence, specialToken, textWithout } from './grammar.ts';
import { Machine } from './machine.ts';

let tokenizer: Tokenizer;
let end: number;
beforeAll(async () => {
  tokenizer = await tinyTokenizer();
  end = tokenizer.endToken ?? -1;
});

const allowedTokens = (grammar: Grammar, accepted: readonly number[], maxTokens?: number): number[] => {
  const constraint = grammarConstraint(grammar, tokenizer, { endTokens: [end], ...(maxTokens === undefined ? {} : { maxTokens }) });
  for (const token of accepted) constraint.accept(token);
  const mask = new Uint8Array(tokenizer.vocabularySize + 3).fill(1);
  constraint.allowed(mask);
  return [...mask.keys()].filter((token) => mask[token] === 1);
};

/** r5-tiny's tokens and more that reach over the end of a string, as large vocabularies have them. */
function withPunctuation(base: Tokenizer): Tokenizer {
  const pieces = ['"', ',', ' ', ':', '}', ']', '[', 'b', '\n'];
  const texts = pieces.flatMap((a) => pieces.flatMap((b) => ['x', ''].flatMap((start) => ['', ...pieces].map((c) => start + a + b + c))));
  const more = texts.map((text) => new TextEncoder().encode(text));
  return {
    ...base,
    vocabularySize: base.vocabularySize + more.length,
    tokenBytes: (id) => more[id - base.vocabularySize] ?? base.tokenBytes(id),
    isSpecial: (id) => id < base.vocabularySize && base.isSpecial(id),
  };
}

/** Tokens by the definition: those whose bytes the grammar can read, each tried alone. */
function tokensByTrial(grammar: Grammar, vocabulary: Tokenizer, text: Uint8Array): number[] {
  const machine = new Machine();
  let state = machine.start(grammar);
  for (const byte of text) state = machine.next(state, byte) ?? expect.fail('the text is a beginning');
  const result: number[] = [];
  for (let token = 0; token < vocabulary.vocabularySize; token++) {
    if (token === end && state.accepts) result.push(token);
    if (vocabulary.isSpecial(token)) continue;
    let after: ReturnType<Machine['next']> = state;
    for (const byte of vocabulary.tokenBytes(token)) after = after && machine.next(after, byte);
    if (after) result.push(token);
  }
  return result;
}

const schema = {
  type: 'object',
  properties: { a: { type: 'string', maxLength: 40 }, b: { type: 'array', items: { type: 'string', minLength: 3 }, minItems: 2 }, c: { type: 'string', pattern: '^[a-z ]{30,60}$' }, d: { type: 'number' } },
  required: ['a', 'b', 'c', 'd'],
};

describe('the mask', () => {
  it('is what trying each token gives, at every step of many answers', () => {
    const grammar = jsonSchemaGrammar(schema);
    const vocabulary = withPunctuation(tokenizer);
    for (let seed = 0; seed < 6; seed++) {
      const random = new Random(seed);
      const constraint = grammarConstraint(grammar, vocabulary, { endTokens: [end] });
      const mask = new Uint8Array(vocabulary.vocabularySize);
      let text = new Uint8Array();
      for (let step = 0; step < 60; step++) {
        constraint.allowed(mask);
        const allowed = [...mask.keys()].filter((token) => mask[token] === 1);
        expect(allowed).toEqual(tokensByTrial(grammar, vocabulary, text));
        // The quote now and then, so that later parts are reached.
        const quote = tokenizer.encode('"')[0] ?? -1;
        const token = mask[quote] === 1 && random.uniform() < 0.2 ? quote : random.pick(allowed);
        if (token === end) break;
        constraint.accept(token);
        text = new Uint8Array([...text, ...vocabulary.tokenBytes(token)]);
      }
    }
  });

  it('has nothing but the end after a whole text', () => {
    expect(allowedTokens(literal('true'), tokenizer.encode('true'))).toEqual([end]);
    expect(allowedTokens(literal('true'), [...tokenizer.encode('true'), end])).toEqual([end]);
  });

  it('allows the end where the text may stop or go on', () => {
    const allowed = allowedTokens(jsonSchemaGrammar({ type: 'integer' }), tokenizer.encode('12'));
    expect(allowed).toContain(end);
    expect(allowed).toContain(tokenizer.encode('3')[0]);
  });

  it('never has special tokens but those asked for', () => {
    const special = Array.from({ length: tokenizer.vocabularySize }, (_, token) => token).find((token) => tokenizer.isSpecial(token) && token !== end);
    if (special === undefined) return;
    expect(allowedTokens(repeat(choice('a', 'b')), [])).not.toContain(special);
    const grammar = sequence('a', specialToken(special), 'b');
    expect(allowedTokens(grammar, tokenizer.encode('a'))).toEqual([special]);
    expect(allowedTokens(grammar, [...tokenizer.encode('a'), special])).toEqual(tokenizer.encode('b'));
  });
});

describe('a limit of tokens', () => {
  it('makes every answer whole, from the shortest one on', () => {
    const grammar = jsonSchemaGrammar(schema);
    const shortest = '{"a":"","b":["aaa","aaa"],"c":"","d":0}'.length + 30;
    expect(grammarConstraint(grammar, tokenizer, { endTokens: [end], maxTokens: shortest }).willFinish).toBe(false);
    for (let maxTokens = shortest + 1; maxTokens < shortest + 40; maxTokens += 3) {
      for (const taste of Object.keys(tastes)) JSON.parse(drawAnswer(grammar, tokenizer, { taste, maxTokens, seed: maxTokens }));
    }
  });

  it('leaves the mask alone while there is room', () => {
    const grammar = jsonSchemaGrammar(schema);
    expect(allowedTokens(grammar, tokenizer.encode('{"a": "x'), 1000)).toEqual(allowedTokens(grammar, tokenizer.encode('{"a": "x')));
  });

  it('is said to be too small rather than enforced', () => {
    const constraint = grammarConstraint(literal('a long text'), tokenizer, { endTokens: [end], maxTokens: 3 });
    expect(constraint.willFinish).toBe(false);
    const mask = new Uint8Array(tokenizer.vocabularySize);
    constraint.allowed(mask);
    expect(mask.includes(1)).toBe(true);
  });
});

describe('free text', () => {
  const call = sequence('<call>', jsonSchemaGrammar({ type: 'object', properties: { q: { type: 'integer' } }, required: ['q'] }), '</call>');
  const grammar = sequence(choice(textWithout('<call>'), sequence(textWithout('<call>'), call)));
  const accepts = (text: string): boolean => new Machine().accepts(grammar, new TextEncoder().encode(text));

  it('is free until the trigger', () => {
    for (const text of ['', 'no call', 'half <cal', '<<call', 'é < > call']) expect(accepts(text), text).toBe(true);
  });

  it('is held to the grammar after it', () => {
    expect(accepts('I look. <call>{"q": 1}</call>')).toBe(true);
    expect(accepts('<<call>{"q":1}</call>')).toBe(true);
    for (const text of ['<call>', '<call>{"q": "x"}</call>', '<call>{"q": 1}</call> more', 'a <call> b']) expect(accepts(text), text).toBe(false);
  });

  it('holds back no character', () => {
    for (const taste of Object.keys(tastes)) drawAnswer(grammar, tokenizer, { taste, maxTokens: 50, seed: 1 });
  });
});

describe('misuse', () => {
  it('is told', () => {
    expect(() => grammarConstraint(literal('a'), tokenizer, { endTokens: [] })).toThrow('endTokens');
    expect(() => grammarConstraint(choice(), tokenizer, { endTokens: [end] })).toThrow('no text');
    const constraint = grammarConstraint(literal('a'), tokenizer, { endTokens: [end] });
    expect(() => constraint.accept(end)).toThrow('not allowed here');
    expect(() => constraint.allowed(new Uint8Array(3))).toThrow('different models');
  });
});
