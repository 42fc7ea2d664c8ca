/** The plan: the questions whose answers together answer the user's. */
import { createHash } from 'node:crypto';

export interface PlanQuestion {
  /** `q1`, `q2`, ... */
  id: string;
  question: string;
  /** To search for next. */
  queries: string[];
  from: 'planner' | 'gap' | 'user';
  /** `given-up`: nothing new was to be found. `dropped`: the user has taken it out. */
  status: 'open' | 'covered' | 'given-up' | 'dropped';
}

const BOXES: Readonly<Record<PlanQuestion['status'], string>> = { open: ' ', covered: 'x', 'given-up': '-', dropped: '-' };

/** The plan as the file that the user may edit. */
export function planText(question: string, plan: readonly PlanQuestion[]): string {
  const lines = plan.filter(({ status }) => status !== 'dropped').map((one) => `- [${BOXES[one.status]}] ${one.id}: ${one.question}`);
  const body = `# ${question.replace(/\s+/g, ' ')}\n\n${lines.join('\n')}\n\n`;
  return `${body}<!-- Edit, add or delete lines while the run is going on; it looks here before each round. A new line needs no id. ${markOf(body)} -->\n`;
}

/** Whether a plan is still as the run wrote it. */
export function isUnedited(text: string): boolean {
  const start = text.lastIndexOf('<!-- ');
  return start >= 0 && text.slice(start).trimEnd().endsWith(` ${markOf(text.slice(0, start))} -->`);
}

const markOf = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, 12);

export interface EditedQuestion {
  id?: string;
  question: string;
}

/** The questions in an edited plan: list items, with or without box and id. */
export function editedQuestions(text: string): EditedQuestion[] {
  return text.split('\n').flatMap((line) => {
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(?:\[.?\]\s*)?(?:(q\d+)\s*:\s*)?(.+?)\s*$/.exec(line);
    const question = item?.[2];
    if (question === undefined) return [];
    return item?.[1] === undefined ? { question } : { id: item[1], question };
  });
}

/** The plan after an edit: what is not there any more is dropped, what was reworded or added is open. Changes nothing that stayed. */
export function withEdits(plan: readonly PlanQuestion[], edited: readonly EditedQuestion[], most: number): PlanQuestion[] {
  const byId = new Map(edited.flatMap(({ id, question }) => (id === undefined ? [] : [[id, question] as const])));
  const kept = plan.map((one): PlanQuestion => {
    const question = byId.get(one.id);
    if (question === undefined) return { ...one, status: 'dropped' };
    return question === one.question ? one : { ...one, question, queries: [question], from: 'user', status: 'open' };
  });
  const known = new Set(plan.map(({ id }) => id));
  const added = edited.filter(({ id }) => id === undefined || !known.has(id)).map(({ question }) => question);
  return withQuestions(kept, added, 'user', most);
}

/** The plan with questions added, unless they are there already. What the user adds is let in beyond the limit. */
export function withQuestions(plan: readonly PlanQuestion[], questions: readonly string[], from: PlanQuestion['from'], most: number): PlanQuestion[] {
  const next = [...plan];
  for (const question of questions) {
    const live = next.filter(({ status }) => status !== 'dropped');
    if (live.some((one) => one.question.toLowerCase() === question.toLowerCase()) || (from !== 'user' && live.length >= most)) continue;
    next.push({ id: `q${next.length + 1}`, question, queries: [question], from, status: 'open' });
  }
  return next;
}
