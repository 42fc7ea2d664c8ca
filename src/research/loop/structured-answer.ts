/**
 * Answers that code can use, from models that may be weak: the answer is read with tolerance; if it does not fit, the model is told what was wrong;
 * then it is asked for something simpler; then another model is asked. When all that fails the caller gets an error that says what was tried.
 */
import type { JSONSchema7 } from 'ai';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { describeProblem, type JsonValue } from '../../run/json.ts';
import type { Journal } from './journal.ts';
import { DEFAULT_OUTPUT_TOKENS, type ModelCaller } from './model-caller.ts';
import type { ModelAnswer } from './model-answer.ts';
import { ModelError } from './model-error.ts';
import type { ModelRole } from './research-model.ts';
import { jsonValues } from './tolerant-json.ts';

/** A form of answer, and how to get the wanted value out of it. */
export interface AnswerForm<Value> {
  schema: z.ZodType;
  /** The form by example, which weak models follow better than a schema. */
  example: string;
  /** Throws R5Error, with words for the model, for a value that fits the form and is of no use. */
  read(value: unknown): Value;
}

/** A form by its schema. `read` makes the wanted value of it, and throws R5Error for one that is of no use. */
export const answerForm = <Form, Value>(schema: z.ZodType<Form>, example: string, read: (form: Form) => Value): AnswerForm<Value> => ({
  schema,
  example,
  read: (value) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new R5Error(describeProblem(parsed.error));
    return read(parsed.data);
  },
});

export interface StructuredQuestion<Value> {
  role: ModelRole;
  purpose: string;
  system: string;
  prompt: string;
  maxOutputTokens?: number;
  /** The wanted form first, then simpler ones. */
  forms: readonly [AnswerForm<Value>, ...AnswerForm<Value>[]];
}

/** Tries of one form with one model: the second is told what was wrong with the first. */
const TRIES = 2;

/** An answer that was cut off for its length, as those of models that think are, may be this much longer the next time. */
const MORE = 4;
const MOST_OUTPUT_TOKENS = 8192;

export class StructuredModel {
  readonly #caller: ModelCaller;
  readonly #journal: Journal;

  constructor(caller: ModelCaller, journal: Journal) {
    this.#caller = caller;
    this.#journal = journal;
  }

  /** Throws ModelError when no model gave anything of use, BudgetError, or what aborted the run. */
  async ask<Value>(question: StructuredQuestion<Value>): Promise<Value> {
    const failures: ModelError[] = [];
    for (let choice = 0; choice < this.#caller.choices(question.role); choice++) {
      try {
        return await this.#askOne(question, choice);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        failures.push(error);
      }
    }
    const [first] = failures;
    if (first !== undefined && failures.length === 1) throw first;
    throw new ModelError(first?.kind ?? 'unusable', failures.map(({ message }) => message).join(' Then: '), { cause: first });
  }

  async #askOne<Value>(question: StructuredQuestion<Value>, choice: number): Promise<Value> {
    const { role, purpose, system, maxOutputTokens: wanted = DEFAULT_OUTPUT_TOKENS } = question;
    let problem = '';
    let maxOutputTokens = wanted;
    for (const form of question.forms) {
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const prompt = promptOf(question.prompt, form.example, problem);
        const schema = z.toJSONSchema(form.schema, { io: 'input' }) as JSONSchema7;
        let answer: ModelAnswer;
        try {
          answer = await this.#caller.call({ role, purpose, system, prompt, choice, schema, maxOutputTokens });
        } catch (error) {
          // It cannot write that much.
          if (maxOutputTokens === wanted || !(error instanceof ModelError) || (error.kind !== 'bad-request' && error.kind !== 'context-full')) throw error;
          maxOutputTokens = wanted;
          continue;
        }
        if (answer.finishReason === 'length') maxOutputTokens = Math.max(maxOutputTokens, Math.min(MOST_OUTPUT_TOKENS, maxOutputTokens * MORE));
        try {
          return firstThatFits(form, jsonValues(answer.text));
        } catch (error) {
          if (!(error instanceof R5Error)) throw error;
          problem = answer.finishReason === 'length' ? `${error.message} (it was cut off for its length)` : error.message;
          this.#journal.tell('unusable-answer', { role, purpose, model: answer.model, attempt, problem });
        }
      }
    }
    throw new ModelError('unusable', `The ${role} gave no answer that could be used (${purpose}): ${problem}. A stronger model may do, or another one as --fallback-model.`);
  }
}

/** Throws the R5Error of the likeliest value that looks like an answer where none fits. */
function firstThatFits<Value>(form: AnswerForm<Value>, values: readonly JsonValue[]): Value {
  const failures: { error: R5Error; isObject: boolean }[] = [];
  for (const value of values) {
    try {
      return form.read(value);
    } catch (error) {
      if (!(error instanceof R5Error)) throw error;
      failures.push({ error, isObject: typeof value === 'object' && value !== null && !Array.isArray(value) });
    }
  }
  throw (failures.find(({ isObject }) => isObject) ?? failures[0])?.error ?? new R5Error('the answer was empty');
}

function promptOf(prompt: string, example: string, problem: string): string {
  const wanted = `${prompt}\n\nAnswer with JSON only, in this form:\n${example}`;
  return problem === '' ? wanted : `${wanted}\n\nYour last answer could not be used: ${problem}. Answer again, with nothing but the JSON.`;
}
