/** Conversations as tokens, each token made once: what the model wrote is marked, and whether a template leaves earlier turns alone is checked. */
import type { ChatMessage, ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import type { ChatTemplate, RenderOptions } from './chat-template.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface EncodedChat {
  tokens: number[];
  /** 1 where the model wrote the token, its end token included. */
  mask: Uint8Array;
}

/** Tokens of a conversation up to where the model's next message begins. */
export function encodeChatPrompt(messages: readonly ChatMessage[], template: ChatTemplate, tokenizer: Tokenizer, options: RenderOptions = {}): number[] {
  return tokenizer.encode(template.render(messages, { ...options, addGenerationPrompt: true }));
}

/**
 * A whole conversation to learn from. Each assistant message is what the template adds to the conversation before it. Throws R5Error when the
 * template writes earlier turns anew as the conversation goes on, since then no single sequence shows what the model saw at each turn.
 */
export function encodeChat(messages: readonly ChatMessage[], template: ChatTemplate, tokenizer: Tokenizer, options: RenderOptions = {}): EncodedChat {
  const pieces: { text: string; written: boolean }[] = [];
  let sofar = '';
  const extend = (text: string, written: boolean, turn: number): void => {
    if (!text.startsWith(sofar)) throw new R5Error(`The chat template is not prefix-stable: ${describeDifference({ turn, ...firstDifference(sofar, text) })}`);
    pieces.push({ text: text.slice(sofar.length), written });
    sofar = text;
  };
  messages.forEach((message, turn) => {
    if (message.role !== 'assistant') return;
    extend(template.render(messages.slice(0, turn), { ...options, addGenerationPrompt: true }), false, turn);
    extend(template.render(messages.slice(0, turn + 1), options), true, turn);
  });
  if (messages.at(-1)?.role !== 'assistant') extend(template.render(messages, options), false, messages.length - 1);
  const tokens: number[] = [];
  const mask: number[] = [];
  for (const { text, written } of pieces) {
    const ids = tokenizer.encode(text);
    // What the template puts after the end token, a line break for instance, no model has written.
    const last = written ? ids.findLastIndex((id) => tokenizer.isSpecial(id)) : -1;
    tokens.push(...ids);
    ids.forEach((_, i) => mask.push(written && (last < 0 || i <= last) ? 1 : 0));
  }
  return { tokens, mask: Uint8Array.from(mask) };
}

export interface TemplateDifference {
  /** Message after which the rendering of the ones before it is another. */
  turn: number;
  /** The text before the difference, and both versions from there on. */
  before: string;
  was: string;
  becomes: string;
}

export interface TemplateStability {
  /** Undefined: earlier turns stay as they were. */
  userTurns: TemplateDifference | undefined;
  toolTurns: TemplateDifference | undefined;
}

/**
 * Whether each prompt of a growing conversation begins with the one before it and what the model wrote. Where it does not, an episode of
 * many turns is several sequences. Checked on a conversation in which the model thinks, calls a tool and is asked again. A template that
 * refuses tools counts as stable for them.
 */
export function templateStability(template: ChatTemplate): TemplateStability {
  const user = (content: string): ChatMessage => ({ role: 'user', content });
  const answer = (content: string): ChatMessage => ({ role: 'assistant', content, reasoning_content: `thinking of ${content}` });
  const call: ChatMessage = {
    role: 'assistant', content: '', reasoning_content: 'a tool knows', tool_calls: [{ id: 'call00001', type: 'function', function: { name: 'look_up', arguments: { word: 'r5' } } }],
  };
  const result: ChatMessage = { role: 'tool', content: 'found', tool_call_id: 'call00001', name: 'look_up' };
  const tools: ChatTool[] = [{ type: 'function', function: { name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object', properties: { word: { type: 'string' } } } } }];
  return {
    userTurns: difference(template, [user('One?'), answer('1'), user('Two?'), answer('2'), user('Three?')], {}),
    toolTurns: difference(template, [user('Look r5 up.'), call, result, { ...call }, result], { tools }),
  };
}

function difference(template: ChatTemplate, messages: readonly ChatMessage[], options: RenderOptions): TemplateDifference | undefined {
  let sofar = '';
  try {
    for (let turn = 0; turn < messages.length; turn++) {
      const text = template.render(messages.slice(0, turn + 1), { ...options, addGenerationPrompt: messages[turn]?.role !== 'assistant' });
      if (!text.startsWith(sofar)) return { turn, ...firstDifference(sofar, text) };
      sofar = text;
    }
  } catch (error) {
    if (error instanceof R5Error && options.tools) return undefined;
    throw error;
  }
  return undefined;
}

function firstDifference(was: string, becomes: string): Omit<TemplateDifference, 'turn'> {
  let at = 0;
  while (at < was.length && was[at] === becomes[at]) at++;
  return { before: was.slice(Math.max(0, at - 40), at), was: was.slice(at, at + 40), becomes: becomes.slice(at, at + 40) };
}

/** In words, for people. */
export function describeDifference({ turn, before, was, becomes }: TemplateDifference): string {
  return `from message ${turn + 1} on, what stood after ${JSON.stringify(before)} is no longer ${JSON.stringify(was)} but ${JSON.stringify(becomes)}.`;
}
