/**
 * Research by somebody who knows how and mostly does not: what models/r5-tiny-research-base learned last, so that there is something for
 * reinforcement to find out.
 */
import type { ChatMessage } from '../../chat-message.ts';
import type { Random } from '../../random.ts';
import { chance } from '../../task/traces.ts';
import { callTool } from '../../task/tool-call.ts';
import { SEARCH } from '../agent/research-tools.ts';
import { readEvidence } from '../agent/evidence-lines.ts';
import { research, sentences, type EncyclopaediaRow } from './research.ts';

/** Shares of what is done badly. */
export interface ResearchHabits {
  /** To answer without a search. */
  guess: number;
  /** To search for a word of the question and not for the thing, and to go on from what that finds. */
  topic: number;
  /** To stop after the first of two steps. */
  stopShort: number;
  /** A sentence without its citation, and one with another id than the right one. */
  uncited: number;
  miscited: number;
  /** To say a sentence twice. */
  twice: number;
}

export const hastyResearch: ResearchHabits = { guess: 0.12, topic: 0.2, stopShort: 0.5, uncited: 0.2, miscited: 0.2, twice: 0.15 };

/** The conversation about a row, with what its searches really find. */
export async function workedResearch(row: EncyclopaediaRow, habits: ResearchHabits, random: Random): Promise<ChatMessage[]> {
  const messages: ChatMessage[] = [{ role: 'user', content: row.question }];
  const tools = research.tools?.(row) ?? [];
  const shown: string[] = [];
  const look = async (query: string): Promise<void> => {
    const { result } = await callTool(tools, { name: SEARCH, arguments: { query } });
    shown.push(...readEvidence(result).map(({ id }) => id));
    messages.push({ role: 'assistant', content: '', tool_calls: [{ type: 'function', function: { name: SEARCH, arguments: { query } } }] }, { role: 'tool', name: SEARCH, content: result });
  };
  const steps = row.steps.slice(0, row.steps.length > 1 && chance(habits.stopShort, random) ? 1 : undefined);
  const isGuess = chance(habits.guess, random);
  const isTopic = !isGuess && chance(habits.topic, random);
  if (isTopic) await look(`the ${/(\S+) \S+$/.exec(steps[0]?.statement ?? '')?.[1] ?? 'name'}`);
  else if (!isGuess) for (const { query } of steps) await look(query);
  const known = isTopic || isGuess ? steps.map(({ statement }) => ({ statement, id: shown[0] ?? 'e1' })) : sentences(row);
  const said = known.slice(0, steps.length).map(({ statement, id }) => {
    if (chance(habits.uncited, random)) return `${statement}.`;
    return `${statement} [${chance(habits.miscited, random) ? random.pick(['e1', 'e2', 'e3', 'e4']) : id}].`;
  });
  if (chance(habits.twice, random)) said.push(said[0] ?? '');
  messages.push({ role: 'assistant', content: said.join(' ') });
  return messages;
}
