/**
 * Writes the calls of one episode down token by token. A call goes on with the token ids of an earlier one where its prompt, as the template
 * writes it, is that earlier conversation and more; else it begins a new sequence, and the record says why.
 */
import type { ChatMessage } from '../chat-message.ts';
import type { Generation } from '../engine/engine.ts';
import type { RenderOptions } from '../model/chat-template.ts';
import type { Episode, EpisodeEnd, EpisodeSegment, EpisodeTurn, ToolResultRecord } from '../task/episode.ts';
import type { ChatDialect } from './chat-dialect.ts';
import { continueConversation, type Conversation } from './continue-conversation.ts';

/** One call to the model, before it is made. */
export interface CallToRecord {
  dialect: ChatDialect;
  messages: readonly ChatMessage[];
  options: RenderOptions;
}

/** A call that is under way. Exactly one of its two ends must be told. */
export interface RecordedCall {
  /** The token ids to send to the engine. */
  prompt: readonly number[];
  /** The text that the prompt is, joints included, and the messages as they were recognized. */
  promptText: string;
  finish: (generation: Generation, message: ChatMessage, stopReason: EpisodeTurn['stopReason']) => void;
  /** The engine gave nothing: the call leaves no trace. */
  fail: () => void;
}

interface SequenceRecord {
  segments: EpisodeSegment[];
  startedBecause: string | undefined;
  /** Where it stands; undefined while its first call is under way. */
  conversation: Conversation | undefined;
  busy: boolean;
}

interface TurnRecord {
  order: number;
  sequence: SequenceRecord;
  segment: number;
  turn: Omit<EpisodeTurn, 'sequence' | 'segment'>;
}

type Start = { sequence: SequenceRecord; segments: EpisodeSegment[]; prompt: number[]; promptText: string; messages: readonly ChatMessage[] };

export class EpisodeRecorder {
  readonly #started = performance.now();
  readonly #sequences: SequenceRecord[] = [];
  readonly #turns: TurnRecord[] = [];
  readonly #toolResults: ToolResultRecord[] = [];
  #calls = 0;
  #messages: readonly ChatMessage[] = [];

  /** The episode so far. Calls that are under way are not in it. */
  get episode(): Pick<Episode, 'sequences' | 'turns' | 'messages' | 'toolResults'> {
    const sequences = this.#sequences.filter(({ segments }) => segments.length > 0);
    return {
      sequences: sequences.map(({ segments, startedBecause }) => ({ segments: [...segments], ...(startedBecause === undefined ? {} : { startedBecause }) })),
      turns: this.#turns.map(({ sequence, segment, turn }) => ({ sequence: sequences.indexOf(sequence), segment, ...turn })),
      messages: this.#messages,
      toolResults: [...this.#toolResults],
    };
  }

  /** Keeps what a tool gave. The model reads it as a message of the next call; this is the account of it. */
  addToolResult(result: ToolResultRecord): void {
    this.#toolResults.push(result);
  }

  /** The whole episode. Throws while a call is under way, whose tokens would be lost. */
  finish(end: EpisodeEnd): Episode {
    const underWay = this.#sequences.filter(({ busy }) => busy).length;
    if (underWay > 0) throw new Error(`${underWay} calls of the episode are still under way`);
    return { ...this.episode, end, seconds: (performance.now() - this.#started) / 1000 };
  }

  /** Called by the chat model before it generates. Throws R5Error when the template refuses the conversation. */
  begin(call: CallToRecord): RecordedCall {
    const start = this.#continue(call) ?? this.#startSequence(call);
    const { sequence, segments, prompt, promptText, messages } = start;
    const began = performance.now();
    const order = this.#calls++;
    sequence.busy = true;
    return {
      prompt,
      promptText,
      finish: (generation, message, stopReason) => {
        sequence.busy = false;
        const { tokens, logprobs, weightsVersion } = generation;
        sequence.segments.push(...segments, { source: 'model', tokens, logprobs, weightsVersion });
        const written = new Set([...(sequence.conversation?.written ?? []), messages.length]);
        const ids = [...prompt, ...tokens];
        sequence.conversation = { dialect: call.dialect, options: call.options, messages: [...messages, message], written, promptText, ids };
        const seconds = (performance.now() - began) / 1000;
        this.#turns.push({ order, sequence, segment: sequence.segments.length - 1, turn: { message, stopReason, seconds } });
        this.#turns.sort((a, b) => a.order - b.order);
        this.#messages = sequence.conversation.messages;
      },
      fail: () => {
        sequence.busy = false;
        if (sequence.segments.length === 0) this.#sequences.splice(this.#sequences.indexOf(sequence), 1);
      },
    };
  }

  /** Where the call goes on, if it does: the sequence that shares most with it. */
  #continue({ dialect, messages, options }: CallToRecord): Start | undefined {
    let best: Start | undefined;
    for (const sequence of this.#sequences) {
      if (sequence.busy || !sequence.conversation) continue;
      const going = continueConversation(sequence.conversation, dialect, messages, options);
      if (typeof going === 'string' || (best && best.prompt.length >= going.prompt.length)) continue;
      best = { sequence, ...going };
    }
    return best;
  }

  #startSequence({ dialect, messages, options }: CallToRecord): Start {
    const startedBecause = this.#reason({ dialect, messages, options });
    const promptText = dialect.render(messages, { ...options, addGenerationPrompt: true });
    const prompt = dialect.encode(promptText);
    const sequence: SequenceRecord = { segments: [], startedBecause, conversation: undefined, busy: true };
    this.#sequences.push(sequence);
    return { sequence, segments: [{ source: 'prompt', tokens: prompt }], prompt, promptText, messages };
  }

  #reason({ dialect, messages, options }: CallToRecord): string | undefined {
    if (this.#sequences.length === 0) return undefined;
    const latest = this.#sequences.findLast(({ busy, conversation }) => !busy && conversation)?.conversation;
    const going = latest && continueConversation(latest, dialect, messages, options);
    if (typeof going === 'string' && !this.#sequences.some(({ busy }) => busy)) return going;
    return 'another call of the episode was still under way';
  }
}
