/** Messages as OpenAI's protocol has them, to the form that chat templates take. */
import { z } from 'zod';
import type { ChatMessage } from '../../chat-message.ts';

const textPart = z.object({ type: z.literal('text', "only parts of the type 'text' are read; this model takes no images, audio or files"), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const textContent = z.union([z.string(), z.array(textPart)]);
const answerContent = z.union([z.string(), z.array(z.union([textPart, refusalPart]))]);

const name = z.string().min(1).optional();
const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string().min(1), arguments: z.string() }),
});

/** The reasoning comes back under the name under which it was given, or under the one that other servers use. */
const reasoning = { reasoning_content: z.string().nullish(), reasoning: z.string().nullish() };

export const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: textContent, name }),
  z.object({ role: z.literal('user'), content: textContent, name }),
  z.object({ role: z.literal('assistant'), content: answerContent.nullish(), name, tool_calls: z.array(toolCall).nullish(), ...reasoning }),
  z.object({ role: z.literal('tool'), content: textContent, tool_call_id: z.string().min(1) }),
]);
export type RequestMessage = z.output<typeof messageSchema>;

export function asChatMessage(message: RequestMessage): ChatMessage {
  switch (message.role) {
    case 'assistant': {
      const { content, tool_calls: calls } = message;
      const thought = message.reasoning_content ?? message.reasoning;
      return {
        role: 'assistant',
        content: content == null ? null : joined(content),
        ...(thought ? { reasoning_content: thought } : {}),
        ...(calls && calls.length > 0 ? { tool_calls: calls } : {}),
      };
    }
    case 'tool':
      return { role: 'tool', content: joined(message.content), tool_call_id: message.tool_call_id };
    default: {
      // Templates know the developer's message as the system's.
      const role = message.role === 'developer' ? 'system' : message.role;
      return { role, content: joined(message.content), ...(message.name === undefined ? {} : { name: message.name }) };
    }
  }
}

function joined(content: string | readonly ({ text: string } | { refusal: string })[]): string {
  return typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : part.refusal)).join('\n');
}
