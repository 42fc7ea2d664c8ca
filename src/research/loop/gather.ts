/**
 * Gathering evidence, in rounds: each open question of the plan is searched for, the likeliest pages are read, and what is still missing leads to
 * the next round's queries. All questions of a round go side by side; what they found is put together in the order of the plan, so that the run
 * goes the same way each time.
 */
import { R5Error } from '../../error.ts';
import type { QuoteClaim } from '../evidence/evidence-store.ts';
import type { SearchHit } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { BudgetError } from './budget-error.ts';
import { choosePages } from './choose-pages.ts';
import { findGaps, type Gaps } from './find-gaps.ts';
import { ModelError } from './model-error.ts';
import { canonicalUrl } from '../sources/canonical-url.ts';
import { linksOf } from './page-links.ts';
import type { PageStore } from './page-store.ts';
import { withEdits, withQuestions, type PlanQuestion } from './plan.ts';
import type { PlanFile } from './plan-file.ts';
import { checkQuery, queryKey } from './query-policy.ts';
import { readNotes } from './read-notes.ts';
import { userWords, type ResearchContext } from './research-context.ts';
import { searchAll } from './search-all.ts';

export interface FailedSource {
  /** Address of the page, or name of what was searched for. */
  what: string;
  kind: SourceError['kind'];
  message: string;
}

export interface Gathered {
  plan: PlanQuestion[];
  claims: QuoteClaim[];
  /** Queries that went out. */
  queries: string[];
  searches: number;
  pagesRead: number;
  failures: FailedSource[];
  /** Why it ended before the questions were covered; absent when nothing kept it from going on. */
  stop?: BudgetError | ModelError;
}

/** Rounds in a row without new evidence after which it is given up. */
const FRUITLESS_ROUNDS = 2;

/** Links that a round may choose among, and the hits of searches before them. */
const MOST_LEADS = 5;
const MOST_BEFORE_LEADS = 10;

export class Gathering {
  readonly #context: ResearchContext;
  readonly #pages: PageStore;
  readonly #planFile: PlanFile;
  readonly #agent: number;
  readonly #tried = new Map<string, string>();
  readonly #asked = new Map<string, string[]>();
  /** Question and address of what was read or given up on. */
  readonly #seen = new Set<string>();
  /** By question: where the pages that were read for it lead on to. */
  readonly #leads = new Map<string, SearchHit[]>();
  readonly #gathered: Gathered;

  constructor(context: ResearchContext, { pages, planFile, plan, agent }: { pages: PageStore; planFile: PlanFile; plan: readonly PlanQuestion[]; agent: number }) {
    this.#context = context;
    this.#pages = pages;
    this.#planFile = planFile;
    this.#agent = agent;
    this.#gathered = { plan: [...plan], claims: [], queries: [], searches: 0, pagesRead: 0, failures: [] };
  }

  /** Throws only what aborted the run, and defects. */
  async run(): Promise<Gathered> {
    const { depth, journal } = this.#context;
    let fruitless = 0;
    for (let round = 1; round <= depth.rounds && this.#gathered.stop === undefined; round++) {
      await this.#listen(round);
      const work = this.#nextQueries();
      if (work.length === 0) break;
      journal.tell('round', { agent: this.#agent, round, questions: work.map(({ question }) => question.id) });
      const before = this.#gathered.claims.length;
      const results = await Promise.all(work.map(({ question, queries }) => this.#research(question, queries)));
      for (const result of results) this.#take(result);
      this.#planFile.write(this.#gathered.plan);
      fruitless = this.#gathered.claims.length > before ? 0 : fruitless + 1;
      if (fruitless < FRUITLESS_ROUNDS) continue;
      journal.tell('no-progress', { agent: this.#agent, round });
      break;
    }
    return this.#gathered;
  }

  /** Takes up what the user has changed in the plan or has said. */
  async #listen(round: number): Promise<void> {
    const { depth, journal, said } = this.#context;
    const when = `round ${round}`;
    const edited = await this.#planFile.edits(this.#agent, when);
    if (edited !== undefined) {
      // Other agents' questions are in the file too; only the first takes up new ones.
      const mine = edited.filter(({ id }) => (id === undefined ? this.#agent === 0 : this.#gathered.plan.some((one) => one.id === id)));
      this.#gathered.plan = withEdits(this.#gathered.plan, mine, depth.questions);
      journal.tell('plan', { agent: this.#agent, by: 'user', questions: this.#gathered.plan.map(({ id, question, status }) => ({ id, question, status })) });
    }
    const words = await this.#planFile.steering(this.#agent, when);
    if (words === undefined) return;
    said.push(words);
    journal.tell('steering', { agent: this.#agent, words });
  }

  /** Open questions with queries that are fit to go out and were not tried before. A question without any is given up. */
  #nextQueries(): { question: PlanQuestion; queries: string[] }[] {
    const { journal, secrets, depth } = this.#context;
    const words = [userWords(this.#context), ...this.#gathered.plan.filter(({ from }) => from === 'user').map(({ question }) => question)].join('\n');
    return this.#gathered.plan.flatMap((question, index) => {
      if (question.status !== 'open') return [];
      const queries: string[] = [];
      for (const wanted of question.queries.slice(0, depth.queries)) {
        const { query, refused } = checkQuery(wanted, { secrets, words });
        if (query === undefined) journal.tell('query-refused', { question: question.id, reason: refused ?? '' });
        else if (this.#tried.has(queryKey(query))) journal.tell('query-repeated', { question: question.id, query, before: this.#tried.get(queryKey(query)) ?? '' });
        else {
          this.#tried.set(queryKey(query), query);
          queries.push(query);
        }
      }
      if (queries.length > 0) return [{ question, queries }];
      this.#gathered.plan[index] = { ...question, status: 'given-up' };
      return [];
    });
  }

  async #research(question: PlanQuestion, queries: string[]): Promise<QuestionResult> {
    const { context, result } = { context: this.#context, result: emptyResult(question, queries) };
    try {
      const found = await searchAll(context, queries);
      result.searches = found.searches;
      for (const error of found.failures) result.failures.push({ what: `search for ${queries.join('; ')}`, kind: error.kind, message: error.message });
      if (found.stop !== undefined) result.stop = found.stop;
      const leads = this.#leads.get(question.id) ?? [];
      const unseen = (hits: readonly SearchHit[]): SearchHit[] => hits.filter(({ url }) => !this.#seen.has(seenKey(question, url)));
      const fresh = withLeads(unseen(found.hits), unseen(leads));
      const chosen = await choosePages(context, question, fresh);
      const read = await Promise.all(chosen.map((hit) => this.#readPage(question, hit)));
      for (const page of read) addPage(result, page);
      const known = this.#gathered.claims.filter((claim) => claim.question === question.id);
      const tried = [...(this.#asked.get(question.id) ?? []), ...queries];
      if (read.some(({ answers }) => answers)) result.gaps = { covered: true, queries: [], questions: [] };
      else if (result.stop === undefined) result.gaps = await findGaps(context, question, [...known, ...result.claims], tried);
    } catch (error) {
      result.stop = stopOf(error);
    }
    return result;
  }

  async #readPage(question: PlanQuestion, hit: SearchHit): Promise<PageResult> {
    const page: PageResult = { url: hit.url, claims: [], answers: false, read: false, links: [] };
    try {
      const snapshot = await this.#pages.read(hit);
      page.links = linksOf(snapshot, { question: question.question, source: hit.source, most: MOST_LEADS });
      Object.assign(page, await readNotes(this.#context, question, snapshot));
      page.read = true;
      this.#context.journal.tell('notes', { question: question.id, url: hit.url, found: page.claims.length });
    } catch (error) {
      if (error instanceof SourceError) page.failure = { what: hit.url, kind: error.kind, message: error.message };
      else page.stop = stopOf(error);
    }
    return page;
  }

  #take({ question, queries, claims, failures, searches, pages, gaps, stop }: QuestionResult): void {
    const { journal, depth } = this.#context;
    const gathered = this.#gathered;
    gathered.queries.push(...queries);
    this.#asked.set(question.id, [...(this.#asked.get(question.id) ?? []), ...queries]);
    gathered.searches += searches;
    gathered.failures.push(...failures);
    gathered.pagesRead += pages.filter(({ read }) => read).length;
    for (const { url } of pages) this.#seen.add(seenKey(question, url));
    const links = pages.flatMap((page) => page.links);
    for (const { url } of links) this.#context.addresses.add(url);
    this.#leads.set(question.id, [...(this.#leads.get(question.id) ?? []), ...links]);
    gathered.claims.push(...claims);
    for (const { what, kind, message } of failures) journal.tell('source-failed', { what, kind, message });
    if (stop !== undefined) gathered.stop ??= stop;
    if (gaps === undefined) return;
    const covered = gaps.covered || pages.some(({ answers }) => answers);
    gathered.plan = gathered.plan.map((one) => (one.id === question.id ? { ...one, queries: gaps.queries, status: covered ? 'covered' : one.status } : one));
    // New questions would get the same ids from several agents.
    if (this.#agent === 0) gathered.plan = withQuestions(gathered.plan, gaps.questions.map((text) => text.slice(0, 300)), 'gap', depth.questions);
    journal.tell('question', { id: question.id, covered, evidence: gathered.claims.filter((claim) => claim.question === question.id).length });
  }
}

interface PageResult {
  url: string;
  claims: QuoteClaim[];
  answers: boolean;
  read: boolean;
  links: readonly SearchHit[];
  failure?: FailedSource;
  stop?: BudgetError | ModelError;
}

interface QuestionResult {
  question: PlanQuestion;
  queries: string[];
  claims: QuoteClaim[];
  failures: FailedSource[];
  searches: number;
  pages: PageResult[];
  gaps?: Gaps;
  stop?: BudgetError | ModelError;
}

const emptyResult = (question: PlanQuestion, queries: string[]): QuestionResult => ({ question, queries, claims: [], failures: [], searches: 0, pages: [] });

function addPage(result: QuestionResult, page: PageResult): void {
  result.pages.push(page);
  result.claims.push(...page.claims);
  if (page.failure !== undefined) result.failures.push(page.failure);
  if (page.stop !== undefined) result.stop ??= page.stop;
}

/** What was searched for comes first; links of pages that were read before stand after it. */
function withLeads(hits: readonly SearchHit[], leads: readonly SearchHit[]): SearchHit[] {
  const found = new Set(hits.map(({ url }) => canonicalUrl(url)));
  const others = [...new Map(leads.map((lead) => [canonicalUrl(lead.url), lead])).entries()].flatMap(([key, lead]) => (found.has(key) ? [] : [lead]));
  return others.length === 0 ? [...hits] : [...hits.slice(0, MOST_BEFORE_LEADS), ...others.slice(0, MOST_LEADS)];
}

const seenKey = ({ id }: PlanQuestion, url: string): string => `${id} ${canonicalUrl(url)}`;

/** What ends the gathering but not the run. */
export function stopOf(error: unknown): BudgetError | ModelError {
  if (error instanceof BudgetError || error instanceof ModelError) return error;
  throw error instanceof Error ? error : new R5Error(String(error));
}
