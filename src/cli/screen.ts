/** A few lines at the bottom of a terminal that are redrawn in place, with plain ANSI codes. */

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[0J';
const CLEAR_REST_OF_LINE = '\x1b[K';

/** A line with its colour codes, and its width in columns without them. */
export interface ScreenLine {
  text: string;
  width: number;
}

export class Screen {
  readonly #stream: NodeJS.WriteStream;
  /** Widths of the lines that stand on the terminal. */
  #drawn: number[] = [];
  readonly #showCursor = (): void => void this.#stream.write(SHOW_CURSOR);

  /** Hides the cursor until `close`; should the process end before, the cursor comes back all the same. */
  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    process.on('exit', this.#showCursor);
    stream.write(HIDE_CURSOR);
  }

  /** Columns that a line may take; the last one stays free, because some terminals break the line there. */
  get columns(): number {
    return Math.max(10, (this.#stream.columns || 80) - 1);
  }

  /** Draws the lines over those of the last call; what does not fit the terminal's height is left out. */
  draw(lines: readonly ScreenLine[]): void {
    const shown = lines.slice(0, Math.max(1, (this.#stream.rows || 24) - 1));
    const text = shown.map((line) => `${line.text}${CLEAR_REST_OF_LINE}\n`).join('');
    this.#stream.write(`${this.#toTop()}${text}${CLEAR_BELOW}`);
    this.#drawn = shown.map(({ width }) => width);
  }

  /** Leaves the last lines where they are and gives the terminal back. */
  close(): void {
    process.off('exit', this.#showCursor);
    this.#showCursor();
  }

  /** To the first column of the first drawn line. A terminal that has become narrower has broken lines into several rows. */
  #toTop(): string {
    const columns = this.#stream.columns || 80;
    const rows = this.#drawn.reduce((total, width) => total + Math.max(1, Math.ceil(width / columns)), 0);
    return rows === 0 ? '\r' : `\x1b[${rows}A\r`;
  }
}
