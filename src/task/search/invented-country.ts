/**
 * An invented country with all that belongs to it: its cities, rivers, people, books, discoveries. Every fact of an entity that names an
 * entity names one of the same country, so that countries can be shared out between training and held-out rows with nothing in common.
 */
import type { Random } from '../../random.ts';
import type { Entity, Facts, Kind } from './entity.ts';
import { inventName, inventPerson, type NameRegister } from './names.ts';

/** Entities of each kind that a country has, itself included. */
const countrySize: Readonly<Record<Kind, number>> = {
  country: 1, city: 6, river: 5, lake: 3, mountain: 5, person: 9, language: 1, element: 3, book: 4, planet: 2, moon: 2,
};

const naming: Partial<Readonly<Record<Kind, (random: Random) => string>>> = {
  person: inventPerson,
  language: (random) => inventName(random, 'ish'),
  element: (random) => inventName(random, 'ium'),
};

/** Draws a country, itself first, with names that the register has not given before. */
export function inventCountry(random: Random, register: NameRegister): Entity[] {
  const freshName = (invent: (random: Random) => string): string => register.fresh(() => invent(random));
  const names = Object.fromEntries(
    Object.entries(countrySize).map(([kind, count]) => [kind, Array.from({ length: count }, () => freshName(naming[kind as Kind] ?? inventName))]),
  ) as Record<Kind, string[]>;
  const one = (kind: Kind): string => random.pick(names[kind]);
  const extra = (): string => freshName(inventName);
  const year = (): string => String(random.integer(1500, 1989));
  const country = one('country');
  const factsOf: Readonly<Record<Kind, (name: string) => Facts>> = {
    country: () => ({ capital: one('city'), language: one('language'), currency: extra() }),
    city: () => ({ country, mayor: one('person'), river: one('river'), founded: year() }),
    river: () => ({ country, mouth: one('lake') }),
    lake: () => ({ country, island: extra() }),
    mountain: () => ({ country, climber: one('person') }),
    person: (name) => ({ birthplace: one('city'), born: year(), teacher: random.pick(names.person.filter((other) => other !== name)) }),
    language: () => ({ country, script: one('person') }),
    element: () => ({ discoverer: one('person'), place: one('mountain') }),
    book: () => ({ author: one('person'), hero: extra() }),
    planet: () => ({ star: extra(), discoverer: one('person') }),
    moon: () => ({ planet: one('planet') }),
  };
  return (Object.entries(names) as [Kind, string[]][]).flatMap(([kind, list]) => list.map((name) => ({ kind, name, facts: factsOf[kind](name) })));
}
