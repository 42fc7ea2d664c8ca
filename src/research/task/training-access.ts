/** Sources as the episodes of a training run use them: no journal, and what one rollout has searched for or read is there for the next. */
import { createHash } from 'node:crypto';
import { R5Error } from '../../error.ts';
import type { FoundDocument, ResearchAccess } from '../agent/research-tools.ts';
import type { SearchHit, SearchSource } from '../search-source.ts';
import { searchTogether } from '../sources/search-together.ts';

const HITS = 10;
/** Results that are kept: rollouts of one question search for the same things. */
const REMEMBERED = 4096;

export class TrainingAccess {
  readonly #sources: readonly SearchSource[];
  readonly #hits = new Map<string, Promise<readonly SearchHit[]>>();
  readonly #documents = new Map<string, Promise<FoundDocument>>();

  constructor(sources: readonly SearchSource[]) {
    this.#sources = sources;
  }

  /** Ids of evidence count up within an episode. */
  forEpisode(): ResearchAccess {
    const ids = new Map<string, string>();
    return {
      search: (query) => remembered(this.#hits, query, async () => (await searchTogether(this.#sources, { query, count: HITS }, { signal: new AbortController().signal })).hits),
      read: (hit) => remembered(this.#documents, hit.url, () => this.#read(hit)),
      cite: ({ id }, quote) => {
        const key = `${id} ${quote}`;
        const known = ids.get(key) ?? `e${ids.size + 1}`;
        ids.set(key, known);
        return known;
      },
    };
  }

  async #read(hit: SearchHit): Promise<FoundDocument> {
    const source = this.#sources.find(({ name }) => name === hit.source);
    const { title, text, passages } =
      hit.text === undefined ? ((await source?.read?.(hit, { signal: new AbortController().signal })) ?? noText(hit)) : { title: hit.title, text: hit.text, passages: [] };
    return { id: createHash('sha256').update(`${hit.url}\0${text}`).digest('hex'), title, text, passages };
  }
}

const noText = ({ url, source }: SearchHit): never => {
  throw new R5Error(`The source ${source} gives no text of ${url}; training reads sources that hold their documents, such as folders.`);
};

/** A failure is not kept: the next rollout may have more luck. */
function remembered<Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= REMEMBERED) known.clear();
  const making = make();
  known.set(key, making);
  making.catch(() => known.delete(key));
  return making;
}
