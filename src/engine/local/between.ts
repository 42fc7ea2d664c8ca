/**
 * Called within long work at places where other work on the same weights may go in between, with the milliseconds that the piece of work before
 * took. What it runs must leave alone the buffers of the work that it interrupts.
 */
export type Between = (elapsedMs: number) => Promise<void>;
