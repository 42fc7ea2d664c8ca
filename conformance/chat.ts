/**
 * Renders every chat of chats.json with every template of a folder as r5 does, and compares with what transformers made of them.
 *
 *     python conformance/check_chat.py TEMPLATES > expected.json
 *     node conformance/chat.ts TEMPLATES expected.json
 *
 * Two that both refuse agree. Exit code 1 when any pair differs; `--verbose` shows each.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ChatMessage, ChatTool } from '../src/chat-message.ts';
import { R5Error } from '../src/error.ts';
import { loadChatTemplate, type ChatTemplate } from '../src/model/chat-template.ts';

interface Chat {
  name: string;
  messages: ChatMessage[];
  tools?: ChatTool[];
  options: Record<string, unknown>;
}

const chatsSchema = z.array(
  z.looseObject({
    name: z.string(),
    // As they come: some are meant to be odd.
    messages: z.custom<ChatMessage[]>((value) => Array.isArray(value)),
    tools: z.custom<ChatTool[]>((value) => Array.isArray(value)).optional(),
    options: z.record(z.string(), z.unknown()),
  }),
);
const answerSchema = z.union([z.object({ text: z.string() }), z.object({ error: z.string() })]);
const expectedSchema = z.object({ transformers: z.string(), answers: z.record(z.string(), z.array(answerSchema)) });
type Answer = z.output<typeof answerSchema>;

/** The special tokens that check_chat.py gives its tokenizer. */
const TOKENS = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };

async function openTemplate(path: string): Promise<ChatTemplate | string> {
  const directory = await mkdtemp(join(tmpdir(), 'r5-conformance-'));
  try {
    await writeFile(join(directory, 'tokenizer_config.json'), JSON.stringify({ ...TOKENS, chat_template: await readFile(path, 'utf8') }));
    return (await loadChatTemplate(directory)) ?? 'there is no template';
  } catch (error) {
    if (error instanceof R5Error) return error.message;
    throw error;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function rendered(template: ChatTemplate | string, { messages, tools, options }: Chat): Answer {
  if (typeof template === 'string') return { error: template };
  const { add_generation_prompt: addGenerationPrompt = false, continue_final_message: continueFinalMessage = false, ...variables } = options;
  try {
    return { text: template.render(messages, { addGenerationPrompt: addGenerationPrompt === true, continueFinalMessage: continueFinalMessage === true, variables, ...(tools ? { tools } : {}) }) };
  } catch (error) {
    if (error instanceof R5Error) return { error: error.message };
    throw error;
  }
}

/** In words where two answers differ; undefined where they agree. */
function difference(ours: Answer, theirs: Answer): string | undefined {
  if ('error' in ours && 'error' in theirs) return undefined;
  if ('error' in ours) return `r5 refuses: ${ours.error.slice(0, 160)}`;
  if ('error' in theirs) return `transformers refuses: ${theirs.error}`;
  if (ours.text === theirs.text) return undefined;
  let at = 0;
  while (ours.text[at] === theirs.text[at]) at++;
  const shown = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `r5 ${shown(ours.text)}, transformers ${shown(theirs.text)}`;
}

const [folder, expectedPath, ...flags] = process.argv.slice(2);
if (folder === undefined || expectedPath === undefined) {
  console.error('usage: node conformance/chat.ts TEMPLATES expected.json [--verbose]');
  process.exit(2);
}
const chats: Chat[] = chatsSchema.parse(JSON.parse(await readFile(join(import.meta.dirname, 'chats.json'), 'utf8'))).map(({ tools, ...chat }) => ({ ...chat, ...(tools ? { tools } : {}) }));
const expected = expectedSchema.parse(JSON.parse(await readFile(expectedPath, 'utf8')));
let pairs = 0;
let refused = 0;
const differences: string[] = [];
const perfect: string[] = [];
for (const [file, answers] of Object.entries(expected.answers)) {
  const template = await openTemplate(join(folder, file));
  const before = differences.length;
  for (const [index, chat] of chats.entries()) {
    const theirs = answers[index];
    if (!theirs) throw new Error(`${expectedPath} is of other chats; make it anew`);
    pairs++;
    if ('error' in theirs) refused++;
    const found = difference(rendered(template, chat), theirs);
    if (found !== undefined) differences.push(`${file}, ${chat.name}: ${found}`);
  }
  if (differences.length === before) perfect.push(file);
}
if (flags.includes('--verbose')) for (const line of differences) console.log(line);
console.log(`transformers ${expected.transformers}: ${pairs - differences.length} of ${pairs} pairs of template and chat agree (${refused} are refused by transformers); ${perfect.length} of ${Object.keys(expected.answers).length} templates agree on every chat`);
if (differences.length > 0) process.exitCode = 1;
