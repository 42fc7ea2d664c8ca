/** `plan.md` and `steer.md`: where the user takes a hand in a run that is going on. Reading them is an effect like any other. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeWhole } from '../../run/durable-file.ts';
import { fileError, systemCode } from '../../run/file-error.ts';
import type { Journal } from './journal.ts';
import type { NumberedEvent } from './journal-event.ts';
import { editedQuestions, isUnedited, planText, type EditedQuestion, type PlanQuestion } from './plan.ts';

const STEERING = 'steering';
const editSchema = z.object({ text: z.string().nullable() });
const lookSchema = z.object({ agent: z.number(), from: z.number() });

export class PlanFile {
  readonly #path: string;
  readonly #steeringPath: string;
  readonly #question: string;
  readonly #journal: Journal;
  /** The whole plan, of all agents. */
  readonly #plan = new Map<string, PlanQuestion>();
  /** What the user has made of it, oldest first. */
  readonly #userTexts: string[] = [];
  /** By agent: the last edit taken up, and how much of the steering was read. */
  readonly #takenUp = new Map<number, string>();
  readonly #steered = new Map<number, number>();

  constructor(options: { path: string; steeringPath: string; question: string; journal: Journal }) {
    this.#path = options.path;
    this.#steeringPath = options.steeringPath;
    this.#question = options.question;
    this.#journal = options.journal;
  }

  /** Puts these questions into the plan and writes it; an edit of the user's that nobody has looked at yet stays. */
  write(questions: readonly PlanQuestion[]): void {
    for (const one of questions) this.#plan.set(one.id, one);
    if (this.#journal.replaying) return;
    const there = read(this.#path);
    const text = planText(this.#question, [...this.#plan.values()]);
    if (there === text || (there !== undefined && !isUnedited(there) && !this.#userTexts.includes(there))) return;
    try {
      writeWhole(this.#path, text);
    } catch (cause) {
      throw fileError(cause, `write the plan ${this.#path}`);
    }
  }

  /** The questions of the plan, when the user has changed it since this agent last looked. */
  async edits(agent: number, when: string): Promise<EditedQuestion[] | undefined> {
    const { text } = await this.#journal.perform({
      kind: 'plan-edit',
      input: { agent, when },
      parse: (result) => editSchema.parse(result),
      run: async () => {
        const there = read(this.#path);
        if (there !== undefined && !isUnedited(there) && there !== this.#userTexts.at(-1)) this.#userTexts.push(there);
        const newest = this.#userTexts.at(-1) ?? null;
        return { text: newest === this.#takenUp.get(agent) ? null : newest };
      },
    });
    if (text === null) return undefined;
    this.#takenUp.set(agent, text);
    if (!this.#userTexts.includes(text)) this.#userTexts.push(text);
    return editedQuestions(text);
  }

  /** What the user has written into `steer.md` since this agent last looked. */
  async steering(agent: number, when: string): Promise<string | undefined> {
    const from = this.#steered.get(agent) ?? 0;
    const { text } = await this.#journal.perform({
      kind: STEERING,
      input: { agent, when, from },
      parse: (result) => editSchema.parse(result),
      run: async () => ({ text: read(this.#steeringPath)?.slice(from) ?? null }),
    });
    this.#steered.set(agent, from + (text?.length ?? 0));
    return text === null || text.trim() === '' ? undefined : text.trim();
  }
}

/** What of `steer.md` was heard in these events, by the agent that had heard most: a fork goes on from there. */
export function heardSteering(events: readonly NumberedEvent[]): string {
  const looks = new Map<string, z.infer<typeof lookSchema>>();
  const heard = new Map<number, string>();
  for (const event of events) {
    if (event.type === 'started' && event.kind === STEERING) looks.set(event.key, lookSchema.parse(event.input));
    const look = event.type === 'finished' && event.kind === STEERING ? looks.get(event.key) : undefined;
    if (event.type !== 'finished' || look === undefined) continue;
    heard.set(look.agent, `${(heard.get(look.agent) ?? '').slice(0, look.from)}${editSchema.parse(event.result).text ?? ''}`);
  }
  return [...heard.values()].reduce((most, one) => (one.length > most.length ? one : most), '');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw fileError(cause, `read ${path}`);
  }
}
