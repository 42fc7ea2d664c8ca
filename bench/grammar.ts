/**
 * What grammars cost while sampling, in milliseconds: to compile a schema, for the first mask in a state (cold), for masks of states seen before
 * (warm), and for the masks of whole answers. node bench/grammar.ts [directory of qwen2-tokenizer]
 */
import { type Grammar, grammarConstraint, jsonSchemaGrammar } from '../src/grammar/grammar.ts';
import { Machine, type State } from '../src/grammar/machine.ts';
import { TokenMasks } from '../src/grammar/token-masks.ts';
import { tokenTries } from '../src/grammar/token-trie.ts';
import { loadTokenizer, type Tokenizer } from '../src/model/tokenizer.ts';
import { Random } from '../src/random.ts';

const [qwen2 = '../shared/data/qwen2-tokenizer'] = process.argv.slice(2);
const ANSWER_TOKENS = 200;
const REPEATS = 15;

const person = {
  type: 'object',
  properties: {
    name: { type: 'string' }, summary: { type: 'string', maxLength: 400 }, born: { type: 'string', format: 'date' }, score: { type: 'number', minimum: 0, maximum: 1 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1 }, role: { enum: ['admin', 'user', 'guest'] }, slug: { type: 'string', pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' },
  },
  required: ['name', 'summary', 'born', 'score', 'tags', 'role', 'slug'],
};
const tree = { type: 'object', properties: { value: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } }, required: ['value', 'children'] };
const schemas = { person, tree, 'any object': { type: 'object' } };
const beginnings = { 'at the start': '', 'inside a string': '{"value": "It was', 'behind a comma': '{"value": "x", ' };

const median = (times: readonly number[], share = 0.5): number => times.toSorted((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? 0;
/** Of many runs the one that other work on the machine disturbed least. */
const least = (times: readonly number[]): number => Math.min(...times);
const shown = (milliseconds: number): string => milliseconds.toFixed(milliseconds < 1 ? 3 : 1).padStart(7);

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The first mask behind a text, with nothing known from before, and the second one. */
function coldAndWarm(grammar: Grammar, tokenizer: Tokenizer, text: string): { cold: number; warm: number } {
  const machine = new Machine();
  const masks = new TokenMasks(tokenTries(tokenizer));
  const mask = new Uint8Array(tokenizer.vocabularySize);
  let state: State | null = machine.start(grammar);
  for (const byte of new TextEncoder().encode(text)) state = state && machine.next(state, byte);
  const reached = state;
  if (reached === null) throw new Error(`the grammar does not accept ${text}`);
  const one = (): void => {
    mask.fill(0);
    masks.write(machine, reached, Infinity, mask);
  };
  return { cold: timed(one), warm: timed(one) };
}

/** Times of the masks of one answer of random tokens, closing quotes preferred now and then as a model would. */
function answer(grammar: Grammar, tokenizer: Tokenizer, seed: number): number[] {
  const constraint = grammarConstraint(grammar, tokenizer, { endTokens: [tokenizer.endToken ?? 0], maxTokens: ANSWER_TOKENS });
  const random = new Random(seed);
  const mask = new Uint8Array(tokenizer.vocabularySize);
  const quote = tokenizer.encode('"')[0] ?? 0;
  const times: number[] = [];
  for (let used = 0; used < ANSWER_TOKENS; used++) {
    times.push(timed(() => constraint.allowed(mask)));
    const allowed: number[] = [];
    for (let token = mask.indexOf(1); token !== -1; token = mask.indexOf(1, token + 1)) allowed.push(token);
    const token = mask[quote] === 1 && random.uniform() < 0.15 ? quote : random.pick(allowed);
    if (token === tokenizer.endToken) break;
    constraint.accept(token);
  }
  return times;
}

for (const [name, directory] of [['r5-tiny', 'models/r5-tiny'], ['Qwen2', qwen2]] as const) {
  const tokenizer = await loadTokenizer(directory);
  console.log(`\n${name}, ${tokenizer.vocabularySize} tokens: ${shown(timed(() => tokenTries(tokenizer)))} ms for the tree of its tokens, once`);
  for (const [where, text] of Object.entries(beginnings)) {
    const runs = Array.from({ length: REPEATS }, () => coldAndWarm(jsonSchemaGrammar(tree), tokenizer, text));
    console.log(`  one mask ${where.padEnd(16)} cold ${shown(least(runs.map(({ cold }) => cold)))} ms, warm ${shown(least(runs.map(({ warm }) => warm)))} ms`);
  }
  for (const [schemaName, schema] of Object.entries(schemas)) {
    // The annotation makes it a schema that was not seen before.
    const start = performance.now();
    const grammar = jsonSchemaGrammar({ ...schema, description: name });
    const compile = performance.now() - start;
    const first = answer(grammar, tokenizer, 1);
    const later = Array.from({ length: 8 }, (_, index) => answer(grammar, tokenizer, 2 + index)).flat();
    const total = first.reduce((sum, time) => sum + time, 0);
    console.log(
      `  answers to ${schemaName.padEnd(12)} compile ${shown(compile)} ms; first answer ${shown(total / first.length)} ms a mask; ` +
        `later ones ${shown(later.reduce((sum, time) => sum + time, 0) / later.length)}, median ${shown(median(later))}, 99 % below ${shown(median(later, 0.99))}`,
    );
  }
}
