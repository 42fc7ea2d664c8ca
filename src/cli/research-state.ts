/** What is known of a research run while it goes on, gathered from the events of its journal: all that the live view shows, and nothing else. */
import { z } from 'zod';
import type { BudgetLimits } from '../research/loop/budget.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { RunCost } from '../research/loop/run-cost.ts';

export interface QuestionState {
  id: string;
  question: string;
  /** `working`: searched for and read about now. */
  status: 'open' | 'working' | 'covered' | 'given-up';
  /** Quotes found for it so far. */
  quotes: number;
}

/** Something that was begun and has not ended. */
export interface ActiveWork {
  kind: string;
  /** In few words, as it was begun. */
  what: string;
  /** Why it waits, where it does. */
  waiting?: string;
}

export type ResearchPhase = 'planning' | 'gathering' | 'writing' | 'judging' | 'ended';

const plan = z.object({ questions: z.array(z.object({ id: z.string(), question: z.string(), status: z.string().optional() })) });
const round = z.object({ round: z.number(), questions: z.array(z.string()) });
const notes = z.object({ question: z.string(), found: z.number() });
const judged = z.object({ id: z.string(), covered: z.boolean() });
const words = z.record(z.string(), z.unknown());
const inputs = {
  search: z.object({ source: z.string(), query: z.string() }),
  fetch: z.object({ url: z.string() }),
  model: z.object({ role: z.string(), purpose: z.string() }),
};

export class ResearchState {
  id = '';
  question = '';
  phase: ResearchPhase = 'planning';
  round = 0;
  outcome: string | undefined;
  /** Evidence with an id, once the gathering is over. */
  evidence = 0;
  /** What failed or was refused last, and how much of it there was. */
  problem: string | undefined;
  problems = 0;
  readonly questions: QuestionState[] = [];
  readonly active = new Map<string, ActiveWork>();
  readonly cost = new RunCost();
  readonly limits: BudgetLimits;
  /** Seconds of the processes before this one, and when this one began. */
  #earlierSeconds = 0;
  #openedMs: number | undefined;
  #lastMs = 0;

  constructor(limits: BudgetLimits = {}) {
    this.limits = limits;
  }

  /** Seconds that it has worked. */
  secondsAt(nowMs: number): number {
    const until = this.phase === 'ended' ? this.#lastMs : nowMs;
    return this.#earlierSeconds + (this.#openedMs === undefined ? 0 : Math.max(0, until - this.#openedMs) / 1000);
  }

  /** Takes the next event. */
  add(event: NumberedEvent): void {
    this.cost.add(event);
    const at = Date.parse(event.time);
    switch (event.type) {
      case 'run':
        this.id = event.id;
        this.question = event.question;
        break;
      case 'opened':
        if (this.#openedMs !== undefined) this.#earlierSeconds += (this.#lastMs - this.#openedMs) / 1000;
        this.#openedMs = at;
        // What another process had begun is begun again.
        this.active.clear();
        if (this.phase === 'ended') this.phase = 'gathering';
        this.outcome = undefined;
        break;
      case 'closed':
        this.phase = 'ended';
        this.outcome = event.outcome;
        break;
      case 'started':
        this.active.set(keyOf(event), { kind: event.kind, what: inWords(event.kind, event.input) });
        // An agent makes no plan: it just searches.
        if (this.phase === 'planning' && (event.kind === 'search' || event.kind === 'fetch')) this.phase = 'gathering';
        if (event.kind === 'model' && inputs.model.safeParse(event.input).data?.role === 'judge') this.phase = 'judging';
        break;
      case 'retrying': {
        const work = this.active.get(keyOf(event));
        if (work !== undefined) work.waiting = `waiting ${(event.waitMs / 1000).toFixed(0)} s: ${event.failure.message}`;
        break;
      }
      case 'finished':
        this.active.delete(keyOf(event));
        break;
      case 'failed':
        this.active.delete(keyOf(event));
        this.#trouble(event.failure.message);
        break;
      case 'fact':
        this.#learn(event.name, event.data);
    }
    this.#lastMs = at;
  }

  #learn(name: string, data: unknown): void {
    if (name === 'plan') this.#takePlan(plan.parse(data).questions);
    if (name === 'round') {
      const begun = round.parse(data);
      this.phase = 'gathering';
      this.round = Math.max(this.round, begun.round);
      for (const one of this.questions) if (begun.questions.includes(one.id)) one.status = 'working';
    }
    if (name === 'notes') {
      const { question, found } = notes.parse(data);
      const one = this.questions.find(({ id }) => id === question);
      if (one !== undefined) one.quotes += found;
    }
    if (name === 'question') {
      const { id, covered } = judged.parse(data);
      const one = this.questions.find((other) => other.id === id);
      if (one !== undefined) one.status = covered ? 'covered' : 'open';
    }
    if (name === 'evidence') this.evidence++;
    if (name === 'writing') {
      this.phase = 'writing';
      for (const one of this.questions) if (one.status !== 'covered') one.status = 'given-up';
    }
    if (['fallback', 'query-refused', 'unusable-answer', 'sentence-removed', 'sentence-marked'].includes(name)) {
      const said = words.parse(data);
      this.#trouble(`${name.replace('-', ' ')}: ${String(said['reason'] ?? said['problem'] ?? said['text'] ?? '')}`);
    }
  }

  #takePlan(questions: z.infer<typeof plan>['questions']): void {
    for (const { id, question, status } of questions) {
      const known = this.questions.findIndex((one) => one.id === id);
      if (status === 'dropped') {
        if (known >= 0) this.questions.splice(known, 1);
      } else if (known < 0) this.questions.push({ id, question, status: 'open', quotes: 0 });
      else this.questions[known] = { id, question, status: this.questions[known]?.question === question ? (this.questions[known]?.status ?? 'open') : 'open', quotes: this.questions[known]?.quotes ?? 0 };
    }
  }

  #trouble(message: string): void {
    this.problem = message;
    this.problems++;
  }
}

const keyOf = ({ key, occurrence }: { key: string; occurrence: number }): string => `${key} ${occurrence}`;

function inWords(kind: string, input: unknown): string {
  const search = kind === 'search' ? inputs.search.safeParse(input) : undefined;
  if (search?.success) return `search ${search.data.source}: ${search.data.query}`;
  const page = kind === 'fetch' ? inputs.fetch.safeParse(input) : undefined;
  if (page?.success) return `fetch ${page.data.url}`;
  const call = kind === 'model' ? inputs.model.safeParse(input) : undefined;
  return call?.success ? (purposes[call.data.purpose] ?? call.data.purpose) : kind;
}

/** What models are asked for, as people say it. */
const purposes: Readonly<Record<string, string>> = {
  clarify: 'asking back', plan: 'planning', choose: 'choosing pages', read: 'reading a page', gaps: 'looking for what is missing', section: 'writing a section',
  'section, repair': 'mending sentences', answer: 'writing the answer', 'answer, repair': 'mending sentences', entailment: 'second opinion on a sentence',
};
