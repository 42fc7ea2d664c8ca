/** A run as a chat completion, whole or in chunks: progress is its reasoning, the report its content. */
import { reportMarkdown } from '../../research/loop/report-markdown.ts';
import type { ResearchResult } from '../../research/loop/research-result.ts';
import type { ServerSentEvent } from '../../serve/event-stream.ts';
import { usageBody } from '../../serve/usage.ts';
import { numberedSources } from '../numbered-sources.ts';
import type { RunTold } from './follow-run.ts';

export interface AnswerOptions {
  id: string;
  created: number;
  model: string;
  /** Told which run it is, as soon as that is known. */
  onRun: (run: string) => void;
}

export async function wholeAnswer(told: AsyncIterable<RunTold>, { id, created, model, onRun }: AnswerOptions): Promise<Record<string, unknown>> {
  let reasoning = '';
  let ended: ResearchResult | undefined;
  for await (const one of told) {
    if (one.type === 'begun') onRun(one.run);
    if (one.type === 'progress') reasoning += `${one.text}\n`;
    if (one.type === 'ended') ended = one.result;
  }
  if (ended === undefined) throw new Error('a run that did not fail has a result');
  const message = { role: 'assistant', content: reportMarkdown(ended), refusal: null, ...(reasoning === '' ? {} : { reasoning_content: reasoning }) };
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(ended) }],
    usage: usageOf(ended),
    r5: ofRun(ended),
  };
}

export async function* answerChunks(told: AsyncIterable<RunTold>, { id, created, model, includeUsage, onRun }: AnswerOptions & { includeUsage: boolean }): AsyncGenerator<ServerSentEvent, void, undefined> {
  const chunk = (choices: unknown[], more: object = {}): ServerSentEvent => ({
    data: JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices, ...(includeUsage ? { usage: null } : {}), ...more }),
  });
  const choice = (delta: object, more?: object, reason: string | null = null): ServerSentEvent => chunk([{ index: 0, delta, logprobs: null, finish_reason: reason }], more);
  let isFirst = true;
  for await (const one of told) {
    if (one.type === 'begun') onRun(one.run);
    if (isFirst && one.type !== 'waiting') {
      isFirst = false;
      yield choice({ role: 'assistant', content: '' }, one.type === 'begun' ? { r5: { run: one.run } } : {});
    } else if (one.type === 'begun') yield choice({}, { r5: { run: one.run } });
    if (one.type === 'waiting') yield { comment: 'still at work' };
    if (one.type === 'progress') yield choice({ reasoning_content: `${one.text}\n` });
    if (one.type !== 'ended') continue;
    for (const block of reportMarkdown(one.result).split(/(?<=\n\n)/)) yield choice({ content: block });
    yield choice({}, { r5: ofRun(one.result) }, finishReason(one.result));
    if (includeUsage) yield chunk([], { usage: usageOf(one.result) });
  }
  yield { data: '[DONE]' };
}

/** A limit of the budget is one of length; everything else that ended a run is said in the answer itself. */
const finishReason = ({ outcome }: ResearchResult): string => (outcome === 'over-budget' ? 'length' : 'stop');

/** Tokens of all models of the run, also of what it had done before it was gone on with. */
function usageOf({ cost }: ResearchResult): Record<string, unknown> {
  const sum = (of: 'inputTokens' | 'outputTokens'): number => cost.models.reduce((total, one) => total + one[of], 0);
  return usageBody({ prompt: sum('inputTokens'), cached: 0, completion: sum('outputTokens'), reasoning: 0 });
}

function ofRun(result: ResearchResult): Record<string, unknown> {
  const { id, outcome, reasons, counts, entailment, cost } = result;
  return {
    run: id,
    outcome,
    reasons,
    precision: counts,
    ...(entailment === undefined ? {} : { entailment }),
    sources: numberedSources(result).map(({ number, url, title, retrievedAt }) => ({ number, url, title, retrieved_at: retrievedAt })),
    cost: { money: cost.money, unpriced: cost.unpriced, tokens: cost.tokens },
  };
}
