/** How far a run goes. */
export const depthNames = ['quick', 'normal', 'deep'] as const;
export type DepthName = (typeof depthNames)[number];

export interface Depth {
  /** Times that the open questions are searched for. */
  rounds: number;
  /** Most questions of the plan. */
  questions: number;
  /** Queries a question and round. */
  queries: number;
  /** Pages read a question and round. */
  pages: number;
  /** Most turns of an agent before it has to answer. */
  turns: number;
}

export const depths: Readonly<Record<DepthName, Depth>> = {
  quick: { rounds: 1, questions: 3, queries: 2, pages: 3, turns: 8 },
  normal: { rounds: 3, questions: 6, queries: 3, pages: 4, turns: 16 },
  deep: { rounds: 6, questions: 12, queries: 4, pages: 6, turns: 32 },
};
