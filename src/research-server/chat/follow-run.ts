/** A run as a stream of what there is to tell of it. */
import { EventQueue } from '../../chat/event-queue.ts';
import type { ResearchResult } from '../../research/loop/research-result.ts';
import { cutOffError } from '../../serve/cut-off.ts';
import type { Slots } from '../../serve/slots.ts';
import { progressLine } from '../progress-line.ts';
import type { ResearchRequest, ResearchService } from '../research-service.ts';

export type RunTold =
  | { type: 'begun'; run: string }
  | { type: 'progress'; text: string }
  /** Nothing is new, and it goes on. */
  | { type: 'waiting' }
  | { type: 'ended'; result: ResearchResult };

export interface FollowRunOptions {
  service: ResearchService;
  slots: Slots;
  signal: AbortSignal;
  /** How long nothing may come before it says that it is still there. */
  aliveMs: number;
}

/** Waits for its turn, and runs. A reader that stops reading stops the run; it can be gone on with. Throws what `research` throws, and ApiError when `signal` is aborted. */
export async function* followRun(request: Omit<ResearchRequest, 'signal' | 'onEvent'>, { service, slots, signal, aliveMs }: FollowRunOptions): AsyncGenerator<RunTold, void, undefined> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const told = new EventQueue<RunTold>();
  const alive = setInterval(() => told.push({ type: 'waiting' }), aliveMs);
  const work = async (): Promise<void> => {
    if (slots.busy >= slots.size) told.push({ type: 'progress', text: `waiting for ${slots.waiting + 1} other ${slots.waiting === 0 ? 'run' : 'runs'} to end` });
    const free = await slots.acquire(controller.signal);
    if (!free) throw cutOffError(controller.signal);
    try {
      const result = await service.run({
        ...request,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'run') told.push({ type: 'begun', run: event.id });
          const text = progressLine(event);
          if (text !== undefined) told.push({ type: 'progress', text });
        },
      });
      told.push({ type: 'ended', result });
    } finally {
      free();
    }
  };
  const settled = work().then(
    () => told.end(),
    (error: unknown) => told.fail(controller.signal.aborted ? cutOffError(controller.signal) : error),
  );
  try {
    yield* told;
  } finally {
    clearInterval(alive);
    signal.removeEventListener('abort', stop);
    controller.abort();
    await settled;
  }
}
