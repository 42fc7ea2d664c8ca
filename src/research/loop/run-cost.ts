/** What a run has cost so far: a fold over its journal. */
import { z } from 'zod';
import type { JournalEvent } from './journal-event.ts';
import { modelAnswerSchema } from './model-answer.ts';

export interface ModelCost {
  model: string;
  role: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars. */
  money: number;
  /** Whether some of its calls have no known price, so that `money` is not all. */
  unpriced: boolean;
}

const searchCost = z.object({ cost: z.number().nonnegative().optional() });

export class RunCost {
  readonly #models = new Map<string, ModelCost>();
  searches = 0;
  pages = 0;
  searchMoney = 0;

  /** Takes the next event of the journal. */
  add(event: JournalEvent): void {
    if (event.type !== 'finished') return;
    if (event.kind === 'model') this.#addCall(event.result);
    if (event.kind === 'fetch') this.pages++;
    if (event.kind !== 'search') return;
    this.searches++;
    const search = searchCost.safeParse(event.result);
    this.searchMoney += search.success ? (search.data.cost ?? 0) : 0;
  }

  /** By model and role, dearest first. */
  get models(): ModelCost[] {
    return [...this.#models.values()].toSorted((a, b) => b.money - a.money || b.outputTokens - a.outputTokens);
  }

  /** US dollars, as far as prices are known. */
  get money(): number {
    return this.searchMoney + this.models.reduce((sum, { money }) => sum + money, 0);
  }

  get tokens(): number {
    return this.models.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  }

  /** Effects that reached the outer world: calls of models, searches and pages. */
  get steps(): number {
    return this.searches + this.pages + this.models.reduce((sum, { calls }) => sum + calls, 0);
  }

  get unpriced(): boolean {
    return this.models.some(({ unpriced }) => unpriced);
  }

  #addCall(result: unknown): void {
    const { model, role, inputTokens, outputTokens, cost } = modelAnswerSchema.parse(result);
    const name = `${role} ${model}`;
    const entry = this.#models.get(name) ?? { model, role, calls: 0, inputTokens: 0, outputTokens: 0, money: 0, unpriced: false };
    this.#models.set(name, {
      ...entry,
      calls: entry.calls + 1,
      inputTokens: entry.inputTokens + inputTokens,
      outputTokens: entry.outputTokens + outputTokens,
      money: entry.money + (cost ?? 0),
      unpriced: entry.unpriced || cost === undefined,
    });
  }
}
