import { R5Error } from '../error.ts';

/**
 * Something native with more than one holder: its owner, and every run under way that reads or writes it. `release` takes it from its
 * owner, after which using it is an error; the memory itself goes when the last holder has let go.
 */
export abstract class SharedHandle {
  /** What an error calls it: `session "decode"`. */
  readonly label: string;
  #holders = 1;
  #released = false;

  constructor(label: string) {
    this.label = label;
  }

  get released(): boolean {
    return this.#released;
  }

  /** Throws R5Error after `release`. */
  assertAlive(): void {
    if (this.#released) throw new R5Error(`${this.label} was released and cannot be used any more`);
  }

  hold(): void {
    this.#holders += 1;
  }

  drop(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.destroy();
  }

  /** Gives the native memory back, at once or when the run that uses it ends. Releasing twice does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.detach();
    this.drop();
  }

  /** Cuts what must not be reached any more once it is released. */
  protected detach(): void {}

  /** Frees the native memory. Called once. */
  protected abstract destroy(): void;
}
