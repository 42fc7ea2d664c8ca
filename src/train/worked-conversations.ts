/** The solutions of a task with tools as conversations to learn from: the calls are made, so that the model sees what the tools really say. */
import { R5Error } from '../error.ts';
import { solutionEpisode } from '../task/solution-episode.ts';
import type { Task } from '../task/task.ts';
import { chatTools } from '../task/tool-schema.ts';
import type { SftText } from './sft-data.ts';

/** Rows whose calls are made at the same time. */
const AT_ONCE = 32;

/** One conversation a row. Throws R5Error naming the row where a call of its solution fails. */
export async function workedConversations<Row>(task: Task<Row>, rows: readonly Row[]): Promise<SftText[]> {
  const texts: SftText[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    texts.push(...(await Promise.all(rows.slice(start, start + AT_ONCE).map((row, i) => workedConversation(task, row, `train row ${start + i}`)))));
  }
  return texts;
}

async function workedConversation<Row>(task: Task<Row>, row: Row, place: string): Promise<SftText> {
  const { messages, toolResults } = await solutionEpisode(task, row, place);
  const failed = toolResults.find(({ error }) => error !== undefined);
  if (failed) throw new R5Error(`The task "${task.name}", ${place}: the solution's call of ${failed.name} fails: ${failed.result}`);
  const solution = task.solution?.(row) ?? '';
  return { prompt: '', completion: '', conversation: { messages: [...messages, { role: 'assistant', content: solution }], tools: chatTools(task.tools?.(row) ?? []) }, place };
}
