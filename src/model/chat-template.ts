/**
 * A model's chat template: conversations as the text that the model was trained on. Jinja, rendered as transformers' `apply_chat_template`
 * renders it: blocks trimmed, special tokens as variables, `tojson` in Python's spacing.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ChatMessage, ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import { fileError, isMissingFile } from './file-error.ts';
import { readOptionalJsonFile } from './json-file.ts';
import { pythonTemplate } from './python-template.ts';

export interface RenderOptions {
  /** Ends the text where the model's next message begins. Default false. */
  addGenerationPrompt?: boolean;
  /** Ends the text with the last message's content, for the model to go on with. Default false. */
  continueFinalMessage?: boolean;
  tools?: readonly ChatTool[];
  /** Further variables of the template, such as `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>>;
}

export interface ChatTemplate {
  /** The template itself. */
  source: string;
  /** Throws R5Error with the template's own words when it refuses the conversation. */
  render: (messages: readonly ChatMessage[], options?: RenderOptions) => string;
}

const namedToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const TOKEN_FIELDS = ['bos_token', 'eos_token', 'pad_token', 'unk_token', 'sep_token', 'cls_token', 'mask_token'] as const;
const configSchema = z.looseObject({
  chat_template: z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]).nullish(),
  ...Object.fromEntries(TOKEN_FIELDS.map((field) => [field, namedToken])),
});
const templateFileSchema = z.looseObject({ chat_template: z.string() });

/**
 * The template of a model directory: chat_template.jinja (and additional_chat_templates/), else what tokenizer_config.json or
 * chat_template.json hold. Undefined for a model that has none. Throws R5Error that names the file when it is no Jinja that can be read.
 */
export async function loadChatTemplate(directory: string): Promise<ChatTemplate | undefined> {
  const configPath = join(directory, 'tokenizer_config.json');
  const config = (await readOptionalJsonFile(configPath, configSchema)) ?? {};
  const named = new Map<string, { text: string; path: string }>();
  const inConfig = config.chat_template;
  if (typeof inConfig === 'string') named.set('default', { text: inConfig, path: configPath });
  else for (const { name, template } of inConfig ?? []) named.set(name, { text: template, path: configPath });
  const jsonPath = join(directory, 'chat_template.json');
  const json = await readOptionalJsonFile(jsonPath, templateFileSchema);
  if (json) named.set('default', { text: json.chat_template, path: jsonPath });
  for (const [name, path] of await templateFiles(directory)) named.set(name, { text: await readFile(path, 'utf8'), path });
  if (named.size === 0) return undefined;
  const tokens = Object.fromEntries(TOKEN_FIELDS.flatMap((field) => {
    const token = namedToken.parse(config[field]);
    return token == null ? [] : [[field, typeof token === 'string' ? token : token.content]];
  }));
  return makeChatTemplate(named, tokens);
}

async function templateFiles(directory: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const list = async (folder: string): Promise<string[]> =>
    readdir(folder).catch((error: unknown) => {
      if (isMissingFile(error)) return [];
      throw fileError('read', folder, error);
    });
  if ((await list(directory)).includes('chat_template.jinja')) found.set('default', join(directory, 'chat_template.jinja'));
  const more = join(directory, 'additional_chat_templates');
  for (const file of await list(more)) if (file.endsWith('.jinja')) found.set(file.slice(0, -'.jinja'.length), join(more, file));
  return found;
}

function makeChatTemplate(named: ReadonlyMap<string, { text: string; path: string }>, tokens: Readonly<Record<string, string>>): ChatTemplate {
  const compiled = new Map([...named].map(([name, { text, path }]) => [name, compile(text, path)] as const));
  const plain = named.get('default') ?? [...named.values()][0];
  return {
    source: plain?.text ?? '',
    render: (messages, { addGenerationPrompt = false, continueFinalMessage = false, tools, variables = {} } = {}) => {
      // As transformers: a template of its own for tools, if there is one.
      const template = (tools && compiled.get('tool_use')) ?? compiled.get('default') ?? [...compiled.values()][0];
      if (!template) throw new Error('there is a template');
      const marked = continueFinalMessage ? withEndMark(messages) : messages;
      // Without tools they are none and not undefined, as in transformers.
      const given = { ...tokens, messages: marked.map(forTemplate), add_generation_prompt: addGenerationPrompt, tools: tools ?? null, documents: null, ...variables };
      try {
        const text = template.render(given);
        return continueFinalMessage ? upToEndMark(text) : text;
      } catch (cause) {
        throw new R5Error(`The model's chat template refuses the conversation: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    },
  };
}

/** Shows where the last message's content ends in the rendered text; the space tells whether the template trims there. */
const END_MARK = 'R5_FINAL_MESSAGE_ENDS_HERE ';

function withEndMark(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message, index) => (index === messages.length - 1 ? { ...message, content: `${message.content ?? ''}${END_MARK}` } : message));
}

function upToEndMark(text: string): string {
  const end = text.lastIndexOf(END_MARK.trim());
  if (end < 0) throw new Error('it does not show the content of the last message, so that cannot be continued');
  return text.startsWith(END_MARK, end) ? text.slice(0, end) : text.slice(0, end).trimEnd();
}

function compile(text: string, path: string): ReturnType<typeof pythonTemplate> {
  try {
    return pythonTemplate(text);
  } catch (cause) {
    throw new R5Error(`The chat template in ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Arguments of tool calls as objects, as templates want them; a text that is no JSON stays one. Thoughts go by two names. */
function forTemplate(message: ChatMessage): Record<string, unknown> {
  const { tool_calls: calls, ...given } = message;
  const thoughts = given.reasoning_content;
  const rest = thoughts === undefined ? given : { thinking: thoughts, ...given };
  if (!calls) return rest;
  return {
    ...rest,
    tool_calls: calls.map((call) => ({ ...call, type: 'function', function: { ...call.function, arguments: parsedArguments(call.function.arguments) } })),
  };
}

function parsedArguments(given: Readonly<Record<string, unknown>> | string): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    // Whatever a model wrote there; templates can show a text as well.
    return given;
  }
}
