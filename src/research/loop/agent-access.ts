/** The run's sources and pages as the tools of an agent use them: through the journal, within the policy of queries, every passage an evidence. */
import type { FoundDocument, ResearchAccess } from '../agent/research-tools.ts';
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import type { SearchHit } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { canonicalUrl } from '../sources/canonical-url.ts';
import type { FailedSource } from './gather.ts';
import { PageStore } from './page-store.ts';
import { checkQuery, queryKey } from './query-policy.ts';
import { userWords, type ResearchContext } from './research-context.ts';
import { searchAll } from './search-all.ts';

export class AgentAccess implements ResearchAccess {
  readonly queries: string[] = [];
  readonly failures: FailedSource[] = [];
  searches = 0;
  /** What a tool ran into that ends the run, or its gathering; the tool itself can only tell the model. */
  fatal: unknown;
  readonly #context: ResearchContext;
  readonly #store: EvidenceStore;
  readonly #pages: PageStore;
  readonly #read = new Set<string>();
  readonly #tried = new Set<string>();

  constructor(context: ResearchContext, store: EvidenceStore) {
    this.#context = context;
    this.#store = store;
    this.#pages = new PageStore(context);
  }

  get pagesRead(): number {
    return this.#read.size;
  }

  search(wanted: string): Promise<readonly SearchHit[] | string> {
    return this.#orFatal(() => this.#search(wanted));
  }

  async #search(wanted: string): Promise<readonly SearchHit[] | string> {
    const { journal, secrets } = this.#context;
    const { query, refused } = checkQuery(wanted, { secrets, words: userWords(this.#context) });
    if (query === undefined) {
      journal.tell('query-refused', { question: QUESTION_ID, reason: refused ?? '' });
      return `Not searched for: ${refused}. Use a few plain words.`;
    }
    if (this.#tried.has(queryKey(query))) {
      journal.tell('query-repeated', { question: QUESTION_ID, query, before: query });
      return 'This was searched for before; what was found stands above. Search for something else, or write the answer.';
    }
    this.#tried.add(queryKey(query));
    this.queries.push(query);
    const found = await searchAll(this.#context, [query]);
    this.searches += found.searches;
    if (found.stop !== undefined) throw found.stop;
    for (const error of found.failures) this.#note(`search for ${query}`, error);
    const [failure] = found.failures;
    if (found.hits.length === 0 && failure !== undefined) throw failure;
    return found.hits;
  }

  read(hit: SearchHit): Promise<FoundDocument> {
    return this.#orFatal(async () => {
      try {
        const snapshot = await this.#pages.read(hit);
        this.#read.add(canonicalUrl(hit.url));
        return snapshot;
      } catch (error) {
        if (error instanceof SourceError) this.#note(hit.url, error);
        throw error;
      }
    });
  }

  cite({ id: snapshot }: FoundDocument, quote: string): string | undefined {
    try {
      const before = this.#store.all().length;
      const evidence = this.#store.add({ snapshot, quote, question: QUESTION_ID });
      if (evidence !== undefined && this.#store.all().length > before) this.#context.journal.tell('evidence', { ...evidence });
      return evidence?.id;
    } catch (error) {
      this.fatal ??= error;
      throw error;
    }
  }

  #note(what: string, { kind, message }: SourceError): void {
    this.failures.push({ what, kind, message });
    this.#context.journal.tell('source-failed', { what, kind, message });
  }

  /** A source that fails is for the model to know; anything else is not. */
  async #orFatal<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SourceError)) this.fatal ??= error;
      throw error;
    }
  }
}

/** The plan of an agent is one question, the user's. */
export const QUESTION_ID = 'q1';
