/** Chat models for tests: tokenizers with the templates of the families, and an engine that says what it is told to. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ChatMessage, ChatTool } from '../chat-message.ts';
import type { Engine, GeneratedToken, GenerateRequest, Generation } from '../engine/engine.ts';
import { StopStrings } from '../engine/local/stop-strings.ts';
import { trainBytePair } from '../model/byte-pair-training.ts';
import { saveTokenizer } from '../model/tokenizer-files.ts';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import { Random } from '../random.ts';
import { openChatModel, type ChatModelOptions } from './chat-model.ts';
import type { ChatAnswer, ChatEvent, ChatModel } from './chat-request.ts';
import { families, type FamilyName, type TemplateFamily } from './templates.fixture.ts';

/** Writes tokenizer files and the template of a family into a directory. */
export async function writeFamily(directory: string, { template, special, added = [] }: TemplateFamily): Promise<void> {
  const all = [...special, ...added];
  const model = trainBytePair(['{"name": "look_up", "arguments": {"word": "the answer"}} the tool answers'], { vocabularySize: 700, specialTokens: all });
  await saveTokenizer(directory, model, { roles: { end: special[0] ?? '', ...(special[1] === undefined ? {} : { begin: special[1] }) } });
  const path = join(directory, 'tokenizer.json');
  const text = readFileSync(path, 'utf8');
  const file: { added_tokens: { content: string; special: boolean }[] } = JSON.parse(text);
  for (const token of file.added_tokens) token.special = !added.includes(token.content);
  writeFileSync(path, JSON.stringify(file));
  if (template !== '') writeFileSync(join(directory, 'chat_template.jinja'), template);
}

export async function familyTokenizer(name: FamilyName | TemplateFamily): Promise<Tokenizer> {
  const directory = mkdtempSync(join(tmpdir(), 'r5-chat-model-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await writeFamily(directory, typeof name === 'string' ? families[name] : name);
  return loadTokenizer(directory);
}

export interface ScriptedEngine extends Pick<Engine, 'generate' | 'contextLength' | 'vocabularySize' | 'endTokens'> {
  /** Prompts that it was given. */
  prompts: (readonly number[])[];
}

/** Says the texts one after the other, special tokens spelled in them being such; it stops where an engine would. */
export function scriptedEngine(tokenizer: Tokenizer, texts: readonly string[], { contextLength = 4096 }: { contextLength?: number } = {}): ScriptedEngine {
  const left = [...texts];
  const prompts: (readonly number[])[] = [];
  const endTokens = tokenizer.endToken === null ? [] : [tokenizer.endToken];
  return {
    prompts,
    contextLength,
    vocabularySize: tokenizer.vocabularySize,
    endTokens,
    generate: (request) => {
      prompts.push(request.prompt);
      return say(tokenizer, left.shift() ?? '', request, endTokens);
    },
  };
}

async function say(tokenizer: Tokenizer, text: string, { params, prompt, signal, onToken, constraint, topLogprobs = 0 }: GenerateRequest, endTokens: readonly number[]): Promise<Generation> {
  const stops = StopStrings.watch(params.stop, tokenizer);
  const ends = new Set(params.stopTokens ?? endTokens);
  const generation: Generation = { tokens: [], logprobs: [], stopReason: 'length', weightsVersion: 3, cachedTokens: 0 };
  for (const token of tokenizer.encode(text)) {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return { ...generation, stopReason: 'aborted' };
    const mask = new Uint8Array(tokenizer.vocabularySize);
    constraint?.allowed(mask);
    if (constraint && mask[token] !== 1) throw new Error(`the constraint forbids ${JSON.stringify(tokenizer.tokenText(token))} after ${JSON.stringify(tokenizer.decode(generation.tokens))}`);
    constraint?.accept(token);
    const logprob = -((prompt.length + generation.tokens.length) % 7) / 4;
    generation.tokens.push(token);
    generation.logprobs.push(logprob);
    const drawn: GeneratedToken = { token, logprob, top: topLogprobs > 0 ? [{ token, logprob }] : [] };
    onToken?.(drawn);
    if (ends.has(token) || stops?.push(token)) return { ...generation, stopReason: 'stop' };
    if (generation.tokens.length >= params.maxTokens) return generation;
  }
  return signal?.aborted ? { ...generation, stopReason: 'aborted' } : generation;
}

/** Draws any of the tokens that the constraint allows, each as likely as the others: what comes out is what the constraint makes of it. */
export function drawingEngine(tokenizer: Tokenizer, seed: number, contextLength = 4096): ScriptedEngine {
  const random = new Random(seed);
  const prompts: (readonly number[])[] = [];
  const endTokens = tokenizer.endToken === null ? [] : [tokenizer.endToken];
  return {
    prompts,
    contextLength,
    vocabularySize: tokenizer.vocabularySize,
    endTokens,
    generate: async ({ prompt, params, constraint, onToken }) => {
      prompts.push(prompt);
      const generation: Generation = { tokens: [], logprobs: [], stopReason: 'length', weightsVersion: 0, cachedTokens: 0 };
      while (generation.tokens.length < params.maxTokens) {
        const mask = new Uint8Array(tokenizer.vocabularySize).fill(1);
        constraint?.allowed(mask);
        const token = random.pick([...mask.keys()].filter((id) => mask[id] === 1));
        constraint?.accept(token);
        generation.tokens.push(token);
        generation.logprobs.push(-1);
        onToken?.({ token, logprob: -1, top: [] });
        if (params.stopTokens?.includes(token)) return { ...generation, stopReason: 'stop' };
      }
      return generation;
    },
  };
}

export interface ScriptedModel {
  model: ChatModel;
  engine: ScriptedEngine;
  tokenizer: Tokenizer;
}

/** A chat model of a family that answers with the texts; each is ended by the family's end token. */
export async function scriptedModel(
  name: FamilyName,
  texts: readonly string[],
  options: Partial<ChatModelOptions> & { contextLength?: number; unended?: boolean } = {},
): Promise<ScriptedModel> {
  const tokenizer = await familyTokenizer(name);
  const end = options.unended ? '' : families[name].special[0];
  const engine = scriptedEngine(tokenizer, texts.map((text) => text + end), options);
  return { model: openChatModel({ engine, tokenizer, name, ...options }), engine, tokenizer };
}

/** Events of a stream, and the answer of the last of them. */
export async function allEvents(stream: AsyncIterable<ChatEvent>): Promise<{ events: ChatEvent[]; answer: ChatAnswer }> {
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'finish') throw new Error('the last event is `finish`');
  return { events, answer: last.answer };
}

/** The message that the deltas of a stream make, without ids. */
export function joined(events: readonly ChatEvent[]): { reasoning: string; text: string; calls: { name: string; arguments: string }[] } {
  const whole = { reasoning: '', text: '', calls: [] as { name: string; arguments: string }[] };
  for (const event of events) {
    if (event.type === 'reasoning') whole.reasoning += event.text;
    if (event.type === 'text') whole.text += event.text;
    if (event.type === 'tool-call-start') whole.calls[event.index] = { name: event.name, arguments: '' };
    const call = event.type === 'tool-call-arguments' ? whole.calls[event.index] : undefined;
    if (call && event.type === 'tool-call-arguments') call.arguments += event.text;
  }
  return whole;
}

export const lookUp: ChatTool = {
  type: 'function',
  function: { name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object', properties: { word: { type: 'string' }, count: { type: 'integer' } }, required: ['word'] } },
};
export const setDown: ChatTool = { type: 'function', function: { name: 'set_down', description: 'Notes a text.', parameters: { type: 'object', properties: { text: { type: 'string' } } } } };

export const question: ChatMessage = { role: 'user', content: 'What is r5?' };
