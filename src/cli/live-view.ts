/** The live view of a run as lines of styled text: a pure function of the state, so that it can be tested without a terminal. */
import { sparkline } from '../run/sparkline.ts';
import { duration, lostReasons, percent, percentRange, tiny, whole } from './format.ts';
import { paint, type Style } from './output.ts';
import { columnsOf } from './printable.ts';
import { secondsLeft, type ProgressState } from './progress-state.ts';

/** A piece of a line in one style. */
export interface Span {
  text: string;
  style?: Style;
}
export type Line = readonly Span[];

/** Below this many columns the view leaves out what it can. */
const NARROW = 70;
const LABEL_WIDTH = 10;

/** The view at `nowMs`, for a terminal of `columns` columns. No line is longer. */
export function renderLive(state: ProgressState, nowMs: number, columns: number): Line[] {
  const wide = columns >= NARROW;
  const { plan, last } = state;
  const lines: Line[] = [
    [{ text: plan.task, style: 'bold' }, { text: `  ${plan.model}${wide ? `  ${plan.run}` : ''}`, style: 'dim' }],
    labelled('step', stepSpans(state, columns)),
    labelled('left', [{ text: timeLeft(state, nowMs) }, { text: `  ${duration((nowMs - state.startedMs) / 1000)} ${hasEnded(state) ? 'in all' : 'so far'}`, style: 'dim' }]),
    labelled(last?.type === 'supervised-step' ? 'loss' : 'reward', curveSpans(state, columns)),
  ];
  if (plan.finalRows > 0) lines.push(labelled('held-out', heldOutSpans(state, wide)));
  if (last?.type !== 'supervised-step') lines.push(labelled('length', [{ text: last ? `${last.meanLength.toFixed(1)} tokens` : '-' }]));
  lines.push(...speedLines(state, wide));
  if (last?.type !== 'supervised-step') lines.push(labelled('KL', klSpans(state, wide)));
  if (state.lost > 0) lines.push(labelled('lost', lostSpans(state)));
  const warning = state.warnings.at(-1);
  if (warning !== undefined) lines.push(labelled(state.warnings.length === 1 ? 'warning' : `${state.warnings.length} warned`, [{ text: warning, style: 'yellow' }]));
  lines.push([{ text: footer(state, wide), style: state.stopping ? 'yellow' : 'dim' }]);
  return lines.map((line) => cutLine(line, columns));
}

/** The line as text, with colour codes where they are wanted. */
export function printLine(line: Line, colour: boolean): string {
  return line.map(({ text, style }) => paint(style, text, colour)).join('');
}

/** Its width in columns. */
export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + [...text].reduce((sum, character) => sum + columnsOf(character), 0), 0);
}

/** A line with a name before it. */
export const labelled = (label: string, spans: Line): Line => [{ text: label.padEnd(LABEL_WIDTH), style: 'dim' }, ...spans];

function stepSpans({ step, plan }: ProgressState, columns: number): Line {
  const share = plan.totalSteps === 0 ? 1 : step / plan.totalSteps;
  const count = `${step}/${plan.totalSteps}`;
  const width = Math.max(0, Math.min(40, columns - LABEL_WIDTH - count.length - 8));
  const done = Math.round(share * width);
  return [
    { text: count, style: 'bold' },
    { text: `  ${'━'.repeat(done)}`, style: 'green' },
    { text: '─'.repeat(width - done), style: 'dim' },
    { text: `  ${Math.round(100 * share)} %` },
  ];
}

function timeLeft(state: ProgressState, nowMs: number): string {
  if (hasEnded(state)) return '-';
  const seconds = secondsLeft(state, nowMs);
  return seconds === undefined ? 'not known yet' : `about ${duration(seconds)}`;
}

function curveSpans({ curve }: ProgressState, columns: number): Line {
  const latest = curve.at(-1);
  if (latest === undefined) return [{ text: '-' }];
  return [{ text: latest.toFixed(3), style: 'bold' }, { text: `  ${sparkline(curve, Math.min(60, columns - LABEL_WIDTH - 9))}`, style: 'cyan' }];
}

function heldOutSpans({ evaluation, base }: ProgressState, wide: boolean): Line {
  if (!evaluation) return [{ text: '-' }];
  const { n, step, accuracy, interval } = evaluation;
  const spans: Span[] = [{ text: percent(accuracy), style: 'bold' }];
  if (wide) spans.push({ text: `  95 % interval ${percentRange(interval)}, ${n} problems after step ${step}`, style: 'dim' });
  if (base && base !== evaluation) spans.push({ text: wide ? `, base ${percent(base.accuracy)}` : `  base ${percent(base.accuracy)}`, style: 'dim' });
  return spans;
}

function speedLines({ last }: ProgressState, wide: boolean): Line[] {
  if (!last) return [labelled(wide ? 'tokens/s' : 'tok/s', [{ text: '-' }])];
  const training = `${whole(last.trainTokensPerSecond)} training`;
  const both = last.type === 'step' ? `${whole(last.sampleTokensPerSecond)} sampling, ${training}` : training;
  return [labelled(wide ? 'tokens/s' : 'tok/s', [{ text: both }])];
}

function klSpans({ last, checksPassed }: ProgressState, wide: boolean): Line {
  if (last?.type !== 'step') return [{ text: '-' }];
  const checks = checksPassed > 0 ? `, ${checksPassed} checks passed` : '';
  return [{ text: tiny(last.kl) }, { text: wide ? ` nats a token between sampler and trainer${checks}` : ' nats a token', style: 'dim' }];
}

function lostSpans({ lost, last }: ProgressState): Line {
  const latest = last?.type === 'step' && last.lost ? `, in the last step ${lostReasons(last.lost)}` : '';
  return [{ text: whole(lost), style: 'yellow' }, { text: ` rollouts so far${latest}`, style: 'dim' }];
}

const hasEnded = ({ phase }: ProgressState): boolean => phase === 'finished' || phase === 'interrupted' || phase === 'failed';

function footer(state: ProgressState, wide: boolean): string {
  const { phase, stopping, plan } = state;
  if (hasEnded(state)) return phase;
  if (stopping) return wide ? 'stopping after this step with a checkpoint; Ctrl-C again ends at once' : 'stopping after this step';
  if (phase === 'base') return `evaluating the model before training on ${plan.finalRows} held-out problems`;
  if (phase === 'final') return `evaluating the trained model on ${plan.finalRows} held-out problems`;
  return `${wide ? 'training; ' : ''}Ctrl-C stops, and the run can be resumed`;
}

/** What of the line fits into so many columns. */
export function cutLine(line: Line, columns: number): Line {
  const kept: Span[] = [];
  let left = columns;
  for (const span of line) {
    let text = '';
    for (const character of span.text) {
      left -= columnsOf(character);
      if (left < 0) break;
      text += character;
    }
    kept.push(text === span.text ? span : { ...span, text });
    if (left < 0) break;
  }
  return kept;
}
