/** The conversation of an agent's run, read off its journal: a line of what `r5 sft` learns from, so that runs that went well can teach. */
import { z } from 'zod';
import type { ChatMessage, ChatTool, ToolCall } from '../../chat-message.ts';
import { R5Error } from '../../error.ts';
import { chatTools } from '../../task/tool-schema.ts';
import { researchTools } from '../agent/research-tools.ts';
import { agentMessageSchema, type AgentCall, type AgentMessage } from './agent-message.ts';
import { nameOf } from './journal.ts';
import type { NumberedEvent } from './journal-event.ts';
import { modelAnswerSchema } from './model-answer.ts';

export interface RunConversation {
  messages: ChatMessage[];
  tools: ChatTool[];
}

const callSchema = z.object({ purpose: z.string(), system: z.string(), prompt: z.array(agentMessageSchema), tools: z.array(z.string()).default([]) });
const outcomeSchema = z.object({ outcome: z.string() });

/** Throws R5Error for a run of a plan, which is no one conversation, and for one of whose answer something had to be cut. */
export function runConversation(events: readonly NumberedEvent[]): RunConversation {
  const calls = events.flatMap((event) => {
    const input = event.type === 'started' && event.kind === 'model' ? callSchema.safeParse(event.input) : undefined;
    return input?.success && event.type === 'started' ? [{ ...input.data, id: nameOf(event) }] : [];
  });
  const answers = new Map(events.flatMap((event) => (event.type === 'finished' && event.kind === 'model' ? [[nameOf(event), event.result] as const] : [])));
  const last = calls.findLast(({ id }) => answers.has(id));
  if (last === undefined) throw new R5Error('The run is none of an agent, so it is not one conversation. Research with --loop agent.');
  const outcome = events.findLast((event) => event.type === 'fact' && event.name === 'outcome');
  const ended = outcomeSchema.safeParse(outcome?.type === 'fact' ? outcome.data : undefined);
  if (!ended.success || ended.data.outcome !== 'complete') throw new R5Error(`The run ended ${ended.success ? `as ${ended.data.outcome}` : 'nowhere'}; only one that is complete is worth learning from.`);
  const { text, calls: made = [] } = modelAnswerSchema.parse(answers.get(last.id));
  // An answer that had to be mended, and what was said of it, are nothing to learn.
  const before = last.purpose === 'repair' ? last.prompt.slice(0, -2) : last.prompt;
  const names = calls.flatMap(({ tools }) => tools);
  return {
    messages: [{ role: 'system', content: last.system }, ...before.map(chatMessage), chatMessage({ role: 'assistant', content: text, calls: made })],
    tools: chatTools(researchTools(nothing, { question: '', reads: names.includes('read') })),
  };
}

function chatMessage(message: AgentMessage): ChatMessage {
  if (message.role === 'user') return message;
  if (message.role === 'tool') return { role: 'tool', content: message.content, tool_call_id: message.call, name: message.name };
  const { content, calls } = message;
  return { role: 'assistant', content, ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }) };
}

const argumentsSchema = z.record(z.string(), z.unknown());

/** Arguments that are no object go as the text that the model wrote. */
function toolCall({ id, name, arguments: given }: AgentCall): ToolCall {
  const parsed = argumentsSchema.safeParse(given);
  return { id, type: 'function', function: { name, arguments: parsed.success ? parsed.data : typeof given === 'string' ? given : JSON.stringify(given) } };
}

const never = (): never => {
  throw new Error('these tools are only described');
};
const nothing = { search: never, read: never, cite: never };
