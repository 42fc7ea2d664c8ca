/** The live view on a terminal: drawn at every event, and twice a second for the clock. */
import type { NewEvent } from '../run/event.ts';
import { lineWidth, printLine, renderLive } from './live-view.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import { advance, startOf, type ProgressState, type RunPlan } from './progress-state.ts';
import { Screen } from './screen.ts';

const REDRAW_MS = 500;

export class LiveProgress implements Progress {
  readonly #output: Output;
  #screen: Screen | undefined;
  #state: ProgressState | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #draw = (): void => this.#render();

  constructor(output: Output) {
    this.#output = output;
  }

  begin(plan: RunPlan, curve: readonly number[] = []): void {
    this.#state = startOf(plan, performance.now(), curve);
    this.#screen = new Screen(this.#output.stream);
    this.#timer = setInterval(this.#draw, REDRAW_MS).unref();
    this.#output.stream.on('resize', this.#draw);
    this.#render();
  }

  event(event: NewEvent): void {
    if (!this.#state) return;
    this.#state = advance(this.#state, event, performance.now());
    // A step brings one event for each of its episodes, which show nothing here.
    if (event.type !== 'episode') this.#render();
  }

  stopping(): void {
    if (!this.#state) return;
    this.#state = { ...this.#state, stopping: true };
    this.#render();
  }

  end(): void {
    if (!this.#screen) return;
    clearInterval(this.#timer);
    this.#output.stream.off('resize', this.#draw);
    this.#screen.close();
    this.#screen = undefined;
  }

  #render(): void {
    const screen = this.#screen;
    if (!screen || !this.#state) return;
    const lines = renderLive(this.#state, performance.now(), screen.columns);
    screen.draw(lines.map((line) => ({ text: printLine(line, this.#output.colour), width: lineWidth(line) })));
  }
}
