/** Whether a call's prompt is an earlier conversation and more, token for token, and which tokens are new. */
import type { ChatMessage } from '../chat-message.ts';
import type { RenderOptions } from '../model/chat-template.ts';
import type { EpisodeSegment } from '../task/episode.ts';
import type { ChatDialect } from './chat-dialect.ts';
import { parseAnswer } from './parse-answer.ts';
import { firstMatch } from './partial-match.ts';
import { canonicalJson } from './parsed-json.ts';
import { withoutJoints } from './plain-spelling.ts';
import { sameAnswer } from './same-message.ts';
import { endsInThoughts } from './thinking-marks.ts';

/** Where a sequence of an episode stands after a call. */
export interface Conversation {
  dialect: ChatDialect;
  options: RenderOptions;
  /** The model's last message included. */
  messages: readonly ChatMessage[];
  /** Which of them the model wrote. */
  written: ReadonlySet<number>;
  /** What the last call's prompt was as text. */
  promptText: string;
  /** All token ids so far, the model's last ones included. */
  ids: readonly number[];
}

export interface Continuation {
  segments: EpisodeSegment[];
  /** All ids of the new prompt: those so far, and the new ones. */
  prompt: number[];
  promptText: string;
  messages: readonly ChatMessage[];
}

/** The continuation, or why there is none, in plain words. */
export function continueConversation(sofar: Conversation, dialect: ChatDialect, given: readonly ChatMessage[], options: RenderOptions): Continuation | string {
  if (sofar.dialect !== dialect) return 'another model was called';
  const messages = recognized(sofar, given);
  if (typeof messages === 'string') return messages;
  const before = dialect.render(sofar.messages, sofar.options);
  if (!before.startsWith(sofar.promptText)) return `the template writes what came before the model's answer anew: ${difference(sofar.promptText, before)}`;
  const after = dialect.render(messages, { ...options, addGenerationPrompt: true });
  if (!after.startsWith(before)) return `the template writes earlier turns anew: ${difference(before, after)}`;
  const answer = answerIn(before.slice(sofar.promptText.length), dialect);
  if (!saysTheSame(answer.text, sofar)) return "the template does not show the model's last answer as the model wrote it";

  const last = sofar.ids.at(-1);
  // What stands behind the model's end token is the template's; without an end token that is so too.
  const ended = last !== undefined && dialect.endsTurn(last);
  let from = sofar.promptText.length + answer.text.length + (ended ? answer.end.length : 0);
  const segments: EpisodeSegment[] = [];
  let context = last;
  for (const { source, until } of [...toolPart(messages.slice(sofar.messages.length), sofar, dialect, options, after), { source: 'prompt' as const, until: after.length }]) {
    const tokens = dialect.encode(after.slice(from, until), context);
    if (tokens.length > 0) segments.push({ source, tokens });
    context = tokens.at(-1) ?? context;
    from = until;
  }
  return { segments, prompt: [...sofar.ids, ...segments.flatMap(({ tokens }) => [...tokens])], promptText: after, messages };
}

/** The call's messages with the model's own as it wrote them; or why they do not go on from here. */
function recognized({ messages, written }: Conversation, given: readonly ChatMessage[]): ChatMessage[] | string {
  for (const [index, known] of messages.entries()) {
    const now = given[index];
    if (!now) return 'the conversation began anew or was cut';
    if (written.has(index) ? !sameAnswer(known, now) : canonicalJson(known) !== canonicalJson(now)) {
      return `message ${index + 1} (${now.role}) is another than before`;
    }
  }
  if (given.length === messages.length) return 'the conversation was not taken further';
  return given.map((message, index) => {
    const known = messages[index];
    return known && written.has(index) ? withIds(known, message) : message;
  });
}

/** Clients may name calls anew, and then speak of them by these names. */
function withIds(known: ChatMessage, given: ChatMessage): ChatMessage {
  if (!known.tool_calls) return known;
  return {
    ...known,
    tool_calls: known.tool_calls.map((call, index) => {
      const id = given.tool_calls?.[index]?.id ?? call.id;
      return { ...call, ...(id === undefined ? {} : { id }) };
    }),
  };
}

/** The model's answer in what the template wrote of it, and the end token behind it. */
function answerIn(text: string, dialect: ChatDialect): { text: string; end: string } {
  const found = firstMatch(text, dialect.endSpellings);
  return found ? { text: text.slice(0, found.at), end: found.target } : { text: text.trimEnd(), end: '' };
}

function saysTheSame(text: string, { dialect, options, messages, promptText }: Conversation): boolean {
  const known = messages.at(-1);
  const format = options.tools ? dialect.callFormat : undefined;
  const shape = { thinking: dialect.thinking, startsInThoughts: endsInThoughts(promptText, dialect.thinking), calls: format && { format, tools: options.tools ?? [] } };
  const shown = parseAnswer(withoutJoints(text), shape, dialect.tokenizer);
  return known !== undefined && sameAnswer(known, shown) && (known.reasoning_content ?? '').trim() === (shown.reasoning_content ?? '').trim();
}

/** Where the results of tools end, if the new messages begin with some and the template does not mix them with what follows. */
function toolPart(added: readonly ChatMessage[], sofar: Conversation, dialect: ChatDialect, options: RenderOptions, after: string): { source: 'tool'; until: number }[] {
  const count = added.findIndex(({ role }) => role !== 'tool');
  if (count === 0) return [];
  if (count < 0) return [{ source: 'tool', until: after.length }];
  const results = dialect.render([...sofar.messages, ...added.slice(0, count)], options);
  return after.startsWith(results) ? [{ source: 'tool', until: results.length }] : [];
}

function difference(was: string, becomes: string): string {
  let at = 0;
  while (at < was.length && was[at] === becomes[at]) at++;
  const shown = (text: string, from: number, to: number): string => JSON.stringify(withoutJoints(text.slice(Math.max(0, from), to)));
  return `after ${shown(was, at - 40, at)} stood ${shown(was, at, at + 40)}, now ${shown(becomes, at, at + 40)}`;
}
