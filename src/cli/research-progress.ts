/** How a research run is shown while it goes on: redrawn in place where there is a terminal, otherwise a line an event. */
import type { BudgetLimits } from '../research/loop/budget.ts';
import { eventLine } from '../research/loop/event-line.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { lineWidth, printLine } from './live-view.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { ResearchState } from './research-state.ts';
import { renderResearch } from './research-view.ts';
import { Screen } from './screen.ts';

export interface ResearchProgress {
  event(event: NumberedEvent): void;
  /** A signal has come. */
  stopping(): void;
  /** Gives the terminal away while the user is asked something. */
  quietly<Result>(ask: () => Promise<Result>): Promise<Result>;
  end(): void;
}

export interface ProgressOptions {
  limits: BudgetLimits;
  /** Another process does the work: all that it did is told, and Ctrl-C does not end it. */
  watching?: boolean;
}

export function researchProgress(output: Output, options: ProgressOptions): ResearchProgress {
  return output.live ? new LiveResearch(output, options) : new PlainResearch(output, options);
}

/** A run that is gone on with does not tell again what was done before. */
class PlainResearch implements ResearchProgress {
  readonly #output: Output;
  readonly #since: string;

  constructor(output: Output, { watching = false }: ProgressOptions) {
    this.#output = output;
    this.#since = watching ? '' : new Date().toISOString();
  }

  event(event: NumberedEvent): void {
    const line = event.time < this.#since ? undefined : eventLine(event);
    if (line !== undefined) this.#output.line(printable(line));
  }

  stopping(): void {
    this.#output.line('stopping; what was paid for is kept');
  }

  quietly<Result>(ask: () => Promise<Result>): Promise<Result> {
    return ask();
  }

  end(): void {}
}

const REDRAW_MS = 250;

class LiveResearch implements ResearchProgress {
  readonly #output: Output;
  readonly #state: ResearchState;
  #screen: Screen | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  readonly #watching: boolean;

  constructor(output: Output, { limits, watching = false }: ProgressOptions) {
    this.#output = output;
    this.#watching = watching;
    this.#state = new ResearchState(limits);
  }

  /** Drawn by the clock alone: a journal that is read again has thousands of events at once. */
  event(event: NumberedEvent): void {
    this.#state.add(event);
    if (this.#screen === undefined) this.#begin();
  }

  stopping(): void {
    this.#stopping = true;
    this.#draw();
  }

  async quietly<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.end();
    try {
      return await ask();
    } finally {
      this.#begin();
    }
  }

  end(): void {
    if (this.#screen === undefined) return;
    clearInterval(this.#timer);
    this.#output.stream.off('resize', this.#draw);
    this.#draw();
    this.#screen.close();
    this.#screen = undefined;
  }

  #begin(): void {
    this.#screen = new Screen(this.#output.stream);
    this.#timer = setInterval(this.#draw, REDRAW_MS).unref();
    this.#output.stream.on('resize', this.#draw);
  }

  readonly #draw = (): void => {
    const screen = this.#screen;
    if (screen === undefined) return;
    const lines = renderResearch(this.#state, { nowMs: Date.now(), columns: screen.columns, stopping: this.#stopping, watching: this.#watching });
    screen.draw(lines.map((line) => ({ text: printLine(line, this.#output.colour), width: lineWidth(line) })));
  };
}
