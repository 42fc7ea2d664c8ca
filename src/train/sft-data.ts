/** What a model is fine-tuned on: prompts and the completions that it is to write, from a file of JSON lines or from a task's solutions. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { DataOptions } from '../task/data-rows.ts';
import { loadTask } from './load-task.ts';
import { loadRows } from '../task/rows.ts';
import { encodePrompt, encodeTaskPrompt } from './bind-task.ts';
import { encodeChat } from '../model/chat.ts';
import type { ChatMessage, ChatTool, ToolCall } from '../chat-message.ts';
import type { SftExample } from '../rl/sft.ts';
import type { Task } from '../task/task.ts';
import { workedConversations } from './worked-conversations.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().nullable().default(null),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.unknown())]) }) })).optional(),
});
const toolSchema = z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) });
const conversationSchema = z.looseObject({ messages: z.array(messageSchema).min(1), tools: z.array(toolSchema).optional() });

export interface Conversation {
  messages: readonly ChatMessage[];
  tools?: readonly ChatTool[] | undefined;
}

export interface SftText {
  prompt: string;
  completion: string;
  /** In place of both: a conversation, whose assistant's messages are learned. */
  conversation?: Conversation;
  /** Where it comes from, for errors: `line 12`, `train row 3`. */
  place: string;
}

export interface SftData {
  /** As the run is called: the file's name without its ending, or the task's. */
  name: string;
  source: string;
  texts: readonly SftText[];
  /** The task whose solutions these are; undefined for a file. */
  task: Task | undefined;
  /** SHA-256 of all prompts and completions, to notice on resume that they have changed. */
  hash: string;
}

/** Whether `source` is a file of JSON lines; anything else is a task. */
export const isDataFile = (source: string): boolean => source.endsWith('.jsonl');

const lineSchema = z.looseObject({ prompt: z.string(), completion: z.string() });

/**
 * Reads `source`: a `.jsonl` file with a `prompt` and a `completion` a line, or a task (name or file) that has solutions. Throws R5Error
 * that names the file and the line, or the task and the row. `rows` say where a task over a dataset takes its rows from.
 */
export async function loadSftData(source: string, rows: DataOptions = {}): Promise<SftData> {
  if (isDataFile(source) && (rows.data ?? rows.columns) !== undefined) {
    throw new R5Error(`${source} is itself what to learn, so it takes no --data and no --columns; those are for a task.`);
  }
  const { name, texts, task } = isDataFile(source) ? await readLines(source) : await readSolutions(source, rows);
  const hash = createHash('sha256');
  for (const { prompt, completion, conversation } of texts) hash.update(JSON.stringify(conversation ?? [prompt, completion]));
  return { name, source, texts, task, hash: hash.digest('hex') };
}

type Loaded = Pick<SftData, 'name' | 'texts' | 'task'>;

async function readLines(path: string): Promise<Loaded> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new R5Error(`The data file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  });
  const texts: SftText[] = [];
  for (const [i, line] of content.split('\n').entries()) {
    if (line.trim() !== '') texts.push({ ...parseLine(line, path, i + 1), place: `line ${i + 1}` });
  }
  if (texts.length === 0) throw new R5Error(`The data file ${path} is empty; write one {"prompt": ..., "completion": ...} a line.`);
  return { name: basename(path, '.jsonl'), texts, task: undefined };
}

function parseLine(line: string, path: string, number: number): Omit<SftText, 'place'> {
  const wanted = 'each line must be {"prompt": "...", "completion": "..."} or {"messages": [...]}';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new R5Error(`${path}, line ${number}: not JSON; ${wanted}.`, { cause });
  }
  const isConversation = typeof value === 'object' && value !== null && 'messages' in value;
  const parsed = isConversation ? conversationSchema.safeParse(value) : lineSchema.safeParse(value);
  if (parsed.success) return isConversation ? { prompt: '', completion: '', conversation: conversationOf(conversationSchema.parse(value)) } : lineSchema.parse(value);
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).filter((field) => field !== '');
  throw new R5Error(`${path}, line ${number}: ${fields.length > 0 ? `${fields.join(' and ')} must be a text` : 'not an object'}; ${wanted}.`);
}

function conversationOf({ messages, tools }: z.output<typeof conversationSchema>): Conversation {
  const asMessage = ({ role, content, reasoning_content: reasoning, tool_calls: calls }: z.output<typeof messageSchema>): ChatMessage => ({
    role,
    content,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(calls === undefined ? {} : { tool_calls: calls.map(({ function: { name, arguments: given } }): ToolCall => ({ type: 'function', function: { name, arguments: given } })) }),
  });
  return { messages: messages.map(asMessage), tools };
}

async function readSolutions(nameOrPath: string, options: DataOptions): Promise<Loaded> {
  const task = await loadTask(nameOrPath, options);
  const { solution } = task;
  if (!solution) {
    throw new R5Error(`The task "${task.name}" has no solution(), so there is nothing to fine-tune on; add it, or give a .jsonl file.`);
  }
  const rows = await loadRows(task, 'train');
  if (task.tools) return { name: task.name, texts: await workedConversations(task, rows), task };
  const texts = rows.map((row, i) => ({ prompt: task.prompt(row), completion: solution(row), place: `train row ${i}` }));
  return { name: task.name, texts, task };
}

/**
 * The texts as tokens; every completion ends with the end token, so that the model learns to stop. Throws R5Error that names the line or
 * row which has no prompt or does not fit the context.
 */
export function encodeSftData(data: SftData, tokenizer: Tokenizer, endToken: number, contextLength: number): SftExample[] {
  return data.texts.map((text) => {
    const where = `${data.source}, ${text.place}`;
    const example = text.conversation ? encodeConversation(text.conversation, tokenizer, where) : encodeText(data, text, tokenizer, endToken);
    if (example.prompt.length === 0) throw new R5Error(`${where}: the prompt is empty, so nothing precedes the first token; give it a text.`);
    const length = example.prompt.length + example.completion.length;
    if (length > contextLength) {
      throw new R5Error(`${where}: prompt and completion have ${length} tokens, more than the model's context of ${contextLength}. Shorten or drop it.`);
    }
    return example;
  });
}

function encodeText({ task }: SftData, { prompt, completion }: SftText, tokenizer: Tokenizer, endToken: number): SftExample {
  const tokens = task ? encodeTaskPrompt(task, prompt, tokenizer, 'auto') : encodePrompt(prompt, tokenizer);
  return { prompt: tokens, completion: [...tokenizer.encode(completion), endToken] };
}

function encodeConversation({ messages, tools }: Conversation, tokenizer: Tokenizer, where: string): SftExample {
  const { chatTemplate } = tokenizer;
  if (!chatTemplate) throw new R5Error(`${where}: the model has no chat template, so it cannot read messages; give prompt and completion.`);
  const { tokens, mask } = encodeChat(messages, chatTemplate, tokenizer, tools ? { tools } : {});
  const first = mask.indexOf(1);
  if (first < 0) throw new R5Error(`${where}: the conversation has no message of the assistant, so there is nothing to learn.`);
  return { prompt: tokens.slice(0, first), completion: tokens.slice(first), mask: mask.slice(first) };
}
