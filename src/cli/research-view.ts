/** The live view of a research run as lines of styled text: a function of the state, so that it can be tested without a terminal. */
import { oneLine } from '../research/loop/choose-pages.ts';
import { duration, whole } from './format.ts';
import { cutLine, labelled, lineWidth, type Line, type Span } from './live-view.ts';
import { printable } from './printable.ts';
import type { QuestionState, ResearchState } from './research-state.ts';

const NARROW = 70;
const MOST_ACTIVE = 4;

/** The view at `nowMs`, for a terminal of `columns` columns. No line is longer. */
export function renderResearch(state: ResearchState, { nowMs, columns, stopping, watching = false }: { nowMs: number; columns: number; stopping: boolean; watching?: boolean }): Line[] {
  const wide = columns >= NARROW;
  const lines: Line[] = [
    [{ text: shown(state.question), style: 'bold' }],
    ...state.questions.map((question) => questionLine(question, columns)),
    ...activeLines(state),
    ...(state.problem === undefined ? [] : [labelled(state.problems === 1 ? 'trouble' : `trouble ${state.problems}`, [{ text: shown(state.problem), style: 'yellow' }])]),
    ...modelLines(state, wide),
    labelled('cost', costSpans(state)),
    labelled('time', [{ text: limited(duration(state.secondsAt(nowMs)), state.limits.seconds && duration(state.limits.seconds)) }]),
    [{ text: footer(state, { stopping, watching, wide }), style: stopping ? 'yellow' : 'dim' }],
  ];
  return lines.map((line) => cutLine(line, columns));
}

const shown = (text: string): string => oneLine(printable(text), 300);

const MARKS = { covered: ['✓', 'green'], working: ['●', 'cyan'], open: ['○', 'dim'], 'given-up': ['–', 'yellow'] } as const;

function questionLine({ question, status, quotes }: QuestionState, columns: number): Line {
  const [mark, style] = MARKS[status];
  const count = quotes === 0 ? '' : counted(quotes, 'quote');
  const room = columns - 4 - (count === '' ? 0 : count.length + 2);
  const text = fitted(shown(question), room);
  if (count === '') return [{ text: `  ${mark} `, style }, { text }];
  return [{ text: `  ${mark} `, style }, { text }, { text: `${' '.repeat(Math.max(0, room - lineWidth([{ text }])))}  ${count}`, style: 'dim' }];
}

function fitted(text: string, room: number): string {
  if (lineWidth([{ text }]) <= room) return text;
  return `${cutLine([{ text }], Math.max(0, room - 1)).map((span) => span.text).join('')}…`;
}

/** The same work several times is one line; what waits is said first. */
function activeLines({ active }: ResearchState): Line[] {
  const groups = [...Map.groupBy(active.values(), ({ what, waiting }) => `${what}${waiting === undefined ? '' : ` (${waiting})`}`)].toSorted(([, a], [, b]) => Number(b[0]?.waiting !== undefined) - Number(a[0]?.waiting !== undefined));
  const lines = groups.slice(0, MOST_ACTIVE).map(([text, list], index): Line => {
    const span: Span = { text: `${shown(text)}${list.length > 1 ? ` ×${list.length}` : ''}`, ...(list[0]?.waiting === undefined ? {} : { style: 'yellow' as const }) };
    return labelled(index === 0 ? 'now' : '', [span]);
  });
  if (groups.length > MOST_ACTIVE) lines.push(labelled('', [{ text: `and ${groups.length - MOST_ACTIVE} more`, style: 'dim' }]));
  return lines;
}

function modelLines({ cost }: ResearchState, wide: boolean): Line[] {
  // In an order that does not change while costs do.
  const models = cost.models.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.model.localeCompare(b.model));
  return models.map(({ role, model, calls, inputTokens, outputTokens, money, unpriced }, index) => {
    const price = unpriced ? 'no price' : dollars(money);
    const tokens = wide ? `${counted(calls, 'call')}, ${whole(inputTokens)} tokens read, ${whole(outputTokens)} written` : `${whole(inputTokens + outputTokens)} tokens`;
    return labelled(index === 0 ? 'models' : '', [{ text: `${role.padEnd(8)} ${price.padEnd(8)}` }, { text: `  ${tokens}  ${shown(model)}`, style: 'dim' }]);
  });
}

const ROLES = ['planner', 'reader', 'writer', 'judge'];
const counted = (count: number, word: string): string => `${whole(count)} ${word}${count === 1 ? '' : 's'}`;

function costSpans({ cost, limits }: ResearchState): Line {
  const money = limited(`${dollars(cost.money)}${cost.unpriced ? ' and what has no known price' : ''}`, limits.money && `$${limits.money}`);
  const tokens = limited(whole(cost.tokens), limits.tokens && whole(limits.tokens));
  const steps = limits.steps === undefined ? counted(cost.steps, 'step') : `${whole(cost.steps)} of ${counted(limits.steps, 'step')}`;
  const near = (limits.money !== undefined && cost.money > 0.7 * limits.money) || (limits.tokens !== undefined && cost.tokens > 0.7 * limits.tokens);
  return [{ text: money, style: near ? 'yellow' : 'bold' }, { text: `  ${tokens} tokens, ${steps}`, style: 'dim' }];
}

const dollars = (money: number): string => `$${money.toFixed(4)}`;
const limited = (used: string, limit: string | 0 | undefined): string => (limit === undefined || limit === 0 ? used : `${used} of ${limit}`);

function footer({ phase, round, evidence, outcome }: ResearchState, { stopping, watching, wide }: { stopping: boolean; watching: boolean; wide: boolean }): string {
  if (phase === 'ended') return outcome ?? 'ended';
  if (stopping) return wide ? 'stopping; what was paid for is kept, and Ctrl-C again ends at once' : 'stopping';
  const doing = { planning: 'planning', gathering: round === 0 ? 'searching and reading' : `round ${round}`, writing: `writing from ${evidence} quotes`, judging: 'a second opinion on each sentence' }[phase];
  if (watching) return `${doing}; another process works on it`;
  return `${doing}; Ctrl-C stops${wide ? ', and the run can be gone on with' : ''}`;
}
