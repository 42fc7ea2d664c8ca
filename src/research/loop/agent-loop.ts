/**
 * One model with tools in place of a plan: it searches, reads and answers in sentences that cite what it was shown. For models that were trained
 * for it (docs/research-training.md), and for any that calls tools well. Journal, evidence, policy of queries and check of sentences are those of
 * the other loop.
 */
import { callTool } from '../../task/tool-call.ts';
import { chatTools } from '../../task/tool-schema.ts';
import type { Tool } from '../../task/tool.ts';
import { AGENT_INSTRUCTIONS } from '../agent/agent-instructions.ts';
import { answerSentences } from '../agent/answer-sentences.ts';
import { researchTools } from '../agent/research-tools.ts';
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import { AgentAccess, QUESTION_ID } from './agent-access.ts';
import type { AgentMessage } from './agent-message.ts';
import { BudgetError } from './budget-error.ts';
import { stopOf, type Gathered } from './gather.ts';
import type { ModelAnswer } from './model-answer.ts';
import type { ModelCaller } from './model-caller.ts';
import { ModelError } from './model-error.ts';
import { dataBlock, neutralized } from './outside-text.ts';
import { systemPrompt, userWords, type ResearchContext } from './research-context.ts';
import { checked, type CheckedSentence, type SentenceCheck } from './sentence-check.ts';
import type { WrittenReport } from './write-report.ts';
import { settleSentences } from './write-sentences.ts';

export interface AgentSettings {
  /** Whether there are pages that a search shows only in part. */
  reads: boolean;
  /** Whether results stand in a fence that says what they are; a model that was trained on bare ones gets bare ones. */
  fenced: boolean;
}

export interface AgentParts {
  caller: ModelCaller;
  check: SentenceCheck;
  store: EvidenceStore;
  settings: AgentSettings;
  /** What the user has said since it was last asked for. */
  steering: (when: string) => Promise<string | undefined>;
}

export interface AgentFindings {
  gathered: Gathered;
  written: WrittenReport | undefined;
}

/** Turns in a row without new evidence after which the answer is due. */
const FRUITLESS_TURNS = 3;
/** A tool's time is that of the searches and pages behind it, which have limits of their own. */
const NO_LIMIT_MS = 2 ** 31 - 1;
const ANSWER_NOW = 'Search no more. Write the answer now, from what was found, each sentence with the ids of its evidence.';

/** Throws what aborted it, and defects; every other failure is in the findings. */
export async function researchAsAgent(context: ResearchContext, parts: AgentParts): Promise<AgentFindings> {
  return new AgentRun(context, parts).run();
}

class AgentRun {
  readonly #context: ResearchContext;
  readonly #parts: AgentParts;
  readonly #access: AgentAccess;
  readonly #tools: readonly Tool[];
  readonly #messages: AgentMessage[];
  #stop: BudgetError | ModelError | undefined;

  constructor(context: ResearchContext, parts: AgentParts) {
    this.#context = context;
    this.#parts = parts;
    this.#access = new AgentAccess(context, parts.store);
    this.#tools = researchTools(this.#access, { question: context.question, reads: parts.settings.reads, pageCharacters: context.pageCharacters, timeoutMs: NO_LIMIT_MS });
    // A trained model knows the bare question.
    this.#messages = [{ role: 'user', content: parts.settings.fenced ? userWords(context) : context.question }];
  }

  async run(): Promise<AgentFindings> {
    const { journal, question } = this.#context;
    const draft = await this.#draft();
    journal.tell('writing', { evidence: this.#parts.store.all().length });
    const written = draft === undefined ? undefined : await this.#settled(draft);
    const { queries, searches, pagesRead, failures } = this.#access;
    // What had to be cut may have been the answer.
    const isWhole = written !== undefined && written.counts.sentences > 0 && written.counts.verified === written.counts.sentences;
    return {
      gathered: {
        plan: [{ id: QUESTION_ID, question, queries: [], from: 'user', status: isWhole ? 'covered' : 'given-up' }],
        claims: [], queries, searches, pagesRead, failures,
        ...(this.#stop === undefined ? {} : { stop: this.#stop }),
      },
      written,
    };
  }

  /** The answer as the model wrote it; undefined where there is none. */
  async #draft(): Promise<string | undefined> {
    const { budget } = this.#context;
    const { store } = this.#parts;
    try {
      const answer = await this.#search();
      if (answer !== undefined) return answer;
    } catch (error) {
      this.#stop = stopOf(error);
    }
    budget.openForWriting();
    // Without evidence there is nothing to write, and a model that failed will fail again.
    if (store.all().length === 0 || this.#stop instanceof ModelError) return undefined;
    return this.#orStop(async () => (await this.#ask('answer', ANSWER_NOW)).text);
  }

  /** Turns of the model until it answers; undefined when it does not come to an end. */
  async #search(): Promise<string | undefined> {
    let fruitless = 0;
    for (let turn = 0; turn < this.#context.depth.turns && fruitless < FRUITLESS_TURNS; turn++) {
      await this.#listen(turn);
      const { text, calls = [] } = await this.#ask('research');
      if (calls.length === 0) return text.trim() === '' ? undefined : text;
      const before = this.#parts.store.all().length;
      // One after the other, so that evidence has the same numbers whenever the run is gone through.
      for (const call of calls) {
        const { result } = await callTool(this.#tools, call, this.#context.signal);
        if (this.#access.fatal !== undefined) throw this.#access.fatal;
        this.#messages.push({ role: 'tool', call: call.id, name: call.name, content: this.#shown(result) });
      }
      fruitless = this.#parts.store.all().length > before ? 0 : fruitless + 1;
    }
    return undefined;
  }

  /** Takes up what the user has said while it works; a trained model knows nothing but its question. */
  async #listen(turn: number): Promise<void> {
    if (!this.#parts.settings.fenced) return;
    const words = await this.#parts.steering(`turn ${turn + 1}`);
    if (words === undefined) return;
    this.#context.said.push(words);
    this.#context.journal.tell('steering', { agent: 0, words });
    this.#messages.push({ role: 'user', content: `The user also said: ${words}` });
  }

  /** `say`: something to say before; the model is then without tools. */
  async #ask(purpose: string, say?: string): Promise<ModelAnswer> {
    const { settings, caller } = this.#parts;
    if (say !== undefined) this.#messages.push({ role: 'user', content: say });
    const answer = await caller.call({
      role: 'writer',
      purpose,
      system: settings.fenced ? systemPrompt(this.#context, AGENT_INSTRUCTIONS) : AGENT_INSTRUCTIONS,
      prompt: [...this.#messages],
      ...(say === undefined ? { tools: chatTools(this.#tools) } : {}),
    });
    this.#messages.push({ role: 'assistant', content: answer.text, calls: answer.calls ?? [] });
    return answer;
  }

  #shown(result: string): string {
    return this.#parts.settings.fenced ? dataBlock(this.#context.fence, { name: 'results', origin: 'search-snippet', text: result }) : result;
  }

  /** Checked; where sentences fail, the model may write the answer once more, and the better of the two is kept. */
  async #settled(draft: string): Promise<WrittenReport> {
    const { check, store } = this.#parts;
    this.#context.budget.openForWriting();
    const read = (answer: string): CheckedSentence[] => checked(answerSentences(answer), check, { evidence: store, question: this.#context.question });
    let best = read(draft);
    const failed = best.filter(({ problems }) => problems.length > 0);
    if (failed.length > 0 && store.all().length > 0) {
      const wrong = `These sentences do not hold:\n${neutralized(failed.map(({ text, problems }) => `- ${JSON.stringify(text)}: ${problems.join('; ')}`).join('\n'))}\nWrite the whole answer anew, so that each sentence says only what its evidence says, with its ids. Leave out what cannot be mended.`;
      const again = await this.#orStop(async () => (await this.#ask('repair', wrong)).text);
      const anew = again === undefined ? [] : read(again);
      const stillFailed = anew.filter(({ problems }) => problems.length > 0).length;
      if (anew.length - stillFailed >= Math.max(1, best.length - failed.length) && stillFailed < failed.length) best = anew;
    }
    const { sentences, removed, counts } = settleSentences(this.#context, best, check, store);
    return { title: '', answer: sentences, sections: [], removed, counts, ...(this.#stop === undefined ? {} : { stop: this.#stop }) };
  }

  async #orStop<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await run();
    } catch (error) {
      this.#stop ??= stopOf(error);
      return undefined;
    }
  }
}
