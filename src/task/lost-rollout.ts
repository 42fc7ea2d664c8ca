import { R5Error } from '../error.ts';

/**
 * Thrown by a grader that could not find out what an answer is worth, through no fault of the answer: a judge that stayed out of reach, a
 * service that was down. The rollout is lost; it does not count as a bad one, and the run goes on while few are.
 */
export class LostRollout extends R5Error {
  override readonly name = 'LostRollout';
}
