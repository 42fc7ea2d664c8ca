import type { ChatMessage } from '../chat-message.ts';
import type { Task } from './task.ts';

/** How the conversation of a row begins: the task's system message, if it has one, and the prompt as the user's. */
export function episodeMessages<Row>({ system, prompt }: Pick<Task<Row>, 'system' | 'prompt'>, row: Row): ChatMessage[] {
  const user: ChatMessage = { role: 'user', content: prompt(row).trim() };
  return system === undefined ? [user] : [{ role: 'system', content: system }, user];
}
