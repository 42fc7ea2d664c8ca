/** A conversation with a model that has tools, as it is kept in the journal and as the AI SDK wants it. */
import { jsonSchema, tool, type ModelMessage, type ToolSet } from 'ai';
import { z } from 'zod';
import type { ChatTool } from '../../chat-message.ts';

export const agentCallSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** As the model wrote them, well formed or not. */
  arguments: z.json(),
  /** What the provider wants to have back with the call. */
  metadata: z.record(z.string(), z.record(z.string(), z.json())).exactOptional(),
});
export type AgentCall = z.infer<typeof agentCallSchema>;

export const agentMessageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), content: z.string() }),
  z.object({ role: z.literal('assistant'), content: z.string(), calls: z.array(agentCallSchema) }),
  z.object({ role: z.literal('tool'), call: z.string(), name: z.string(), content: z.string() }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

export function modelMessages(messages: readonly AgentMessage[]): ModelMessage[] {
  return messages.map((message): ModelMessage => {
    if (message.role === 'user') return message;
    if (message.role === 'tool') return { role: 'tool', content: [{ type: 'tool-result', toolCallId: message.call, toolName: message.name, output: { type: 'text', value: message.content } }] };
    const calls = message.calls.map(({ id, name, arguments: input, metadata }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input, ...(metadata === undefined ? {} : { providerOptions: metadata }) }));
    return { role: 'assistant', content: [...(message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]), ...calls] };
  });
}

/** Without anything to run: the loop runs them. */
export function modelTools(tools: readonly ChatTool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ function: { name, description = '', parameters = {} } }) => [name, tool({ description, inputSchema: jsonSchema<Record<string, unknown>>({ ...parameters }) })]),
  );
}
