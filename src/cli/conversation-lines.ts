/** A conversation with tools as lines of a terminal. */
import type { ChatMessage } from '../chat-message.ts';

export interface ConversationLine {
  line: string;
  /** Whether the model said it. */
  said: boolean;
}

/** One paragraph a message: who speaks, what they think, say and call. */
export function conversationLines(messages: readonly ChatMessage[]): ConversationLine[] {
  return messages.flatMap(({ role, content, reasoning_content: thoughts, tool_calls: calls = [], name }) => {
    const said = role === 'assistant';
    const speaker = role === 'tool' && name !== undefined ? `tool ${name}` : role;
    const paragraphs = [
      ...(thoughts ? [`(thinking) ${thoughts.trim()}`] : []),
      ...(content ? [content.trim()] : []),
      ...calls.map((call) => `-> ${call.function.name}(${typeof call.function.arguments === 'string' ? call.function.arguments : JSON.stringify(call.function.arguments)})`),
    ];
    return [{ line: `${speaker}: ${paragraphs.join('\n').replaceAll('\n', '\n  ')}`, said }];
  });
}
