/** Articles: an entity's facts as one to three sentences, worded in several ways. */
import type { Random } from '../../random.ts';
import type { Entity, Kind } from './entity.ts';

export interface Article {
  title: string;
  /** Begins with what the title names. */
  text: string;
}

/** Wordings by kind; `{fact}` stands for the fact of that name, and the word before it is the label of its relation. */
const wordings: Readonly<Record<Kind, readonly string[]>> = {
  country: [
    '{name} is a country with the capital {capital}, the language {language} and the currency {currency}.',
    '{name} is a country. It has the currency {currency}, the capital {capital} and the language {language}.',
    '{name} is a land where people speak the language {language} and pay with the currency {currency}. It is governed from the capital {capital}.',
  ],
  city: [
    '{name} is a city in the country {country}. It was founded in the year {founded} on the river {river} and has the mayor {mayor}.',
    '{name} is a city of the country {country}, governed by the mayor {mayor}. It lies on the river {river} and was founded in the year {founded}.',
    '{name} lies on the river {river} in the country {country}. The city dates from the year {founded} and has the mayor {mayor}.',
  ],
  river: [
    '{name} is a river in the country {country} that flows into the lake {mouth}.',
    '{name} is a river. It rises in the country {country} and ends in the lake {mouth}.',
    '{name} is a river that reaches the lake {mouth}. It is in the country {country}.',
  ],
  lake: [
    '{name} is a lake in the country {country} with the island {island}.',
    '{name} is a lake with the island {island}. It lies in the country {country}.',
  ],
  mountain: [
    '{name} is a mountain in the country {country}. Its top was reached by the climber {climber}.',
    '{name} is a mountain. It stands in the country {country}, and the climber {climber} was first on its top.',
    '{name} is a mountain that the climber {climber} was the first to climb. It belongs to the country {country}.',
  ],
  person: [
    '{name} was born in the town {birthplace} in the year {born} and taught by the teacher {teacher}.',
    '{name}, born in the year {born} in the town {birthplace}, had the teacher {teacher}.',
    '{name} came from the town {birthplace}, learned from the teacher {teacher} and was born in the year {born}.',
  ],
  language: [
    '{name} is the language of the country {country}. Its script is by the maker {script}.',
    '{name} is a language with a script by the maker {script}, spoken in the country {country}.',
  ],
  element: [
    '{name} is an element found by the discoverer {discoverer}. Its ore comes from the mountain {place}.',
    '{name} is an element. It was found in the mountain {place} by the discoverer {discoverer}.',
  ],
  book: [
    '{name} is a book by the author {author} with the hero {hero}.',
    '{name} is a book. It has the hero {hero} and is by the author {author}.',
  ],
  planet: [
    '{name} is a planet of the star {star}. It was first seen by the discoverer {discoverer}.',
    '{name} is a planet, found by the discoverer {discoverer}, that orbits the star {star}.',
  ],
  moon: [
    '{name} is a moon of the planet {planet}.',
    '{name} is a moon that orbits the planet {planet}.',
  ],
};

/** The entity's article in one of the wordings of its kind. */
export function writeArticle({ kind, name, facts }: Entity, random: Random): Article {
  const text = random.pick(wordings[kind]).replace(/\{(\w+)\}/g, (_, slot: string) => {
    const fact = slot === 'name' ? name : facts[slot];
    if (fact === undefined) throw new RangeError(`the ${kind} ${name} has no ${slot}`);
    return fact;
  });
  return { title: name, text };
}
