/** The embedded encyclopaedia: real facts and many more invented ones, made anew from a seed whenever it is asked for, always the same. */
import { hashText, Random } from '../../random.ts';
import { splitOf, type Split } from '../split.ts';
import { writeArticle, type Article } from './article.ts';
import type { Entity } from './entity.ts';
import { FullTextIndex } from './full-text-index.ts';
import { inventCountry } from './invented-country.ts';
import { NameRegister } from './names.ts';
import { realArticles } from './real-articles.ts';

export interface Encyclopaedia {
  articles: readonly Article[];
  /** The invented entities by split. No fact of one leads to one of the other. */
  entities: Readonly<Record<Split, readonly Entity[]>>;
  /** An invented entity by its name; throws where there is none. */
  lookup: (name: string) => Entity;
  /** Over all articles; made when it is first asked for. */
  index: () => FullTextIndex;
}

const COUNTRIES = 132;
const streamName = hashText('encyclopaedia');

let made: Encyclopaedia | undefined;

export function encyclopaedia(): Encyclopaedia {
  return (made ??= makeEncyclopaedia());
}

function makeEncyclopaedia(): Encyclopaedia {
  const articles: Article[] = realArticles();
  const register = new NameRegister(articles.flatMap(({ title }) => title.split(' ')));
  const entities: Record<Split, Entity[]> = { train: [], test: [] };
  const byName = new Map<string, Entity>();
  for (let number = 0; number < COUNTRIES; number++) {
    const random = new Random(streamName, number);
    const country = inventCountry(random, register);
    entities[splitOf('search', country[0]?.name ?? '')].push(...country);
    for (const entity of country) {
      byName.set(entity.name, entity);
      articles.push(writeArticle(entity, random));
    }
  }
  let index: FullTextIndex | undefined;
  return {
    articles,
    entities,
    lookup: (name) => {
      const entity = byName.get(name);
      if (!entity) throw new RangeError(`the encyclopaedia has no invented ${name}`);
      return entity;
    },
    index: () => (index ??= new FullTextIndex(articles)),
  };
}
