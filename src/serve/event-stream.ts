/** Server-sent events: an answer that reaches the client as it is written. */

export type ServerSentEvent = DataEvent | KeepAlive;

export interface DataEvent {
  /** Left out where the protocol has only one kind. */
  event?: string;
  data: string;
}

/** A line that clients pass over; it keeps a connection open on which nothing else comes for a while. */
export interface KeepAlive {
  comment: string;
}

export interface EventStreamOptions {
  /** Called once, when the last event is written or the client is gone. */
  onEnd: () => void;
  /** A client that takes nothing for this long is cut off. */
  stallMs: number;
  /** Closes the connection. */
  hangUp: () => void;
  /** Says in the stream itself what went wrong: the status has been sent. */
  describeFailure: (error: unknown) => ServerSentEvent;
}

function encode(sent: ServerSentEvent): string {
  if ('comment' in sent) return `: ${sent.comment}\n\n`;
  const { event, data } = sent;
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}

/**
 * Waits for the first event, so that a request which fails at once gets a status of its own (`first` throws), and then answers with a stream.
 * Events are taken as they come, whether or not the client reads: a slow reader must not hold a row of the decoder.
 */
export async function eventStream(events: Events, options: EventStreamOptions): Promise<Response> {
  let first: IteratorResult<ServerSentEvent, void>;
  try {
    first = await events.next();
  } catch (error) {
    options.onEnd();
    throw error;
  }
  const stream = pushEvents(first, events, options);
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' },
  });
}

type Events = AsyncGenerator<ServerSentEvent, void, undefined>;

function pushEvents(first: IteratorResult<ServerSentEvent, void>, events: Events, { onEnd, stallMs, hangUp, describeFailure }: EventStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const flow = { open: true, finished: false, pushed: 0 };
  let watch: NodeJS.Timeout | undefined;
  const close = (): void => {
    flow.open = false;
    clearInterval(watch);
  };
  const pump = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const push = (event: ServerSentEvent): void => {
      if (!flow.open) return;
      flow.pushed++;
      controller.enqueue(encoder.encode(encode(event)));
    };
    try {
      if (!first.done) push(first.value);
      for await (const event of events) push(event);
    } catch (error) {
      push(describeFailure(error));
    } finally {
      flow.finished = true;
      onEnd();
    }
    if (flow.open) controller.close();
  };
  const source = {
    start: (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      const isStalled = stallDetector(stallMs);
      watch = setInterval(() => {
        const pending = -(controller.desiredSize ?? 0);
        if (flow.finished && pending === 0) close();
        else if (isStalled(pending, flow.pushed - pending)) {
          close();
          hangUp();
        }
      }, stallMs / 4).unref();
      void pump(controller);
    },
    cancel: async (): Promise<void> => {
      close();
      await events.return();
    },
  };
  // With no room of its own, what the stream holds is what the client has not taken.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** Tells whether, with something pending, nothing has been taken for `stallMs`. */
function stallDetector(stallMs: number): (pending: number, taken: number) => boolean {
  let lastTaken = -1;
  let sinceMs = performance.now();
  return (pending, taken) => {
    if (pending > 0 && taken === lastTaken) return performance.now() - sinceMs >= stallMs;
    lastTaken = taken;
    sinceMs = performance.now();
    return false;
  };
}
