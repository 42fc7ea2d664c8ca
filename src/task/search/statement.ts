/** A fact of the encyclopaedia as a short sentence of its own, in the words of the articles. */
import type { Relation } from './relations.ts';

/** By kind and fact; what is spoken of stands before it, the fact behind it. */
const wordings: Readonly<Record<string, string>> = {
  'country capital': 'has the capital',
  'country language': 'has the language',
  'country currency': 'has the currency',
  'city country': 'is in the country',
  'city mayor': 'has the mayor',
  'city river': 'lies on the river',
  'city founded': 'was founded in the year',
  'river country': 'is in the country',
  'river mouth': 'ends in the lake',
  'lake island': 'has the island',
  'mountain country': 'is in the country',
  'mountain climber': 'was first climbed by the climber',
  'person birthplace': 'was born in the town',
  'person born': 'was born in the year',
  'person teacher': 'had the teacher',
  'language script': 'has a script by the maker',
  'element discoverer': 'was found by the discoverer',
  'element place': 'was found in the mountain',
  'book author': 'is by the author',
  'book hero': 'has the hero',
  'planet discoverer': 'was found by the discoverer',
  'planet star': 'orbits the star',
  'moon planet': 'orbits the planet',
};

/** `The river Zorna is in the country Kelt`, without a full stop. A name never comes first: there it would have other tokens than within a text. */
export function statementOf({ of, fact }: Relation, subject: string, value: string): string {
  const wording = wordings[`${of} ${fact}`];
  if (wording === undefined) throw new RangeError(`no sentence says the ${fact} of a ${of}`);
  return `The ${of} ${subject} ${wording} ${value}`;
}
