/** The episode of a known solution, made without a model: what the grader of a task with tools is shown by `r5 validate`. */
import type { ChatMessage, ToolCall } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import { describe, messageOf } from './rows.ts';
import { callTool } from './tool-call.ts';
import { chatTools } from './tool-schema.ts';
import { episodeMessages } from './episode-messages.ts';
import type { Episode, ToolResultRecord } from './episode.ts';
import type { Task } from './task.ts';
import type { Tool } from './tool.ts';

/**
 * Makes the row's `solutionCalls`, if there are any. The last message is left for the caller to add.
 * Throws R5Error naming `place` when the task's tools or calls cannot be had; a call that fails is in the results.
 */
export async function solutionEpisode<Row>(task: Task<Row>, row: Row, place: string): Promise<Episode> {
  const where = `The task "${task.name}", ${place}`;
  const start = performance.now();
  const { tools, calls } = await planOf(task, row, where);
  const messages: ChatMessage[] = episodeMessages(task, row);
  const toolResults: ToolResultRecord[] = [];
  for (const [i, call] of calls.entries()) {
    const record = await callTool(tools, call);
    toolResults.push(record);
    const id = `call_${i + 1}`;
    messages.push({ role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: call.name, arguments: shown(call.arguments) } }] });
    messages.push({ role: 'tool', content: record.result, tool_call_id: id, name: call.name });
  }
  return { sequences: [], turns: [], toolResults, messages, end: 'answered', seconds: (performance.now() - start) / 1000 };
}

async function planOf<Row>(task: Task<Row>, row: Row, where: string): Promise<{ tools: readonly Tool[]; calls: readonly { name: string; arguments: unknown }[] }> {
  try {
    const tools = task.tools?.(row) ?? [];
    chatTools(tools);
    const calls = task.solutionCalls?.(row) ?? [];
    if (Array.isArray(calls)) return { tools, calls };
    throw new R5Error(`solutionCalls() returned ${describe(calls)}; it must return a list of calls.`);
  } catch (error) {
    throw new R5Error(`${where}: ${messageOf(error)}`, { cause: error });
  }
}

function shown(args: unknown): ToolCall['function']['arguments'] {
  return typeof args === 'string' ? args : { ...(typeof args === 'object' ? args : {}) };
}
