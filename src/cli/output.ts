/** Where a command writes: what people read, and the one JSON value that machines read. */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export class Output {
  readonly json: boolean;
  /** What people read goes to stdout, or to stderr when stdout is for machines. */
  readonly stream: NodeJS.WriteStream;
  readonly colour: boolean;

  constructor(json: boolean) {
    this.json = json;
    this.stream = json ? process.stderr : process.stdout;
    this.colour = Boolean(this.stream.isTTY) && this.stream.hasColors();
  }

  /** Whether a view can be redrawn in place. */
  get live(): boolean {
    return !this.json && Boolean(this.stream.isTTY) && !process.env.CI && process.env.TERM !== 'dumb';
  }

  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return paint(style, text, this.colour);
  }

  /** The command's result; with --json the last line of stdout. */
  result(value: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

/** The text in a style, where colours are wanted. */
export function paint(style: Style | undefined, text: string, colour: boolean): string {
  return colour && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}
