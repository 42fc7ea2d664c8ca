/** How long a run has worked, over all the processes that worked on it. */
import type { JournalEvent } from './journal-event.ts';

export function workedSeconds(events: readonly JournalEvent[]): number {
  let seconds = 0;
  let since: number | undefined;
  let last = 0;
  for (const event of events) {
    const at = Date.parse(event.time);
    if (event.type === 'opened') {
      if (since !== undefined) seconds += (last - since) / 1000;
      since = at;
    }
    last = at;
  }
  return since === undefined ? seconds : seconds + (last - since) / 1000;
}
