/** What reads the part of an answer that holds tool calls, as it comes. */

/** Told of calls as they are read. */
export interface CallSink {
  /** `id` where the model wrote one. */
  start: (name: string, id?: string) => void;
  /** More of the text of the arguments. */
  arguments: (text: string) => void;
  end: () => void;
}

export interface CallReader {
  /** `done`: the calls have ended, and `rest` is what follows. `failed`: what was written is no call, and `rest` is all that became none. */
  push: (text: string) => 'more' | 'done' | 'failed';
  /** The answer ends here. A call whose arguments had begun is ended as it is. */
  finish: () => 'done' | 'failed';
  readonly rest: string;
}
