/** Drawing the next token inside the graph. */
import {
  add, argMax, cast, cumulativeSum, greater, greaterOrEqual, input, less, max, maximum, minimum, mul, reshape, softmax, staticDim, sub, sum,
  takeAlong, takeRows, topK, type Tensor,
} from '../../tensor/index.ts';

/** How the next token is chosen: the likeliest, drawn from all, or drawn from the `candidates` likeliest that top-p and min-p leave. */
export type DrawMethod = { kind: 'greedy' } | { kind: 'all' } | { kind: 'filtered'; candidates: number };

/** Slightly below 1, so that rounding never puts the threshold at or above the whole sum. */
const BELOW_ONE = 1 - 2 ** -22;
/** From this many candidates on, the running sum is taken in two levels: the runtime's takes one thread, and time that shows. */
const TWO_LEVELS_FROM = 1024;

/**
 * Position of the drawn token per row of logits [row, vocabulary], int64. Graph inputs that it may add: `uniform` [row, 1], `topP` and
 * `minP` [1], `rowIndex` [row] int64 (0, 1, 2, ...).
 */
export function draw(logits: Tensor, method: DrawMethod): Tensor {
  if (method.kind === 'greedy') return argMax(logits);
  const uniform = input('uniform', 'float32', ['row', 1]);
  if (method.kind === 'all') return drawFrom(softmax(logits), uniform);
  const { values, indices } = topK(logits, method.candidates);
  const probabilities = softmax(values);
  const before = cumulativeSum(probabilities, { exclusive: true });
  const floor = mul(max(probabilities, [-1], true), input('minP', 'float32', [1]));
  const inTopP = cast(less(before, input('topP', 'float32', [1])), 'float32');
  const kept = mul(inTopP, cast(greaterOrEqual(probabilities, floor), 'float32'));
  const chosen = drawFrom(mul(probabilities, kept), uniform);
  return takeAlong(indices, reshape(chosen, ['row', 1]));
}

/** Inverse-transform sampling: the first position whose running sum passes uniform * total. weights [row, n], uniform [row, 1]. */
export function drawFrom(weights: Tensor, uniform: Tensor): Tensor {
  const width = staticDim(weights.shape, 1, 'drawFrom');
  const block = blockSize(width);
  if (block !== undefined) return drawInBlocks(weights, uniform, width, block);
  const running = cumulativeSum(weights);
  return firstAbove(running, mul(uniform, belowTotal(running)));
}

/** The same in two levels: first the block of neighbours that the threshold falls into, then the position in it. */
function drawInBlocks(weights: Tensor, uniform: Tensor, width: number, block: number): Tensor {
  const blocks = width / block;
  const sums = sum(reshape(weights, ['row', blocks, block]), [-1]);
  const running = cumulativeSum(sums);
  const threshold = mul(uniform, belowTotal(running));
  const chosen = firstAbove(running, threshold);
  const before = takeAlong(cumulativeSum(sums, { exclusive: true }), reshape(chosen, ['row', 1]));
  const rows = add(mul(input('rowIndex', 'int64', ['row']), blocks), chosen);
  const inner = cumulativeSum(takeRows(reshape(weights, [`${blocks}*row`, block]), rows));
  // The block's sum and its running sum may differ in the last bits, which must not lead out of the block.
  const rest = minimum(maximum(sub(threshold, before), 0), belowTotal(inner));
  return add(mul(chosen, block), firstAbove(inner, rest));
}

/** Slightly less than the last running sum. It is read off the running sum, since a sum taken in another order may round higher. */
const belowTotal = (running: Tensor): Tensor => mul(max(running, [-1], true), BELOW_ONE);

const firstAbove = (running: Tensor, threshold: Tensor): Tensor => argMax(cast(greater(running, threshold), 'float32'));

/** The divisor of the width nearest to its square root, where two levels pay and one is not too far off. */
function blockSize(width: number): number | undefined {
  if (width < TWO_LEVELS_FROM) return undefined;
  const root = Math.sqrt(width);
  for (let size = Math.floor(root); size >= root / 8; size--) if (width % size === 0) return size;
  return undefined;
}
