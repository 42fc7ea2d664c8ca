/** Input items of the Responses API as a conversation. What the model gave in one answer (reasoning, text, calls) is several items there and one message here. */
import { z } from 'zod';
import type { ChatMessage, ToolCall } from '../../chat-message.ts';

const ONLY_TEXT = "only text is read ('input_text', 'output_text'); this model takes no images, audio or files";
const textPart = z.object({ type: z.enum(['input_text', 'output_text', 'text'], ONLY_TEXT), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const textContent = z.union([z.string(), z.array(textPart)]);
const id = { id: z.string().nullish() };

const message = z.object({
  type: z.literal('message'),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([z.string(), z.array(z.union([textPart, refusalPart]))]),
  ...id,
});
const functionCall = z.object({ type: z.literal('function_call'), call_id: z.string().min(1), name: z.string().min(1), arguments: z.string(), ...id });
const functionCallOutput = z.object({ type: z.literal('function_call_output'), call_id: z.string().min(1), output: textContent, ...id });
const reasoning = z.object({ type: z.literal('reasoning'), content: z.array(z.object({ text: z.string() })).nullish(), summary: z.array(z.object({ text: z.string() })).nullish(), ...id });
const itemReference = z.object({ type: z.literal('item_reference'), id: z.string().min(1) });

/** A message may leave its type out, an item reference too. */
const withType = (item: unknown): unknown => {
  if (typeof item !== 'object' || item === null || 'type' in item) return item;
  return { ...item, type: 'role' in item ? 'message' : 'item_reference' };
};

const KNOWN = 'this server reads items of the types message, reasoning, function_call, function_call_output and item_reference';
export const inputItemSchema = z.preprocess(withType, z.discriminatedUnion('type', [message, functionCall, functionCallOutput, reasoning, itemReference], KNOWN));
export type InputItem = z.output<typeof inputItemSchema>;

/** An item that stands for itself. */
export type PlainItem = Exclude<InputItem, { type: 'item_reference' }>;

interface Answer {
  reasoning: string;
  content: string | null;
  calls: ToolCall[];
}

export function conversationOf(items: readonly PlainItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let answer: Answer | undefined;
  const close = (): void => {
    if (answer) messages.push(answerMessage(answer));
    answer = undefined;
  };
  const open = (): Answer => (answer ??= { reasoning: '', content: null, calls: [] });
  for (const item of items) {
    if (item.type === 'reasoning') {
      // Reasoning comes before what it led to, so it begins a new answer.
      if (answer?.content != null || (answer && answer.calls.length > 0)) close();
      open().reasoning += reasoningText(item);
    } else if (item.type === 'function_call') {
      open().calls.push({ id: item.call_id, type: 'function', function: { name: item.name, arguments: item.arguments } });
    } else if (item.type === 'message' && item.role === 'assistant') {
      if (answer?.content != null || (answer && answer.calls.length > 0)) close();
      open().content = joined(item.content);
    } else {
      close();
      messages.push(otherMessage(item));
    }
  }
  close();
  return messages;
}

function answerMessage({ reasoning: thought, content, calls }: Answer): ChatMessage {
  return { role: 'assistant', content, ...(thought === '' ? {} : { reasoning_content: thought }), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function otherMessage(item: Exclude<PlainItem, { type: 'reasoning' | 'function_call' }>): ChatMessage {
  if (item.type === 'function_call_output') return { role: 'tool', content: joined(item.output), tool_call_id: item.call_id };
  const role = item.role === 'developer' ? 'system' : item.role;
  return { role, content: joined(item.content) };
}

/** Clients that show reasoning only in summary give back what they have. */
function reasoningText({ content, summary }: z.output<typeof reasoning>): string {
  const parts = content && content.length > 0 ? content : (summary ?? []);
  return parts.map(({ text }) => text).join('\n');
}

function joined(content: string | readonly ({ text: string } | { refusal: string })[]): string {
  return typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : part.refusal)).join('\n');
}
