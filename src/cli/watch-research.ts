/** Follows a research run that another process works on, by its journal. */
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { readJournal } from '../research/loop/journal-file.ts';
import { journalPath, type ResearchRun } from '../research/loop/run-folder.ts';
import { runLockHolder } from '../run/run-lock.ts';
import { watchForInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import { researchProgress } from './research-progress.ts';
import { limitsOf, researchSettings } from './research-settings.ts';
import { typedName } from './typed-name.ts';

const LOOK_MS = 300;

/** Until the run ends, nobody works on it any more, or Ctrl-C. Changes nothing. */
export async function watchResearch(run: ResearchRun, output: Output): Promise<void> {
  const settings = researchSettings.safeParse(run.settings);
  const progress = researchProgress(output, { limits: settings.success ? limitsOf(settings.data) : {}, watching: true });
  const interrupt = watchForInterrupt(() => {});
  try {
    for await (const event of eventsOf(run, interrupt.signal)) progress.event(event);
    progress.end();
    if (!interrupt.signal.aborted && !hasEnded(readJournal(journalPath(run)))) output.line(`Nobody works on it now. ${typedName()} resume ${run.id} goes on with it.`);
  } finally {
    progress.end();
    interrupt.release();
  }
}

async function* eventsOf(run: ResearchRun, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
  let seen = 0;
  let size = -1;
  while (!signal.aborted) {
    // Before the journal is read, so that nothing is missed of a process that ends in between.
    const isWorking = runLockHolder(run.directory) !== undefined;
    const now = statSync(journalPath(run)).size;
    const events = now === size ? [] : readJournal(journalPath(run));
    size = now;
    yield* events.slice(seen);
    seen = Math.max(seen, events.length);
    if (!isWorking || hasEnded(events)) return;
    await sleep(LOOK_MS, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

const hasEnded = (events: readonly NumberedEvent[]): boolean => events.at(-1)?.type === 'closed';
