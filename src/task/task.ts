/**
 * A task is data plus a reward. The same object serves training, evaluation and `r5 validate`, which needs no model: the known
 * solution of a row must score full marks and a corrupted one must not.
 */

import type { Episode } from './episode.ts';
import type { Tool } from './tool.ts';

/** What the grader made of an answer. `unparsable` means that no answer could be read, which is not the same as a wrong one. */
export type Verdict = 'correct' | 'wrong' | 'unparsable';

export interface Score {
  /** What training maximizes. Full marks are 1. */
  reward: number;
  verdict: Verdict;
  /** Components of the reward by name, logged apart. */
  parts?: Record<string, number>;
  /** What components say in words, by name, such as a judge's reason: for people who read the log. */
  notes?: Record<string, string>;
}

/** What the grader gets to see of one answer. */
export interface Answer {
  /** The completion as text, without the end token. */
  text: string;
  /** Number of completion tokens, end token included. */
  tokens: number;
  /** Why the model stopped: it ended by itself (end token or stop string), or it hit the limit. */
  stopReason: 'stop' | 'length';
  /** The whole course of it, for a task with tools; `text` is then what the model said last. */
  episode?: Episode;
}

/** Where an episode ends at the latest. */
export interface EpisodeLimits {
  /** Calls of the model. Default 8. */
  turns?: number;
  /** Tool calls that may fail (throw, time out, not fit). Default 8. */
  toolErrors?: number;
  /** Time of the whole episode. Default none. */
  timeoutMs?: number;
}

export interface Task<Row = unknown> {
  /** Lower-case name, as typed on the command line. */
  name: string;
  /** One sentence for `--help`. */
  description: string;
  /** Rows to train on. Called once a run. */
  train: () => readonly Row[] | Promise<readonly Row[]>;
  /** Held-out rows, disjoint from the training rows. */
  test: () => readonly Row[] | Promise<readonly Row[]>;
  /** The text that the model continues. */
  prompt: (row: Row) => string;
  /** The prompt is what a user would say: a model with a chat template gets it as the user's message. Default false: as a text. */
  asksAsUser?: boolean;
  /** Longest completion, in tokens; with tools, of all turns together. */
  maxTokens: number;
  /** Tools that the model may call; the prompt is then the user's message, whatever `asksAsUser` says. */
  tools?: (row: Row) => readonly Tool[];
  /** The system message of a task with tools. */
  system?: string;
  limits?: EpisodeLimits;
  /** Texts that end a completion besides the model's end token, special tokens (`<s>`) among them; they are kept in the completion. */
  stop?: readonly string[];
  /** Throws `LostRollout` where it cannot find out, through no fault of the answer. */
  score: (row: Row, answer: Answer) => Score | Promise<Score>;
  /**
   * Scores that depend on the other answers of the group, such as a ranking. In training, called with a group's answers once each of them has
   * its score; what it returns, in the same order, takes the place of these. Evaluation uses `score` alone.
   */
  scoreGroup?: (row: Row, answers: readonly Answer[], scores: readonly Score[]) => readonly Score[] | Promise<readonly Score[]>;
  /**
   * An independent look at an answer, such as a stricter grader: 1 for a good one, 0 for a bad one. Nothing is trained on it; a run warns
   * when the reward climbs while it falls.
   */
  audit?: (row: Row, answer: Answer) => number | Promise<number>;
  /** A completion that earns full marks; with tools, the last message. `r5 validate` and `r5 sft` use it. */
  solution?: (row: Row) => string;
  /** Tool calls that lead to the solution, in order. `r5 validate` makes them and shows the grader their results. */
  solutionCalls?: (row: Row) => readonly { name: string; arguments: unknown }[];
  /** Completions that must not earn full marks, for `r5 validate`. Without it, validation corrupts the solution itself. */
  corruptions?: (row: Row) => readonly string[];
}

/** Gives a task its row type by inference: `export default defineTask({ ... })`. */
export function defineTask<Row>(task: Task<Row>): Task<Row> {
  return task;
}
