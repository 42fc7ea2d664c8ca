/**
 * Log-probabilities over a large vocabulary, a piece at a time: softmax with a running maximum and sum (Milakov and Gimelshein 2018), so
 * that rows x vocabulary numbers never exist at once. For a frozen output projection W the slope of a log-probability by the hidden state
 * is known in the same pass, (W[target] - sum over v of p(v) W[v]) / temperature, and nothing has to be computed again for the gradient.
 */
import {
  add, cast, clamp, compile, dequantize, div, exp, externalConstant, gemm, greaterOrEqual, input, less, log, max, maximum, mul, quantizedProduct,
  reshape, sub, sum, takeAlong, type CompiledGraph, type QuantizedMatrix, type Tensor,
} from '../../tensor/index.ts';
import type { Weights } from '../../model/forward.ts';
import type { TensorValue } from '../../runtime/storage.ts';
import type { Parameters } from './parameters.ts';

/** Most rows of the vocabulary in a piece. */
const PIECE = 16_384;

export interface VocabularyPiece {
  start: number;
  end: number;
}

/** Pieces of nearly one size. */
export function vocabularyPieces(size: number): VocabularyPiece[] {
  const count = Math.ceil(size / PIECE);
  return Array.from({ length: count }, (_, i) => ({ start: Math.round((i * size) / count), end: Math.round(((i + 1) * size) / count) }));
}

/** What goes from piece to piece, [row, 1] each: running maximum and sum of the scores, and the target's score. `mean` is [row, width]. */
export const PIECE_STATE = ['largest', 'total', 'chosen', 'mean'] as const;
export type PieceState = (typeof PIECE_STATE)[number];

/** Names of graph inputs and constants over a piece of the output projection. */
const TABLE = 'table';
const TABLE_CODES = 'table:codes';
const TABLE_SCALES = 'table:scales';

/**
 * One piece: inputs `normed` [row, width], `targets` [row], `inverseTemperature` and the state; outputs the state with a ' at the end of
 * each name. Without `slopes` the state has no `mean`.
 */
export function compilePiece(parameters: Parameters, head: string, { start, end }: VocabularyPiece, width: number, slopes: boolean): CompiledGraph {
  const count = end - start;
  const normed = input('normed', 'float32', ['row', width]);
  const { logits, table } = pieceScores(parameters, head, count, width, normed);
  const scores = mul(logits, input('inverseTemperature', 'float32', [1]));
  const [largest, total, chosen] = (['largest', 'total', 'chosen'] as const).map((name) => input(name, 'float32', ['row', 1]));
  if (!largest || !total || !chosen) throw new Error('three inputs');
  const newLargest = maximum(largest, max(scores, [-1], true));
  const weights = exp(sub(scores, newLargest));
  const shrink = exp(sub(largest, newLargest));
  const position = sub(reshape(input('targets', 'int64', ['row']), ['row', 1]), start);
  const inside = mul(cast(greaterOrEqual(position, 0), 'float32'), cast(less(position, count), 'float32'));
  const outputs: Record<string, Tensor> = {
    "largest'": newLargest,
    "total'": add(mul(total, shrink), sum(weights, [-1], true)),
    "chosen'": add(chosen, mul(inside, takeAlong(scores, clamp(position, 0, count - 1)))),
  };
  if (slopes) outputs["mean'"] = gemm(weights, table(), { addend: mul(input('mean', 'float32', ['row', width]), shrink) });
  return compile(outputs);
}

function pieceScores(parameters: Parameters, head: string, count: number, width: number, normed: Tensor): { logits: Tensor; table: () => Tensor } {
  const matrix = parameters.storedMatrix(head);
  if (!matrix) {
    const table = input(TABLE, 'float32', [count, width]);
    return { logits: gemm(normed, table, { transposeRight: true }), table: () => table };
  }
  if (matrix.format === 'f16') {
    const table = cast(input(TABLE, 'float16', [count, width]), 'float32');
    return { logits: gemm(normed, table, { transposeRight: true }), table: () => table };
  }
  const blocks = width / 32;
  const constants: QuantizedMatrix = {
    codes: externalConstant(`constant ${TABLE_CODES}`, 'uint8', [count, blocks, matrix.blockBytes]),
    scales: externalConstant(`constant ${TABLE_SCALES}`, 'float32', [count * blocks]),
  };
  const readable = (): QuantizedMatrix => ({
    codes: input(TABLE_CODES, 'uint8', [count, blocks, matrix.blockBytes]),
    scales: input(TABLE_SCALES, 'float32', [count * blocks]),
  });
  return { logits: quantizedProduct(normed, constants, matrix.bits, readable), table: () => dequantize(readable(), matrix.bits) };
}

/** What the inputs and constants of a piece over the output projection are bound to. */
export function pieceValues(parameters: Parameters, head: string, { start, end }: VocabularyPiece, width: number): Record<string, TensorValue> {
  const matrix = parameters.storedMatrix(head);
  if (!matrix) return { [TABLE]: parameters.get(head).value.value([end - start, width], start * width) };
  if (matrix.format === 'f16') return { [TABLE]: matrix.halfValue(start, end) };
  const { codes, scales } = matrix.blockValues(start, end);
  return { [TABLE_CODES]: codes, [TABLE_SCALES]: scales, [`constant ${TABLE_CODES}`]: codes, [`constant ${TABLE_SCALES}`]: scales };
}

/** After the last piece: the state and `targets` [row] to `logprobs` [row, 1] and, with `slopes`, `slopes` [row, width]. */
export function compileVocabularyEnd(weights: Weights, head: string, width: number, slopes: boolean): CompiledGraph {
  const state = (name: PieceState) => input(name, 'float32', ['row', 1]);
  const total = state('total');
  const logprobs = sub(state('chosen'), add(state('largest'), log(total)));
  if (!slopes) return compile({ logprobs });
  const mean = div(input('mean', 'float32', ['row', width]), total);
  const chosen = weights.rows(head, input('targets', 'int64', ['row']));
  return compile({ logprobs, slopes: mul(sub(chosen, mean), input('inverseTemperature', 'float32', [1])) });
}
