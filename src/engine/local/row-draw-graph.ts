/** Drawing the next tokens of rows that each have parameters of their own, from logits that are there already. */
import {
  add, cast, compile, constant, cumulativeSum, div, exp, greaterOrEqual, input, less, logSoftmax, max, maximum, mul, neg, reshape, sub, sum,
  takeAlong, takeRows, topK, where, type CompiledGraph, type Tensor,
} from '../../tensor/index.ts';
import { draw, drawFrom, type DrawMethod } from './draw.ts';

/** What a graph can do; rows of one kind are drawn together. */
export interface DrawKind {
  /** With `filtered`, top-k, top-p and min-p choose among this many of the likeliest. */
  method: DrawMethod;
  /** Only tokens that a mask allows. */
  constrained: boolean;
  /** How many of the likeliest tokens are reported. */
  top: number;
  /** The rows are all rows in order, so that none has to be picked out. */
  whole: boolean;
}

/** Score of a token that the mask forbids. */
const FORBIDDEN = -1e30;

/**
 * Inputs `logits` [all, vocabulary], `chosen` [row] (which of them; without `whole`), `mask` [all, vocabulary] uint8 (with `constrained`), and by
 * row `inverseTemperature`, `uniform`, `topK`, `topP`, `minP` [row, 1], `rowIndex` [row]. Outputs `next`, `logprob` [row] (before filters and
 * mask), `topTokens`, `topLogprobs` [row, top], and for `filtered` `covered` [row]: 1 where the candidates held all that the filters leave.
 */
export function compileRowDraw({ method, constrained, top, whole }: DrawKind, vocabularySize: number): CompiledGraph {
  const all = whole ? 'row' : 'all';
  const chosen = input('chosen', 'int64', ['row']);
  const pick = (x: Tensor): Tensor => (whole ? x : takeRows(x, chosen));
  const logits = pick(input('logits', 'float32', [all, vocabularySize]));
  const scaled = method.kind === 'greedy' ? logits : mul(logits, column('inverseTemperature'));
  const allowed = (x: Tensor): Tensor => where(cast(pick(input('mask', 'uint8', [all, vocabularySize])), 'bool'), x, constant(FORBIDDEN));
  const scores = constrained ? allowed(scaled) : scaled;
  const logprobs = logSoftmax(scaled);
  const filtered = method.kind === 'filtered' ? drawFiltered(scores, constrained ? undefined : logprobs, method.candidates) : undefined;
  const next = reshape(filtered?.next ?? draw(scores, method), ['row', 1]);
  const likeliest = top > 0 ? topK(logprobs, top) : undefined;
  return compile({
    next: reshape(next, ['row']),
    logprob: reshape(takeAlong(logprobs, next), ['row']),
    ...(filtered ? { covered: reshape(filtered.covered, ['row']) } : {}),
    ...(likeliest ? { topTokens: likeliest.indices, topLogprobs: likeliest.values } : {}),
  });
}

const column = (name: string): Tensor => input(name, 'float32', ['row', 1]);

/**
 * Top-k, top-p and min-p among the likeliest candidates. Top-p is a share of what top-k leaves, or of everything when `topK` is 0. `logprobs`:
 * log-softmax of the scores, where it is there already.
 */
function drawFiltered(scores: Tensor, logprobs: Tensor | undefined, candidates: number): { next: Tensor; covered: Tensor } {
  const { values, indices } = topK(scores, candidates);
  const likeliest = max(values, [-1], true);
  const ranks = constant(Array.from({ length: candidates }, (_, i) => i), 'float32', [1, candidates]);
  const limit = column('topK');
  const unlimited = cast(less(limit, 0.5), 'float32');
  const inTopK = maximum(cast(less(ranks, limit), 'float32'), unlimited);
  // Weights relative to the likeliest token's.
  const weights = mul(exp(sub(values, likeliest)), inTopK);
  const everything = logprobs ? div(1, exp(max(logprobs, [-1], true))) : sum(exp(sub(scores, likeliest)), [-1], true);
  const total = add(mul(unlimited, everything), mul(sub(1, unlimited), sum(weights, [-1], true)));
  const reach = mul(column('topP'), total);
  const floor = column('minP');
  const inTopP = cast(less(cumulativeSum(weights, { exclusive: true }), reach), 'float32');
  const kept = mul(mul(weights, inTopP), cast(greaterOrEqual(weights, floor), 'float32'));
  const next = takeAlong(indices, reshape(drawFrom(kept, column('uniform')), ['row', 1]));
  const reached = cast(greaterOrEqual(sum(weights, [-1], true), reach), 'float32');
  const last = neg(max(neg(weights), [-1], true));
  return { next, covered: maximum(maximum(reached, cast(less(last, floor), 'float32')), sub(1, unlimited)) };
}
