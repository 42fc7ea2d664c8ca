/** Evidence as an agent reads it and as a grader reads it back: one line a passage, behind the id that citations name. */
import { neutralized } from '../loop/outside-text.ts';

export interface ShownEvidence {
  /** `e1`, `e2`, ... */
  id: string;
  text: string;
}

/**
 * `[e1] text`, the title before it where the text does not begin with it. What comes from outside stands on one line, and what in it looks like
 * an id, a tag or another speaker is written with other signs, so that no text can pass for a line of evidence that it is not.
 */
export function evidenceLine({ id, text }: ShownEvidence, title: string): string {
  const line = plainLine(text);
  const head = plainLine(title);
  return `[${id}] ${head === '' || line.toLowerCase().startsWith(head.toLowerCase()) ? line : `${head}: ${line}`}`;
}

/** The evidence of a tool's result. */
export function readEvidence(result: string): ShownEvidence[] {
  return result.split('\n').flatMap((line) => {
    const [, id, text] = /^\[(e\d+)\] (.+)$/.exec(line) ?? [];
    return id === undefined || text === undefined ? [] : [{ id, text }];
  });
}

export const plainLine = (text: string): string => neutralized(text.replace(/\s+/g, ' ').trim()).replace(/\[(\s*e\d+)/gi, '⟦$1');
