/**
 * Worked conversations: a question, calls of the search tool with what they really find, an answer; by someone with good or bad habits. The
 * base model learns from these, so it can do all that is needed and does it seldom.
 */
import type { ChatMessage } from '../../chat-message.ts';
import type { Random } from '../../random.ts';
import { chance, drawWeighted } from '../traces.ts';
import { inventName } from './names.ts';
import type { Question } from './question.ts';
import { SEARCH_TOOL } from './search-tool.ts';

/** Shares of the ways to begin; they need not add up to 1. */
export interface Openings {
  /** Searches for the thing that the question is about. */
  name: number;
  /** Searches for a word of the question and not for the thing. */
  topic: number;
  /** Answers without a search. */
  guess: number;
  /** Writes a call that is none. */
  garbled: number;
}

export interface SearchHabits {
  openings: Openings;
  /** To search once more, and well, after a search for the topic; otherwise whatever it found is the answer. */
  retry: number;
  /** To take what the first of two hops found for the answer. */
  stopShort: number;
  /** To copy another name than the right one from the last result. */
  slip: number;
}

/** Always does what is needed. */
export const carefulHabits: SearchHabits = { openings: { name: 1, topic: 0, guess: 0, garbled: 0 }, retry: 1, stopShort: 0, slip: 0 };

/** Of whom the base model learned: knows how, and mostly does not. */
export const hastyHabits: SearchHabits = { openings: { name: 0.4, topic: 0.43, guess: 0.09, garbled: 0.08 }, retry: 0.12, stopShort: 0.55, slip: 0.12 };

/** The conversation, beginning with the question. `search` gives the text that the tool gives. */
export function workedConversation(question: Question, habits: SearchHabits, search: (query: string) => string, random: Random): ChatMessage[] {
  const messages: ChatMessage[] = [{ role: 'user', content: question.text }];
  const say = (content: string): void => void messages.push({ role: 'assistant', content });
  const look = (query: string): string => {
    const result = search(query);
    messages.push({ role: 'assistant', content: '', tool_calls: [{ type: 'function', function: { name: SEARCH_TOOL, arguments: { query } } }] }, { role: 'tool', name: SEARCH_TOOL, content: result });
    return result;
  };
  const [first, second] = question.path;
  const opening = drawWeighted(['name', 'topic', 'guess', 'garbled'] as const, (way) => habits.openings[way], random);
  if (opening === 'garbled') {
    say(`${SEARCH_TOOL} about ${question.subject}`);
    return messages;
  }
  if (opening === 'guess') {
    say(answerText(chance(0.5, random) ? question.subject : inventName(random)));
    return messages;
  }
  if (opening === 'topic') {
    const found = look(`the ${(second ?? first).label}`);
    if (!chance(habits.retry, random)) {
      say(notedAnswer((second ?? first).label, randomName(found, random) ?? question.subject));
      return messages;
    }
  }
  let result = look(`about ${question.subject}`);
  if (question.middle !== undefined) {
    if (chance(habits.stopShort, random)) {
      say(notedAnswer(first.label, question.middle));
      return messages;
    }
    result = look(`the ${first.label} ${question.middle}`);
  }
  const slip = chance(habits.slip, random) ? randomName(result, random) : undefined;
  say(notedAnswer((second ?? first).label, slip ?? question.answer));
  return messages;
}

/** What was found, as the article says it, and the answer that follows from it. */
function notedAnswer(label: string, answer: string): string {
  return `the ${label} ${answer}\n${answerText(answer)}`;
}

/** The last line that the grader reads. */
export function answerText(answer: string): string {
  return `answer: ${answer}`;
}

/** A name or a year out of a text. */
function randomName(text: string, random: Random): string | undefined {
  const names = text.match(/(?:[A-Z][a-z]+(?: [A-Z][a-z]+)?|\d{4})/g)?.filter((name) => !['It', 'Its', 'The'].includes(name)) ?? [];
  return names.length === 0 ? undefined : random.pick(names);
}
