/** Articles about the real world, from tables of facts. No question is asked about them: they are what a search has to see past. */
import type { Article } from './article.ts';
import { countries } from './facts/countries.ts';
import { elements } from './facts/elements.ts';
import { languages } from './facts/languages.ts';
import { mathematicians } from './facts/mathematicians.ts';
import { mountains } from './facts/mountains.ts';
import { moons, planets } from './facts/planets.ts';
import { rivers } from './facts/rivers.ts';

interface Subject {
  name: string;
  /** Tells two of one name apart: `Mercury (planet)`. */
  kind: string;
  says: string;
}

const fields = (line: string): string[] => line.split(', ');

function subjects(): Subject[] {
  return [
    ...elements.map((line, i): Subject => {
      const [symbol = '', name = ''] = line.split(' ');
      return { name, kind: 'element', says: `is a chemical element with the symbol ${symbol} and the atomic number ${i + 1}.` };
    }),
    ...countries.map((line): Subject => {
      const [name = '', capital = '', currency = '', continent = ''] = fields(line);
      return { name, kind: 'country', says: `is a country in ${continent}. Its capital is ${capital} and its currency the ${currency}.` };
    }),
    ...rivers.map((line): Subject => {
      const [name = '', country = '', mouth = ''] = fields(line);
      return { name, kind: 'river', says: `is a river of ${country}. It flows into the ${mouth}.` };
    }),
    ...mountains.map((line): Subject => {
      const [name = '', metres = '', place = ''] = fields(line);
      return { name, kind: 'mountain', says: `is a mountain of ${metres} metres in ${place}.` };
    }),
    ...mathematicians.map((line): Subject => {
      const [name = '', birthplace = '', year = ''] = fields(line);
      return { name, kind: 'mathematician', says: `was a mathematician, born in ${birthplace} in ${year}.` };
    }),
    ...planets.map((name, i): Subject => ({ name, kind: 'planet', says: `is planet number ${i + 1} of the sun, counted from the inside.` })),
    ...moons.map((line): Subject => {
      const [name = '', planet = '', discoverer = '', year = ''] = fields(line);
      return { name, kind: 'moon', says: `is a moon of the planet ${planet}. It was discovered by ${discoverer} in ${year}.` };
    }),
    ...languages.map((line): Subject => {
      const [name = '', family = '', place = ''] = fields(line);
      return { name, kind: 'language', says: `is a language spoken in ${place}. Its family is called ${family}.` };
    }),
  ];
}

/** One article each, with titles unlike any other. */
export function realArticles(): Article[] {
  const all = subjects();
  const isShared = (name: string): boolean => all.filter((subject) => subject.name === name).length > 1;
  return all.map(({ name, kind, says }) => ({ title: isShared(name) ? `${name} (${kind})` : name, text: `${name} ${says}` }));
}
