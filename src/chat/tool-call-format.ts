/**
 * How a model writes tool calls. Found by looking at what its template makes of one, not by the model's name: the template is rendered for a
 * call with known name and arguments, and where these stand tells the format.
 */
import type { ChatMessage, ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import type { ChatTemplate } from '../model/chat-template.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { firstMatch } from './partial-match.ts';
import { canonicalJson, isRecord, parsedJson } from './parsed-json.ts';

export interface ToolCallFormat {
  /**
   * `json`: an object with name and arguments, or a list of such (Hermes, Qwen, Llama 3, Mistral, Phi 4). `named`: the name, then the arguments
   * as JSON (newer Mistral, DeepSeek). `tags`: a tag for each argument (Qwen3-Coder).
   */
  shape: 'json' | 'named' | 'tags';
  /** What begins calls, without space around; empty where the whole answer is the call. */
  open: string;
  /** What ends them; empty where the answer ends with them. */
  close: string;
  /** The model writes the call's id, so its own is kept. */
  writesId: boolean;
  /** One call as the template writes it, spaces included: what stands before the name, between name and arguments, and after these. */
  exact: { beforeName: string; betweenNameAndArguments: string; afterArguments: string };
  /** What stands between the arguments of a call and the name of the next; undefined where an answer has one call at most. */
  separator?: string;
  /** Of `tags`: what stands before an argument's name, between it and its value, and after that, without space around; and all of it exactly. */
  tags?: { beforeKey: string; betweenKeyAndValue: string; afterValue: string; exact: { beforeFirstKey: string; betweenKeyAndValue: string; beforeNextKey: string; afterLastValue: string } };
}

const NAME = 'look_up';
const ID = 'q7Xk2Pz9a';
const ARGUMENTS = { word: 'alpha', number: 37 };
const NEXT_NAME = 'set_down';
const TOOLS: readonly ChatTool[] = [
  {
    type: 'function',
    function: {
      name: NAME,
      description: 'Looks a word up.',
      parameters: { type: 'object', properties: { word: { type: 'string', description: 'The word.' }, number: { type: 'integer', description: 'How many.' } }, required: ['word', 'number'] },
    },
  },
];
const QUESTION: ChatMessage = { role: 'user', content: 'Look alpha up.' };

/** Whether the template shows tools to the model. */
export function showsTools(template: ChatTemplate): boolean {
  const plain = rendered(template, [QUESTION], undefined);
  const given = rendered(template, [QUESTION], TOOLS);
  return given !== undefined && given !== plain && given.includes(NAME);
}

/** What the template makes of a call by the model; undefined when it shows none. */
export function findToolCallFormat(template: ChatTemplate, tokenizer: Pick<Tokenizer, 'specialTokens'>): ToolCallFormat | undefined {
  const written = renderedCall(template, tokenizer, [NAME]);
  const format = written === undefined ? undefined : (jsonFormat(written) ?? namedFormat(written) ?? tagsFormat(written));
  if (!format) return announcedFormat(template.source);
  const two = renderedCall(template, tokenizer, [NAME, NEXT_NAME]);
  const separator = two === undefined ? undefined : separatorIn(two);
  return separator === undefined ? format : { ...format, separator };
}

function separatorIn(two: string): string | undefined {
  const next = two.indexOf(NEXT_NAME);
  const given = argumentsIn(two, two.indexOf(NAME));
  return given && given.end <= next ? two.slice(given.end, next) : undefined;
}

/** The text that the template writes for an answer that is these tool calls, without the end token and what follows it. */
function renderedCall(template: ChatTemplate, tokenizer: Pick<Tokenizer, 'specialTokens'>, names: readonly string[]): string | undefined {
  const calls = names.map((name) => ({ id: ID, type: 'function', function: { name, arguments: ARGUMENTS } }) as const);
  const call: ChatMessage = { role: 'assistant', content: '', tool_calls: calls };
  const before = rendered(template, [QUESTION], TOOLS);
  const after = rendered(template, [QUESTION, call], TOOLS) ?? rendered(template, [QUESTION, { ...call, content: null }], TOOLS);
  if (before === undefined || after === undefined) return undefined;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  // Templates that open the thoughts in the prompt may leave them out of what they show afterwards; not into a tag, though.
  if (same < before.length) same = tagStart(before, same);
  const text = after.slice(same).replace(/^[\s\S]*<\/think>/, '');
  const name = text.indexOf(NAME);
  if (name < 0) return undefined;
  const end = Math.max(name + NAME.length, text.lastIndexOf('alpha'), text.lastIndexOf('37'));
  const stop = firstMatch(text.slice(end), tokenizer.specialTokens.filter((token) => isEndToken(token)));
  return stop ? text.slice(0, end + stop.at) : text.trimEnd();
}

/** Goes back from within a tag to where it starts. */
function tagStart(text: string, at: number): number {
  while (at > 0 && !/[\s>\]]/.test(text.charAt(at - 1))) at--;
  return at;
}

/** Special tokens that end a turn rather than a call. */
const isEndToken = (token: string): boolean => !/tool|call|action|function/i.test(token);

function rendered(template: ChatTemplate, messages: readonly ChatMessage[], tools: readonly ChatTool[] | undefined): string | undefined {
  const addGenerationPrompt = messages.at(-1)?.role !== 'assistant';
  try {
    return template.render(messages, { addGenerationPrompt, ...(tools ? { tools } : {}) });
  } catch (error) {
    // Many templates refuse tools, or calls; that they do is the answer.
    if (error instanceof R5Error) return undefined;
    throw error;
  }
}

function jsonFormat(written: string): ToolCallFormat | undefined {
  for (let start = 0; start < written.length; start++) {
    if (written[start] !== '{' && written[start] !== '[') continue;
    const end = endOfJson(written, start);
    const value = end === undefined ? undefined : parsedJson(written.slice(start, end));
    if (end === undefined || value === undefined || !holdsCall(value)) continue;
    const name = written.indexOf(NAME, start);
    const given = argumentsIn(written, start);
    return {
      shape: 'json',
      open: written.slice(0, start).trim(),
      close: written.slice(end).trim(),
      writesId: written.includes(ID),
      exact: exactLiterals(written, name, given),
    };
  }
  return undefined;
}

function holdsCall(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 && holdsCall(value[0]);
  if (!isRecord(value)) return false;
  return (value.name === NAME && canonicalJson(value).includes(canonicalJson(ARGUMENTS))) || holdsCall(value.function);
}

function namedFormat(written: string): ToolCallFormat | undefined {
  const name = written.indexOf(NAME);
  const given = argumentsIn(written, name);
  if (given === undefined) return undefined;
  const exact = exactLiterals(written, name, given);
  return { shape: 'named', open: exact.beforeName.trim(), close: exact.afterArguments.trim(), writesId: written.includes(ID), exact };
}

function tagsFormat(written: string): ToolCallFormat | undefined {
  const at = (text: string, from: number): number => written.indexOf(text, from);
  const name = at(NAME, 0);
  const key = at('word', name);
  const value = at('alpha', key);
  const nextKey = at('number', value);
  const nextValue = at('37', nextKey);
  if ([name, key, value, nextKey, nextValue].includes(-1)) return undefined;
  const between = written.slice(value + 'alpha'.length, nextKey);
  const last = written.slice(nextValue + '37'.length);
  let shared = 0;
  while (shared < between.length && between[shared] === last[shared]) shared++;
  shared = tagStart(between, shared);
  const afterValue = between.slice(0, shared).trim();
  const close = last.slice(shared).trim();
  const exact = exactLiterals(written, name, { start: name + NAME.length, end: written.length });
  const middle = written.slice(key + 'word'.length, value);
  if (afterValue === '' || close === '') return undefined;
  return {
    shape: 'tags',
    open: exact.beforeName.trim(),
    close,
    writesId: false,
    exact,
    tags: {
      beforeKey: between.slice(shared).trim(),
      betweenKeyAndValue: middle.trim(),
      afterValue,
      exact: { beforeFirstKey: written.slice(name + NAME.length, key), betweenKeyAndValue: middle, beforeNextKey: between, afterLastValue: last },
    },
  };
}

/** For templates that tell the model to write calls but do not show the ones it wrote. */
function announcedFormat(source: string): ToolCallFormat | undefined {
  const json = (before: string, after: string, open: string, close: string): ToolCallFormat => ({
    shape: 'json', open, close, writesId: false, exact: { beforeName: `${before}{"name": "`, betweenNameAndArguments: '", "arguments": ', afterArguments: `}${after}` },
  });
  if (source.includes('<|tool_call|>')) return json('<|tool_call|>[', ']<|/tool_call|>', '<|tool_call|>', '<|/tool_call|>');
  if (source.includes('<tool_call>')) return json('<tool_call>\n', '\n</tool_call>', '<tool_call>', '</tool_call>');
  return undefined;
}

function exactLiterals(written: string, name: number, given: { start: number; end: number } | undefined): ToolCallFormat['exact'] {
  return {
    beforeName: written.slice(0, name),
    betweenNameAndArguments: given ? written.slice(name + NAME.length, given.start) : '',
    afterArguments: given ? written.slice(given.end) : '',
  };
}

/** Where the arguments stand as JSON, as an object or as a text that holds one. */
function argumentsIn(written: string, from: number): { start: number; end: number } | undefined {
  for (let start = from; start < written.length; start++) {
    if (written[start] !== '{') continue;
    const end = endOfJson(written, start);
    if (end !== undefined && canonicalJson(parsedJson(written.slice(start, end))) === canonicalJson(ARGUMENTS)) return { start, end };
  }
  return undefined;
}

/** One past the bracket that closes the one at `start`. The probe's values hold no brackets, so strings need no care. */
function endOfJson(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{' || text[at] === '[') depth++;
    else if (text[at] === '}' || text[at] === ']') depth--;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** The id that the probe had, in literals of a format whose models write ids. */
export const PROBE_ID = ID;
