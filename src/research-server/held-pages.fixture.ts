/** For tests of what is broken off: pages of which none is read before the run is ended, so that it cannot come to its end first. */
import type { HitReader } from '../research/loop/research-context.ts';
import { worldPages } from '../research/loop/scripted-world.fixture.ts';

export interface HeldPages {
  readPage: HitReader;
  /** From here on pages are read. */
  release: () => void;
}

/** `onFirst` is called when the first page is asked for. */
export function heldPages(onFirst: () => void): HeldPages {
  let isHeld = true;
  let asked = 0;
  return {
    release: () => (isHeld = false),
    readPage: async (hit, options) => {
      asked++;
      if (asked === 1) onFirst();
      if (isHeld) await ended(options.signal);
      return worldPages(hit, options);
    },
  };
}

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
