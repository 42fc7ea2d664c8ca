/** Whoever writes the answers that a student is fine-tuned on: a model on this machine, or any server that speaks OpenAI's protocol. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { encodePrompt } from './bind-task.ts';
import type { Engine, SamplingParams } from '../engine/engine.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

export interface TeacherAnswer {
  text: string;
  /** False when the answer was cut at a limit. */
  finished: boolean;
}

export interface Teacher {
  name: string;
  /** One answer a prompt, in order. */
  answer: (prompts: readonly string[]) => Promise<TeacherAnswer[]>;
}

/** A model on this machine. */
export function localTeacher(engine: Engine, tokenizer: Tokenizer, sampling: SamplingParams): Teacher {
  return {
    name: 'local model',
    answer: async (prompts) => {
      const completions = await engine.sample(prompts.map((prompt) => ({ prompt: encodePrompt(prompt, tokenizer) })), sampling);
      return completions.flat().map(({ tokens, stopReason }) => ({ text: tokenizer.decode(tokens, { continues: true }), finished: stopReason === 'stop' }));
    },
  };
}

export interface EndpointOptions {
  /** Up to and with `/v1`. */
  baseUrl: string;
  model: string;
  apiKey?: string;
  /** What the teacher is told before each prompt. */
  system?: string;
  maxTokens?: number;
  temperature?: number;
  /** Requests under way at once. Default 4. */
  concurrency?: number;
  /** Times that a request is tried again after an answer of 429 or 5xx, or none; waits double from one second. Default 4. */
  retries?: number;
  /** Longest wait for one answer. Default 2 minutes. */
  timeoutMs?: number;
}

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }), finish_reason: z.string().nullish() })).min(1),
});

/** A model behind `<baseUrl>/chat/completions`. Throws R5Error that names the server and what it said. */
export function endpointTeacher(options: EndpointOptions): Teacher {
  const { baseUrl, model, concurrency = 4 } = options;
  return {
    name: `${model} at ${baseUrl}`,
    answer: async (prompts) => {
      const answers: TeacherAnswer[] = [];
      let next = 0;
      const work = async (): Promise<void> => {
        for (let i = next++; i < prompts.length; i = next++) answers[i] = await ask(prompts[i] ?? '', options);
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, prompts.length) }, work));
      return answers;
    },
  };
}

async function ask(prompt: string, options: EndpointOptions): Promise<TeacherAnswer> {
  const { baseUrl, model, apiKey, system, maxTokens, temperature, retries = 4, timeoutMs = 120_000 } = options;
  const url = `${baseUrl.replace(/\/$/, '')}/chat/completions`;
  const messages = [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: prompt }];
  const body = JSON.stringify({ model, messages, max_tokens: maxTokens, temperature });
  const headers = { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
      if (attempt < retries) return undefined;
      throw new R5Error(`The teacher at ${url} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
    });
    if (response?.ok) return parseAnswer(await response.text(), url);
    const text = (await response?.text())?.slice(0, 300);
    const passing = response === undefined || response.status === 429 || response.status >= 500;
    if (!passing || attempt >= retries) throw new R5Error(`The teacher at ${url} answered ${response?.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
  }
}

function parseAnswer(text: string, url: string): TeacherAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new R5Error(`The teacher at ${url} did not answer with JSON but with: ${text.slice(0, 200)}`, { cause });
  }
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) throw new R5Error(`The teacher at ${url} answered in another form than chat completions do: ${text.slice(0, 200)}`);
  const [choice] = parsed.data.choices;
  return { text: choice?.message.content ?? '', finished: choice?.finish_reason !== 'length' };
}
