/** The choices of one request (`n`), written side by side; each takes a slot of its own. */
import { EventQueue } from '../chat/event-queue.ts';
import { cutOffError } from './cut-off.ts';
import type { Slots } from './slots.ts';

export interface ChoiceEvent<Event> {
  index: number;
  event: Event;
}

/**
 * Events of all choices as they come. `start` begins one when it has its slot. The first failure ends them all; so does a reader that stops
 * reading. Throws when `signal` is aborted while a choice waits for its slot; those that are under way see the signal themselves.
 */
export async function* runChoices<Event>(
  count: number,
  slots: Slots,
  signal: AbortSignal,
  start: (index: number, signal: AbortSignal) => AsyncIterable<Event>,
): AsyncGenerator<ChoiceEvent<Event>, void, undefined> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const events = new EventQueue<ChoiceEvent<Event>>();
  const run = async (index: number): Promise<void> => {
    const free = await slots.acquire(controller.signal);
    if (!free) throw cutOffError(controller.signal);
    try {
      for await (const event of start(index, controller.signal)) events.push({ index, event });
    } finally {
      free();
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, index) => run(index)));
  const settled = all.then(
    () => events.end(),
    (error: unknown) => {
      events.fail(error);
      controller.abort();
    },
  );
  try {
    yield* events;
    await settled;
  } finally {
    signal.removeEventListener('abort', stop);
    controller.abort();
  }
}
