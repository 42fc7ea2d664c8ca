/**
 * What can be asked about an entity. A relation leads from an entity of one kind to a fact; where the fact is the name of an entity that
 * has an article itself, a second relation can go on from there, which makes a question of two hops.
 */
import type { Kind } from './entity.ts';

export interface Relation {
  of: Kind;
  /** The fact that it leads to. */
  fact: string;
  /** Kind of the entity that the fact names; undefined where it has no article (a year, a currency). */
  to?: Kind;
  /** Questions for it; `*` stands for what is asked about. */
  questions: readonly [string, string];
  /** Ways to name the fact as a thing to be asked about further. */
  phrases: readonly string[];
  /** The word that stands before the fact in articles. */
  label: string;
}

const relation = (of: Kind, fact: string, label: string, questions: readonly [string, string], to?: Kind, phrases: readonly string[] = []): Relation => ({
  of, fact, label, questions, phrases, ...(to ? { to } : {}),
});

export const relations: readonly Relation[] = [
  relation('country', 'capital', 'capital', ['What is the capital of *?', 'Which city is the capital of *?'], 'city', ['the capital of *']),
  relation('country', 'language', 'language', ['What language is spoken in *?', 'What is the language of *?'], 'language', ['the language of *']),
  relation('country', 'currency', 'currency', ['What is the currency of *?', 'What currency is used in *?']),
  relation('city', 'country', 'country', ['In which country is the city *?', 'Which country does the city * belong to?'], 'country', ['the country of the city *']),
  relation('city', 'mayor', 'mayor', ['Who is the mayor of *?', 'Which mayor governs *?'], 'person', ['the mayor of *']),
  relation('city', 'river', 'river', ['Which river flows through *?', 'On which river does * lie?'], 'river', ['the river of *']),
  relation('city', 'founded', 'year', ['In which year was * founded?', 'What is the year of the founding of *?']),
  relation('river', 'country', 'country', ['In which country is the river *?', 'In which country does the river * rise?'], 'country', ['the country of the river *']),
  relation('river', 'mouth', 'lake', ['Which lake does * flow into?', 'In which lake does the river * end?'], 'lake', ['the lake that the river * flows into']),
  relation('lake', 'island', 'island', ['Which island lies in *?', 'What is the island in * called?']),
  relation('mountain', 'country', 'country', ['In which country is the mountain *?', 'In which country does the mountain * stand?'], 'country', ['the country of the mountain *']),
  relation('mountain', 'climber', 'climber', ['Who first climbed *?', 'Who was the first climber of *?'], 'person', ['the first climber of *']),
  relation('person', 'birthplace', 'town', ['In which town was * born?', 'What is the home town of *?'], 'city', ['the home town of *']),
  relation('person', 'born', 'year', ['In which year was * born?', 'What is the year of the birth of *?']),
  relation('person', 'teacher', 'teacher', ['Who taught *?', 'Who was the teacher of *?'], 'person', ['the teacher of *']),
  relation('language', 'script', 'maker', ['Who made the script of *?', 'Who is the maker of the script of *?'], 'person', ['the maker of the script of *']),
  relation('element', 'discoverer', 'discoverer', ['Who discovered the element *?', 'Who was the discoverer of *?'], 'person', ['the discoverer of the element *']),
  relation('element', 'place', 'mountain', ['In which mountain was * found?', 'Which mountain has ore of *?'], 'mountain', ['the mountain with ore of *']),
  relation('book', 'author', 'author', ['Who wrote *?', 'Who is the author of *?'], 'person', ['the author of *']),
  relation('book', 'hero', 'hero', ['Who is the hero of *?', 'What is the hero of * called?']),
  relation('planet', 'discoverer', 'discoverer', ['Who discovered the planet *?', 'Who was the discoverer of *?'], 'person', ['the discoverer of the planet *']),
  relation('planet', 'star', 'star', ['Which star does the planet * orbit?', 'What is the star of *?']),
  relation('moon', 'planet', 'planet', ['Which planet does the moon * orbit?', 'What is the planet of *?'], 'planet', ['the planet of the moon *']),
];

/** Pairs of relations that make a question of two hops: every fact of what a first relation names, but not back to where it came from. */
export const chains: readonly (readonly [Relation, Relation])[] = relations.flatMap((first) =>
  relations.filter((second) => second.of === first.to && second.to !== first.of).map((second) => [first, second] as const),
);
