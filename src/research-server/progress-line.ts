/** What a run does, in lines for whoever waits for it. They hold words of pages, and are shown where Markdown may be: nothing in them is markup. */
import { eventLine } from '../research/loop/event-line.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { neutralized } from '../research/loop/outside-text.ts';

/** Undefined for events that say nothing to people. */
export function progressLine(event: NumberedEvent): string | undefined {
  const line = eventLine(event);
  return line === undefined ? undefined : withoutMarkup(neutralized(line));
}

/** No tag, no image, no link that hides its address. */
const withoutMarkup = (text: string): string => text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('](', '] (').replaceAll('![', '! [').replaceAll('`', "'");
