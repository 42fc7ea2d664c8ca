/** Questions about entities: of one hop (a fact of an entity) and of two (a fact of the entity that a fact names). */
import type { Random } from '../../random.ts';
import type { Entity, Kind } from './entity.ts';
import { chains, relations, type Relation } from './relations.ts';

export interface Question {
  text: string;
  /** What is asked about, by name. */
  subject: string;
  /** The relations from the subject to the answer, one a hop. */
  path: readonly [Relation] | readonly [Relation, Relation];
  /** Between the two hops. */
  middle?: string;
  answer: string;
}

/** Entities by name. */
export type Lookup = (name: string) => Entity;

/** A question about one of the entities. Every relation, or every chain of two, is as likely as any other. */
export function drawQuestion(entities: readonly Entity[], lookup: Lookup, hops: 1 | 2, random: Random): Question {
  const ofKind = (kind: Kind): Entity => random.pick(entities.filter((entity) => entity.kind === kind));
  if (hops === 2) {
    const [first, second] = random.pick(chains);
    return askTwoHops(ofKind(first.of), first, second, lookup, random);
  }
  const relation = random.pick(relations);
  return askOneHop(ofKind(relation.of), relation, random);
}

function askOneHop(entity: Entity, relation: Relation, random: Random): Question {
  return { text: random.pick(relation.questions).replace('*', entity.name), subject: entity.name, path: [relation], answer: factOf(entity, relation) };
}

function askTwoHops(entity: Entity, first: Relation, second: Relation, lookup: Lookup, random: Random): Question {
  const middle = factOf(entity, first);
  const phrase = random.pick(first.phrases).replace('*', entity.name);
  // 'the city the capital of X' is none: the kind is said by the phrase already.
  const text = random.pick(second.questions).replace(/(?:the \w+ )?\*/, phrase);
  return { text, subject: entity.name, path: [first, second], middle, answer: factOf(lookup(middle), second) };
}

function factOf({ kind, name, facts }: Entity, { fact }: Relation): string {
  const value = facts[fact];
  if (value === undefined) throw new RangeError(`the ${kind} ${name} has no ${fact}`);
  return value;
}
