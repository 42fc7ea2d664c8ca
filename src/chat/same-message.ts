import type { ChatMessage, ToolCall } from '../chat-message.ts';
import { canonicalJson, parsedJson } from './parsed-json.ts';

/**
 * Whether two messages of the assistant say the same: content but for space around it, and tool calls by name and value of their arguments.
 * Clients write arguments anew, and many leave out thoughts.
 */
export function sameAnswer(one: ChatMessage, other: ChatMessage): boolean {
  if (one.role !== other.role || trimmed(one.content) !== trimmed(other.content)) return false;
  const thoughts = [one.reasoning_content, other.reasoning_content].map(trimmed);
  if (thoughts[0] !== thoughts[1] && !thoughts.includes('')) return false;
  return canonicalJson((one.tool_calls ?? []).map(plainCall)) === canonicalJson((other.tool_calls ?? []).map(plainCall));
}

const trimmed = (text: string | null | undefined): string => (text ?? '').trim();

function plainCall({ function: { name, arguments: given } }: ToolCall): unknown {
  return [name, typeof given === 'string' ? (parsedJson(given) ?? given) : given];
}
