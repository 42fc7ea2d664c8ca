import { R5Error } from '../../error.ts';

/** A replay came to an effect that its journal has no result of. */
export class ReplayError extends R5Error {
  override readonly name = 'ReplayError';
  readonly kind: string;

  constructor(kind: string) {
    super(`The replay ends here: the run has no recorded result for the next step (${kind}). It was stopped before; go on with it by r5 resume.`);
    this.kind = kind;
  }
}
