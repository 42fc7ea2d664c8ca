/**
 * An error for the person who caused it: the message says what was wrong, with the value and the place, and what to do about it.
 * The command line prints it without a stack trace; anything else that is thrown is a defect of r5 and keeps its stack.
 */
export class R5Error extends Error {
  override readonly name: string = 'R5Error';
}
