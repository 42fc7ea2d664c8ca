/**
 * What models/r5-tiny-search learned from: conversations about a stream of small invented worlds, each with names that occur nowhere else.
 * Since no name comes twice, a model learns to read them from the question and from results, not to remember them.
 */
import type { ChatMessage } from '../../chat-message.ts';
import { hashText, Random } from '../../random.ts';
import { writeArticle } from './article.ts';
import type { Entity } from './entity.ts';
import { FullTextIndex } from './full-text-index.ts';
import { inventCountry } from './invented-country.ts';
import { chance } from '../traces.ts';
import { NameRegister } from './names.ts';
import { drawQuestion } from './question.ts';
import { relations } from './relations.ts';
import { searchResult } from './search-tool.ts';
import { workedConversation, type SearchHabits } from './traces.ts';

export interface SearchCorpusOptions {
  /** Names that may not occur: those of held-out entities. Default: none. */
  without?: Iterable<string>;
  /** Share of questions of two hops. Default 0.5. */
  twoHops?: number;
  /** Share of drills in place of conversations: facts are listed, and listed again in another order. Default 0. */
  drills?: number;
  /** Conversations about one world before the next is invented. Default 192. */
  conversationsOfWorld?: number;
}

const streamName = hashText('search pretraining');
const COUNTRIES_OF_WORLD = 4;

/** Conversations without end; the same seed gives the same ones. */
export function* searchCorpus(seed: number, habits: SearchHabits, options: SearchCorpusOptions = {}): Generator<ChatMessage[], never, undefined> {
  const { without = [], twoHops = 0.5, drills = 0, conversationsOfWorld = 192 } = options;
  for (let world = 0; ; world++) {
    const random = new Random(streamName, seed, world);
    const entities = inventWorld(random, new NameRegister(without));
    const byName = new Map(entities.map((entity) => [entity.name, entity]));
    const index = new FullTextIndex(entities.map((entity) => writeArticle(entity, random)));
    const lookup = (name: string): Entity => {
      const entity = byName.get(name);
      if (!entity) throw new RangeError(`there is no ${name}`);
      return entity;
    };
    try {
      for (let i = 0; i < conversationsOfWorld; i++) {
        if (chance(drills, random)) {
          yield recallDrill(entities, random);
          continue;
        }
        const question = drawQuestion(entities, lookup, random.uniform() < twoHops ? 2 : 1, random);
        yield workedConversation(question, habits, (query) => searchResult(index, query), random);
      }
    } finally {
      index.close();
    }
  }
}

function inventWorld(random: Random, register: NameRegister): Entity[] {
  return Array.from({ length: COUNTRIES_OF_WORLD }, () => inventCountry(random, register)).flat();
}

const FACTS_OF_DRILL = 8;

/**
 * The skill that answers need most, finding what stood behind a label, eight times over: a conversation exercises it once or twice. Labels are
 * all different, so that each fact can be found again.
 */
function recallDrill(entities: readonly Entity[], random: Random): ChatMessage[] {
  const facts = new Map<string, string>();
  while (facts.size < FACTS_OF_DRILL) {
    const { of, fact, label } = random.pick(relations);
    const value = random.pick(entities.filter(({ kind }) => kind === of)).facts[fact];
    if (value !== undefined) facts.set(label, value);
  }
  const pairs = [...facts].map(([label, value]) => `the ${label} ${value}`);
  return [
    { role: 'user', content: `${pairs.join(', ')}.` },
    { role: 'assistant', content: random.shuffle(pairs).join('\n') },
  ];
}
