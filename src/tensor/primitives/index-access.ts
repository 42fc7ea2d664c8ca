/** Primitives that read and write rows or elements at positions given by integer tensors. */
import { formatShape, sameShape, ShapeError, type Dim } from '../shape.ts';
import { apply, applyAll, at, expectRank, type Primitive, type Tensor } from '../tensor.ts';
import { exp, mul, neg } from './elementwise.ts';
import { reshape, zerosLike } from './layout.ts';

const takeRowsPrimitive: Primitive<null> = {
  name: 'takeRows',
  infer: (inputs) => {
    const table = at(inputs, 0);
    const rows = at(inputs, 1);
    expectRank('takeRows', table, 2);
    expectRank('takeRows', rows, 1);
    return [{ shape: [at(rows.shape, 0), at(table.shape, 1)], dtype: table.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [addRows(zerosLike(at(inputs, 0)), at(inputs, 1), g)] : []),
  lower: (_, inputs, emit) => emit.node('Gather', inputs, { axis: 0 }),
};

/** Rows of a table [n, width] at `rows` [m] (int64 or int32): [m, width]. The embedding lookup. */
export const takeRows = (table: Tensor, rows: Tensor): Tensor => apply(takeRowsPrimitive, [table, rows], null);

const addRowsPrimitive: Primitive<null> = {
  name: 'addRows',
  infer: (inputs) => {
    const table = at(inputs, 0);
    const rows = at(inputs, 1);
    const updates = at(inputs, 2);
    expectRank('addRows', table, 2);
    expectRank('addRows', rows, 1);
    expectRank('addRows', updates, 2);
    if (table.shape[1] !== updates.shape[1]) {
      throw new ShapeError(`addRows: rows of ${formatShape(updates.shape)} do not fit a table of shape ${formatShape(table.shape)}.`);
    }
    if (rows.shape[0] !== updates.shape[0]) {
      throw new ShapeError(`addRows: ${formatShape(rows.shape)} row numbers do not fit updates of shape ${formatShape(updates.shape)}.`);
    }
    return [{ shape: table.shape, dtype: table.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [g, undefined, takeRows(g, at(inputs, 1))] : []),
  lower: (_, [table = '', rows = '', updates = ''], emit) => {
    const [wide = ''] = emit.node('Cast', [rows], { to: 7 });
    const [indices = ''] = emit.node('Reshape', [wide, emit.constant('int64', [2], [-1, 1])]);
    return emit.node('ScatterND', [table, indices, updates], { reduction: 'add' });
  },
};

/** table with `updates[i]` added to row `rows[i]`; rows may repeat. */
export const addRows = (table: Tensor, rows: Tensor, updates: Tensor): Tensor => apply(addRowsPrimitive, [table, rows, updates], null);

function expectSameRows(operation: string, x: Tensor, positions: Tensor): void {
  if (x.shape.length !== positions.shape.length || !sameShape(x.shape.slice(0, -1), positions.shape.slice(0, -1))) {
    throw new ShapeError(`${operation}: ${formatShape(x.shape)} and positions ${formatShape(positions.shape)} may differ in the last axis only.`);
  }
}

const takeAlongPrimitive: Primitive<null> = {
  name: 'takeAlong',
  infer: (inputs) => {
    const x = at(inputs, 0);
    const positions = at(inputs, 1);
    expectSameRows('takeAlong', x, positions);
    return [{ shape: positions.shape, dtype: x.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [addAlong(zerosLike(at(inputs, 0)), at(inputs, 1), g)] : []),
  lower: ({ inputs }, names, emit) => emit.node('GatherElements', names, { axis: at(inputs, 0).shape.length - 1 }),
};

/** Elements along the last axis: result[..., i] = x[..., positions[..., i]]. */
export const takeAlong = (x: Tensor, positions: Tensor): Tensor => apply(takeAlongPrimitive, [x, positions], null);

const addAlongPrimitive: Primitive<null> = {
  name: 'addAlong',
  infer: (inputs) => {
    const x = at(inputs, 0);
    const positions = at(inputs, 1);
    const updates = at(inputs, 2);
    expectSameRows('addAlong', x, positions);
    if (!sameShape(positions.shape, updates.shape)) {
      throw new ShapeError(`addAlong: positions ${formatShape(positions.shape)} and updates ${formatShape(updates.shape)} differ in shape.`);
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  gradient: ({ inputs }, [g]) => (g ? [g, undefined, takeAlong(g, at(inputs, 1))] : []),
  lower: ({ inputs }, names, emit) => emit.node('ScatterElements', names, { axis: at(inputs, 0).shape.length - 1, reduction: 'add' }),
};

/** x with `updates` added along the last axis at `positions`. */
export const addAlong = (x: Tensor, positions: Tensor, updates: Tensor): Tensor => apply(addAlongPrimitive, [x, positions, updates], null);

/**
 * log softmax(logits)[target] per row. A primitive of its own because its gradient, onehot - softmax, needs no pass over
 * [rows, vocabulary] for the one-hot part.
 */
const tokenLogprobsPrimitive: Primitive<null> = {
  name: 'tokenLogprobs',
  infer: (inputs) => {
    const logits = at(inputs, 0);
    const targets = at(inputs, 1);
    expectRank('tokenLogprobs', logits, 2);
    if (targets.shape.length !== 1 || targets.shape[0] !== logits.shape[0]) {
      throw new ShapeError(`tokenLogprobs: logits ${formatShape(logits.shape)} and targets ${formatShape(targets.shape)} do not fit.`);
    }
    const rows: Dim = at(logits.shape, 0);
    // The second result, log softmax over the vocabulary, is kept for the gradient.
    return [
      { shape: [rows], dtype: logits.dtype },
      { shape: logits.shape, dtype: logits.dtype },
    ];
  },
  gradient: ({ inputs, outputs }, [g, all]) => {
    if (all) throw new Error('tokenLogprobs: the kept log softmax has no gradient; use logSoftmax()');
    if (!g) return [];
    const column = reshape(g, [at(g.shape, 0), 1]);
    const positions = reshape(at(inputs, 1), column.shape);
    return [addAlong(neg(mul(exp(at(outputs, 1)), column)), positions, column)];
  },
  lower: (_, [logits = '', targets = ''], emit) => {
    const [all = ''] = emit.node('LogSoftmax', [logits], { axis: 1 });
    const [positions = ''] = emit.node('Unsqueeze', [targets, emit.constant('int64', [1], [1])]);
    const [picked = ''] = emit.node('GatherElements', [all, positions], { axis: 1 });
    const [logprobs = ''] = emit.node('Squeeze', [picked, emit.constant('int64', [1], [1])]);
    return [logprobs, all];
  },
};

/** log softmax(logits [rows, vocabulary])[targets [rows]]: [rows]. */
export const tokenLogprobs = (logits: Tensor, targets: Tensor): Tensor => at(applyAll(tokenLogprobsPrimitive, [logits, targets], null), 0);

const topKPrimitive: Primitive<{ k: number }> = {
  name: 'topK',
  infer: (inputs, { k }) => {
    const x = at(inputs, 0);
    const last = x.shape.at(-1);
    if (!Number.isInteger(k) || k < 1 || last === undefined || (typeof last === 'number' && k > last)) {
      throw new ShapeError(`topK: cannot take ${k} along the last axis of ${formatShape(x.shape)}.`);
    }
    const shape = [...x.shape.slice(0, -1), k];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ];
  },
  gradient: ({ inputs, outputs }, [g]) => (g ? [addAlong(zerosLike(at(inputs, 0)), at(outputs, 1), g)] : []),
  lower: ({ attributes }, inputs, emit) =>
    emit.node('TopK', [at(inputs, 0), emit.constant('int64', [1], [attributes.k])], { axis: -1 }, { outputs: 2 }),
};

/** The k largest along the last axis, largest first, and where they were. */
export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const [values, indices] = applyAll(topKPrimitive, [x], { k });
  if (!values || !indices) throw new Error('topK has two results');
  return { values, indices };
}

const cumulativeSumPrimitive: Primitive<{ reverse: boolean; exclusive: boolean }> = {
  name: 'cumulativeSum',
  infer: (inputs) => [{ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }],
  gradient: ({ attributes }, [g]) => (g ? [apply(cumulativeSumPrimitive, [g], { ...attributes, reverse: !attributes.reverse })] : []),
  lower: ({ inputs, attributes }, names, emit) =>
    emit.node('CumSum', [at(names, 0), emit.constant('int64', [], [at(inputs, 0).shape.length - 1])], {
      reverse: attributes.reverse ? 1 : 0,
      exclusive: attributes.exclusive ? 1 : 0,
    }),
};

/** Running sum along the last axis; `exclusive` leaves the element itself out. */
export const cumulativeSum = (x: Tensor, options: { exclusive?: boolean } = {}): Tensor =>
  apply(cumulativeSumPrimitive, [x], { reverse: false, exclusive: options.exclusive ?? false });

const argMaxPrimitive: Primitive<null> = {
  name: 'argMax',
  infer: (inputs) => [{ shape: at(inputs, 0).shape.slice(0, -1), dtype: 'int64' }],
  lower: (_, inputs, emit) => emit.node('ArgMax', inputs, { axis: -1, keepdims: 0 }),
};

/** Position of the largest element along the last axis; the first of equals. */
export const argMax = (x: Tensor): Tensor => apply(argMaxPrimitive, [x], null);

