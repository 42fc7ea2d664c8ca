/** An episode that is being recorded: its calls go to the model, and what they gave to the disk before the client learns of it. */
import type { ChatEvent, ChatModel, ChatRequest } from '../../chat/chat-request.ts';
import type { SamplingParams } from '../../engine/engine.ts';
import { hashWords } from '../../random.ts';
import type { Episode } from '../../task/episode.ts';
import { ApiError } from '../api-error.ts';
import { CallRecorder } from './call-recorder.ts';
import { applyCall, asEpisode, type EpisodeData } from './episode-data.ts';
import type { CallLine } from './episode-line.ts';

export interface OpenEpisodeOptions {
  id: string;
  /** The task's row that it is about. */
  row?: number | undefined;
  begunMs: number;
  /** What was recorded before the server was started. */
  data: EpisodeData;
  /** Takes the place of what clients ask for: the trainer's. `maxTokens` is for all calls together. */
  sampling?: (SamplingParams & { seed: number }) | undefined;
  /** Resolves when the line is on the disk. */
  append: (line: CallLine) => Promise<void>;
}

export class OpenEpisode {
  readonly id: string;
  readonly row: number | undefined;
  readonly #options: OpenEpisodeOptions;
  readonly #calls: CallRecorder;
  readonly #data: EpisodeData;
  #underWay = 0;
  #begun = 0;
  #written = 0;
  #answeredMs: number;
  #closed = false;

  constructor(options: OpenEpisodeOptions) {
    this.id = options.id;
    this.row = options.row;
    this.#options = options;
    this.#data = options.data;
    this.#calls = new CallRecorder(options.data);
    this.#answeredMs = performance.now();
  }

  get calls(): number {
    return this.#data.turns.length;
  }

  get callsUnderWay(): number {
    return this.#underWay;
  }

  /** All of it. */
  get episode(): Episode {
    return asEpisode(this.#data, (Date.now() - this.#options.begunMs) / 1000);
  }

  /** No more calls. */
  close(): void {
    this.#closed = true;
  }

  /** A call that is recorded. Throws ApiError for an episode that has ended. */
  stream(model: Pick<ChatModel, 'stream'>, request: ChatRequest): AsyncIterable<ChatEvent> {
    if (this.#closed) throw closedError(this.id);
    const sampling = this.#samplingOf(request.sampling);
    this.#calls.noteToolResults(request.messages, (performance.now() - this.#answeredMs) / 1000);
    const events = model.stream({ ...request, sampling, recorder: this.#calls.recorder });
    this.#underWay++;
    return this.#recorded(events, sampling.temperature ?? 1);
  }

  async *#recorded(events: AsyncIterable<ChatEvent>, temperature: number): AsyncGenerator<ChatEvent, void, undefined> {
    try {
      for await (const event of events) {
        if (event.type === 'finish') {
          this.#written += event.answer.generation.tokens.length;
          this.#answeredMs = performance.now();
          await this.#save(temperature);
        }
        yield event;
      }
    } finally {
      this.#underWay--;
      // A client that hung up has left half an answer, which is recorded as such.
      await this.#save(temperature);
    }
  }

  async #save(temperature: number): Promise<void> {
    const changes = this.#calls.changes(this.#data.messages);
    if (!changes) return;
    const line: CallLine = { type: 'call', time: new Date().toISOString(), episode: this.id, temperature, ...changes };
    applyCall(this.#data, line);
    await this.#options.append(line);
  }

  #samplingOf(asked: ChatRequest['sampling']): ChatRequest['sampling'] {
    const { sampling } = this.#options;
    if (!sampling) return asked;
    const left = sampling.maxTokens - this.#written;
    if (left <= 0) {
      throw new ApiError(409, `The episode '${this.id}' has written its ${sampling.maxTokens} tokens; post its reward.`, { code: 'episode_out_of_tokens' });
    }
    return {
      ...sampling,
      ...(asked.stop === undefined ? {} : { stop: asked.stop }),
      maxTokens: Math.min(asked.maxTokens ?? left, left),
      // Each call draws anew, and a repeated run draws the same.
      seed: hashWords(sampling.seed, ++this.#begun),
    };
  }
}

export const closedError = (id: string): ApiError => new ApiError(409, `The episode '${id}' has ended; begin another.`, { code: 'episode_closed' });
