/** Follows the recorder of an episode and tells, after each call, what is new in it. */
import { EpisodeRecorder } from '../../chat/episode-recorder.ts';
import type { ChatMessage, ToolCall } from '../../chat-message.ts';
import type { EpisodeSegment, EpisodeSequence } from '../../task/episode.ts';
import type { EpisodeData } from './episode-data.ts';
import type { CallLine } from './episode-line.ts';

const RESTARTED = 'the server was started anew, and knows the conversation only as text';

interface Place {
  /** Which sequence of the record it is. The recorder's own numbers change while calls are under way. */
  index: number;
  /** Segments that have been told of. */
  told: number;
}

export class CallRecorder {
  readonly recorder = new EpisodeRecorder();
  readonly #before: number;
  /** By the first segment, which stays the same object. */
  readonly #places = new Map<EpisodeSegment, Place>();
  readonly #toldTurns = new Set<ChatMessage>();
  readonly #seenResults: Set<string>;
  #toldResults = 0;

  /** `sofar`: what was recorded before the server was started. */
  constructor(sofar: EpisodeData) {
    this.#before = sofar.sequences.length;
    this.#seenResults = new Set(sofar.messages.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id])));
  }

  /** The agent runs its tools itself; what they gave stands in the next prompt. */
  noteToolResults(messages: readonly ChatMessage[], seconds: number): void {
    const calls = new Map(messages.flatMap(({ tool_calls: made = [] }) => made.map((call): [string | undefined, ToolCall] => [call.id, call])));
    for (const { role, content, tool_call_id: id, name } of messages) {
      if (role !== 'tool' || id === undefined || this.#seenResults.has(id)) continue;
      this.#seenResults.add(id);
      const call = calls.get(id)?.function;
      this.recorder.addToolResult({ name: call?.name ?? name ?? '', arguments: call?.arguments ?? {}, result: content ?? '', seconds });
    }
  }

  /** What is new; undefined when no call has ended. */
  changes(messages: readonly ChatMessage[]): Omit<CallLine, 'type' | 'time' | 'episode' | 'temperature'> | undefined {
    const { episode } = this.recorder;
    const ended = episode.turns.filter(({ message }) => !this.#toldTurns.has(message));
    if (ended.length === 0) return undefined;
    const added = episode.sequences.flatMap((sequence) => this.#added(sequence));
    const turns = ended.map((turn) => ({ ...turn, sequence: this.#placeOf(episode.sequences[turn.sequence])?.index ?? 0 }));
    for (const { message } of ended) this.#toldTurns.add(message);
    const toolResults = episode.toolResults.slice(this.#toldResults).map((result) => ({ ...result, arguments: asJson(result.arguments) }));
    this.#toldResults = episode.toolResults.length;
    const differs = episode.messages.findIndex((message, i) => JSON.stringify(message) !== JSON.stringify(messages[i]));
    const keep = differs < 0 ? episode.messages.length : differs;
    return { added, turns, toolResults, messages: { keep, add: episode.messages.slice(keep) } };
  }

  #added(sequence: EpisodeSequence): CallLine['added'] {
    const place = this.#placeOf(sequence);
    if (!place || place.told === sequence.segments.length) return [];
    const segments = sequence.segments.slice(place.told).map(copied);
    const isNew = place.told === 0;
    place.told = sequence.segments.length;
    const reason = sequence.startedBecause ?? (place.index > 0 ? RESTARTED : undefined);
    return [{ sequence: place.index, ...(isNew && reason !== undefined ? { startedBecause: reason } : {}), segments }];
  }

  #placeOf(sequence: EpisodeSequence | undefined): Place | undefined {
    const first = sequence?.segments[0];
    if (!first) return undefined;
    const known = this.#places.get(first) ?? { index: this.#before + this.#places.size, told: 0 };
    this.#places.set(first, known);
    return known;
  }
}

/** Arrays of their own, as the log's schema has them. */
function copied(segment: EpisodeSegment): CallLine['added'][number]['segments'][number] {
  return segment.source === 'model' ? { ...segment, tokens: [...segment.tokens], logprobs: [...segment.logprobs] } : { ...segment, tokens: [...segment.tokens] };
}

/** Arguments as the model wrote them, parsed where they are JSON. */
function asJson(given: unknown): CallLine['toolResults'][number]['arguments'] {
  if (typeof given !== 'string') return JSON.parse(JSON.stringify(given ?? null));
  try {
    return JSON.parse(given);
  } catch {
    // Whatever the model wrote there is what the tool got.
    return given;
  }
}
