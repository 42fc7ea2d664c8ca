/** An episode of the log as lines for a terminal: a pure function, so that it can be tested without one. */
import type { DropReason, EpisodeEvent, EpisodeSegmentRecord } from '../run/event.ts';
import { isLost, surpriseOf } from '../run/find-episodes.ts';
import { BOLD, DIM, inkOfAdvantage, inkOfLogprob, type Depth, type Ink, type InkSpan } from './ink.ts';
import { printable } from './printable.ts';
import { wrapSpans } from './wrap-spans.ts';

export interface EpisodeView {
  columns: number;
  depth: Depth;
  /** What the model's text is coloured by. */
  by: 'logprob' | 'advantage';
  /** Whole texts; else the beginning and the end of long ones. */
  full: boolean;
  /** Advantage that gets the strongest colour. */
  scale: number;
}

const LABEL_WIDTH = 8;
/** Lines of a text that are shown where not all are. */
const SHOWN_LINES = { prompt: 8, model: 24, tool: 8 };
/** Least likely tokens that are named. */
const NAMED_TOKENS = 3;

const DROPPED: Readonly<Record<DropReason, string>> = {
  'flat-group': 'all rewards of its group are equal, so that it teaches nothing',
  truncated: 'it was cut off at the limit, and such answers are left out of the loss',
  stale: 'it was drawn from weights that were too old',
  surplus: 'it was sampled beyond what the step needed',
  lost: 'it could not be finished or scored',
};

/** The episode's lines; none is wider than the terminal. */
export function renderEpisode(episode: EpisodeEvent, view: EpisodeView): InkSpan[][] {
  return [
    ...wrapSpans(headSpans(episode, view), view.columns),
    ...notes(episode, view),
    ...segmentsOf(episode).flatMap((segment) => segmentLines(segment, episode, view)),
    ...(episode.toolResults ?? []).flatMap((call) => toolLines(call, view)),
  ];
}

function headSpans(episode: EpisodeEvent, { scale, depth }: EpisodeView): InkSpan[] {
  const { step, row, rollout, verdict, reward, advantage, tokens, turns, stopReason } = episode;
  const surprise = surpriseOf(episode);
  const verdictInk: Ink = depth === 'none' ? undefined : verdict === 'correct' ? '32' : verdict === 'wrong' ? '31' : '33';
  const facts: InkSpan[] = [
    { text: `step ${step}, row ${row}, rollout ${rollout}`, ink: BOLD },
    ...(isLost(episode) ? [{ text: 'lost', ink: verdictInk }] : [{ text: verdict, ink: verdictInk }, { text: `reward ${short(reward)}` }]),
    ...(advantage === undefined ? [] : [{ text: `advantage ${advantage > 0 ? '+' : ''}${short(advantage)}`, ink: inkOfAdvantage(advantage, scale, depth) }]),
    { text: `${tokens} tokens${turns === undefined ? '' : ` in ${turns} ${turns === 1 ? 'turn' : 'turns'}`}${stopReason === 'length' ? ', cut off' : ''}` },
    ...(surprise === undefined ? [] : [{ text: `surprise ${surprise.toFixed(2)}` }]),
  ];
  return facts.flatMap((span, i) => (i === 0 ? [span] : [{ text: '  ' }, span]));
}

/** Rewards by part, the independent check, why it was dropped, how it ended, and the least likely tokens. */
function notes(episode: EpisodeEvent, view: EpisodeView): InkSpan[][] {
  const { rewardParts = {}, rewardNotes = {}, audit, dropped, dropReason, end } = episode;
  const lines: InkSpan[][] = [];
  const add = (label: string, text: string, ink?: Ink): void => void lines.push(...labelled(label, [{ text: printable(text), ink }], view));
  const parts = Object.entries(rewardParts);
  if (parts.length > 0) add('parts', parts.map(([name, value]) => `${name} ${short(value)}`).join('  '));
  for (const [name, text] of Object.entries(rewardNotes)) add('says', `${name}: ${text}`, DIM);
  if (audit !== undefined) add('audit', short(audit));
  if (dropped !== undefined) add('dropped', `${dropped}: ${DROPPED[dropped]}${dropReason === undefined ? '' : ` (${dropReason})`}`, view.depth === 'none' ? undefined : '33');
  if (end !== undefined && end !== 'answered') add('ended', end);
  const rare = leastLikely(episode);
  if (rare.length > 0) add('rare', rare.map(({ text, probability }) => `${JSON.stringify(text)} at ${probability.toPrecision(2)}`).join('  '), DIM);
  return lines;
}

function leastLikely({ segments = [] }: EpisodeEvent): { text: string; probability: number }[] {
  return segments
    .flatMap((segment) => tokensOf(segment).flatMap(({ text, logprob }) => (logprob === undefined ? [] : [{ text, probability: Math.exp(logprob) }])))
    .filter(({ probability }) => probability < 0.5)
    .toSorted((a, b) => a.probability - b.probability)
    .slice(0, NAMED_TOKENS);
}

/** What was said by whom; of an episode without tokens in the log, the prompt and the completion. */
function segmentsOf({ segments, prompt, completion }: EpisodeEvent): readonly EpisodeSegmentRecord[] {
  return segments ?? [{ source: 'prompt', text: prompt }, { source: 'model', text: completion }];
}

function segmentLines(segment: EpisodeSegmentRecord, { advantage }: EpisodeEvent, view: EpisodeView): InkSpan[][] {
  const { source, startedBecause } = segment;
  const ink = source !== 'model' ? DIM : view.by === 'advantage' ? inkOfAdvantage(advantage, view.scale, view.depth) : undefined;
  const spans = source === 'model' && view.by === 'logprob'
    ? tokensOf(segment).map(({ text, logprob }) => ({ text: printable(text), ink: logprob === undefined ? undefined : inkOfLogprob(logprob, view.depth) }))
    : [{ text: printable(segment.text).trimEnd(), ink }];
  const begun = startedBecause === undefined ? [] : labelled('anew', [{ text: printable(startedBecause), ink: DIM }], view);
  const bar: InkSpan = source === 'model' ? { text: '▌', ink: inkOfAdvantage(advantage, view.scale, view.depth) } : { text: ' ' };
  return [...begun, ...labelled(source, spans, view, { most: SHOWN_LINES[source], bar })];
}

/** The tokens of a segment; one piece of text where the log does not say where they end. */
function tokensOf({ text, tokenEnds, logprobs = [] }: EpisodeSegmentRecord): { text: string; logprob?: number | undefined }[] {
  if (tokenEnds === undefined) return [{ text }];
  const pieces = tokenEnds.map((end, i) => ({ text: text.slice(i === 0 ? 0 : tokenEnds[i - 1], end), logprob: logprobs[i] }));
  return [...pieces, { text: text.slice(tokenEnds.at(-1) ?? 0) }];
}

function toolLines({ name, arguments: given, result, error, seconds }: NonNullable<EpisodeEvent['toolResults']>[number], view: EpisodeView): InkSpan[][] {
  const failed = error === undefined || view.depth === 'none' ? undefined : '31';
  const call = `${name}(${JSON.stringify(given)}) ${error === undefined ? '' : `${error} `}after ${seconds.toFixed(2)} s`;
  return [
    ...labelled('call', [{ text: printable(call), ink: failed ?? BOLD }], view),
    ...labelled('', [{ text: printable(result).trimEnd(), ink: DIM }], view, { most: SHOWN_LINES.tool }),
  ];
}

/** Spans with a label beside their first line, indented below it, and cut to `most` lines where not all are shown. */
function labelled(label: string, spans: readonly InkSpan[], view: EpisodeView, { most = Infinity, bar }: { most?: number; bar?: InkSpan } = {}): InkSpan[][] {
  const lines = wrapSpans(spans, view.columns - LABEL_WIDTH - (bar ? 2 : 0));
  while (lines.length > 1 && lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
  return shortened(lines, view.full ? Infinity : most).map((line, i) => [
    { text: (i === 0 ? label : '').padEnd(LABEL_WIDTH), ink: DIM },
    ...(bar ? [bar, { text: ' ' }] : []),
    ...line,
  ]);
}

function shortened(lines: readonly InkSpan[][], most: number): InkSpan[][] {
  if (lines.length <= most) return [...lines];
  const head = Math.ceil((most - 1) / 2);
  const tail = most - 1 - head;
  return [...lines.slice(0, head), [{ text: `... (${lines.length - head - tail} lines left out; --full shows them)`, ink: DIM }], ...lines.slice(-tail)];
}

/** Three digits are enough to compare; whole numbers stay whole. */
const short = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3));
