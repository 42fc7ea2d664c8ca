/** Ctrl-C: the first one asks the work to stop cleanly, the second one ends the process at once. */
import { exitCodes } from './exit-codes.ts';

/** A terminal and npm may both pass on one Ctrl-C; what comes this soon after the first is the same one. */
const SAME_PRESS_MS = 300;

export interface Interrupt {
  signal: AbortSignal;
  /** Gives signals their usual meaning back. */
  release(): void;
}

/** Watches for SIGINT and SIGTERM; `onFirst` is told when the first one comes. */
export function watchForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let firstMs = 0;
  const handle = (): void => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort();
      onFirst();
    } else if (performance.now() - firstMs > SAME_PRESS_MS) process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
