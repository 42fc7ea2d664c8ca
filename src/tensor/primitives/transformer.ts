/** Primitives of decoder-only transformers that the runtime has fused kernels for. */
import { formatShape, sameShape, ShapeError, staticDim, type Dim } from '../shape.ts';
import { applyAll, apply, at, expectRank, type Primitive, type Tensor } from '../tensor.ts';
import { add, div, mul, sqrt, sub } from './elementwise.ts';
import { flattenRows, reshape, transpose } from './layout.ts';
import { gemm, matmul } from './matrix.ts';
import { sum, sumSquare, sumToShape } from './reduce.ts';

/** RMSNorm (Zhang and Sennrich 2019): x / sqrt(mean(x^2) + epsilon) * weight over the last axis. */
const rmsNormPrimitive: Primitive<{ epsilon: number }> = {
  name: 'rmsNorm',
  infer: (inputs) => {
    const x = at(inputs, 0);
    const weight = at(inputs, 1);
    const width = staticDim(x.shape, -1, 'rmsNorm');
    if (weight.shape.length !== 1 || weight.shape[0] !== width) {
      throw new ShapeError(`rmsNorm: a weight of shape ${formatShape(weight.shape)} does not fit an input of shape ${formatShape(x.shape)}.`);
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  gradient: ({ inputs, attributes: { epsilon } }, [g]) => {
    if (!g) return [];
    const weight = at(inputs, 1);
    const width = staticDim(weight.shape, 0, 'rmsNorm');
    const x = flattenRows(at(inputs, 0));
    // The kernel could hand this out as a second result, but on WebGPU it leaves that one zero.
    const scale = div(1, sqrt(add(mul(sumSquare(x, [-1], true), 1 / width), epsilon)));
    const gradient = flattenRows(g);
    const product = mul(gradient, x);
    // Matrix-vector products do both sums over `product` in one pass each.
    const projection = gemm(product, reshape(weight, [width, 1]));
    const weightGradient = reshape(gemm(scale, product, { transposeLeft: true }), [width]);
    const pull = mul(mul(mul(scale, scale), projection), 1 / width);
    const inputGradient = mul(sub(mul(gradient, weight), mul(x, pull)), scale);
    return [reshape(inputGradient, at(inputs, 0).shape), weightGradient];
  },
  lower: ({ inputs, attributes: { epsilon } }, [x = '', weight = ''], emit) => {
    const { dtype, shape } = at(inputs, 0);
    if (dtype === 'float32') return emit.node('SimplifiedLayerNormalization', [x, weight], { axis: -1, epsilon });
    const [square = ''] = emit.node('Mul', [x, x]);
    const [mean = ''] = emit.node('ReduceMean', [square, emit.constant('int64', [1], [shape.length - 1])], { keepdims: 1 });
    const [shifted = ''] = emit.node('Add', [mean, emit.constant(dtype, [], [epsilon])]);
    const [root = ''] = emit.node('Sqrt', [shifted]);
    const [scale = ''] = emit.node('Div', [emit.constant(dtype, [], [1]), root]);
    const [normal = ''] = emit.node('Mul', [x, scale]);
    return emit.node('Mul', [normal, weight]);
  },
};

/** RMSNorm of x [..., width] with weight [width]. */
export const rmsNorm = (x: Tensor, weight: Tensor, epsilon: number): Tensor => apply(rmsNormPrimitive, [x, weight], { epsilon });

interface RopeAttributes {
  /** Rotates the other way, which is what the gradient does. */
  inverse: boolean;
}

/** Rotary position embedding (Su et al. 2021) in the half-split layout of Hugging Face: pairs are (i, i + headSize/2). */
const ropePrimitive: Primitive<RopeAttributes> = {
  name: 'rope',
  infer: (inputs) => {
    const x = at(inputs, 0);
    const table = at(inputs, 2);
    expectRank('rope', x, 2);
    expectRank('rope', at(inputs, 1), 1);
    const headSize = 2 * staticDim(table.shape, 1, 'rope');
    if (staticDim(x.shape, 1, 'rope') % headSize !== 0) {
      throw new ShapeError(`rope: ${formatShape(x.shape)} is not a whole number of heads of size ${headSize}.`);
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  gradient: ({ inputs, attributes }, [g]) =>
    g ? [apply(ropePrimitive, [g, ...inputs.slice(1)], { inverse: !attributes.inverse })] : [],
  lower: ({ attributes }, [x = '', positions = '', cosine = '', sine = ''], emit) => {
    // As a batch of sequences of one token: the operator wants no sequence longer than its tables.
    const middle = emit.constant('int64', [1], [1]);
    const [batched = ''] = emit.node('Unsqueeze', [x, middle]);
    const [batchedPositions = ''] = emit.node('Unsqueeze', [positions, middle]);
    const [turned = ''] = attributes.inverse ? emit.node('Neg', [sine]) : [sine];
    const [rotated = ''] = emit.node('RotaryEmbedding', [batched, batchedPositions, cosine, turned], {}, { domain: 'com.microsoft' });
    return emit.node('Squeeze', [rotated, middle]);
  },
};

/**
 * Rotates x [rows, heads * headSize] by the angle of each row's position [rows] (int64).
 * `cosine` and `sine`: [positions, headSize / 2]; a factor in them scales the result. No gradient flows to them.
 */
export const rope = (x: Tensor, positions: Tensor, cosine: Tensor, sine: Tensor): Tensor =>
  apply(ropePrimitive, [x, positions, cosine, sine], { inverse: false });

/**
 * softmax(q k' + mask) v. The gradient uses rowsum(dP * P) = rowsum(dO * O) (Dao et al. 2022), which is cheaper by the ratio of the
 * length to the head size.
 */
const attentionPrimitive: Primitive<null> = {
  name: 'attention',
  infer: (inputs) => {
    const [query, key, value, mask] = inputs;
    if (!query || !key || !value || !mask) throw new RangeError('attention: needs query, key, value and mask');
    for (const tensor of [query, key, value]) expectRank('attention', tensor, 5);
    if (key.shape[3] !== mask.shape[1] || query.shape[3] !== mask.shape[0] || key.shape[4] !== query.shape[4]) {
      throw new ShapeError(
        `attention: query ${formatShape(query.shape)}, key ${formatShape(key.shape)} and mask ${formatShape(mask.shape)} do not fit.`,
      );
    }
    // The second result, the probabilities, is kept for the gradient.
    return [
      { shape: query.shape, dtype: query.dtype },
      { shape: [...query.shape.slice(0, 4), at(key.shape, 3)], dtype: query.dtype },
    ];
  },
  gradient: ({ inputs, outputs }, [g]) => {
    if (!g) return [];
    const [query, key, value] = inputs;
    if (!query || !key || !value) throw new RangeError('attention: needs query, key and value');
    const probabilities = at(outputs, 1);
    const pull = sum(mul(g, at(outputs, 0)), [-1], true);
    const scoreGradient = mul(probabilities, sub(matmul(g, transpose(value)), pull));
    const sumGroup = (x: Tensor): Tensor => (x.shape[2] === key.shape[2] ? x : sum(x, [2], true));
    return [
      matmul(scoreGradient, key),
      sumGroup(matmul(transpose(scoreGradient), query)),
      sumGroup(matmul(transpose(probabilities), g)),
      sumToShape(scoreGradient, at(inputs, 3).shape),
    ];
  },
  lower: (_, [query = '', key = '', value = '', mask = ''], emit) => {
    const [keyTransposed = ''] = emit.node('Transpose', [key], { perm: [0, 1, 2, 4, 3] });
    const [scores = ''] = emit.node('MatMul', [query, keyTransposed]);
    const [masked = ''] = emit.node('Add', [scores, mask]);
    const [probabilities = ''] = emit.node('Softmax', [masked], { axis: -1 });
    const [output = ''] = emit.node('MatMul', [probabilities, value]);
    return [output, probabilities];
  },
};

/**
 * Attention over whole sequences. query [batch, time, heads * headSize] (already scaled), key and value [batch, keys, keyValueHeads *
 * headSize], mask [time, keys] added to the scores. Heads share keys in groups of heads / keyValueHeads (Ainslie et al. 2023).
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor,
  { heads, keyValueHeads, headSize }: { heads: number; keyValueHeads: number; headSize: number },
): Tensor {
  const [batch, time] = query.shape;
  const keys = key.shape[1];
  const fits = (x: Tensor, length: Dim, count: number) => batch !== undefined && sameShape(x.shape, [batch, length, count * headSize]);
  if (batch === undefined || time === undefined || keys === undefined || !fits(query, time, heads) || !fits(key, keys, keyValueHeads) || !fits(value, keys, keyValueHeads)) {
    const shapes = `query ${formatShape(query.shape)}, key ${formatShape(key.shape)} and value ${formatShape(value.shape)}`;
    throw new ShapeError(`attention: ${shapes} do not fit ${heads} heads and ${keyValueHeads} key-value heads of size ${headSize}.`);
  }
  if (heads % keyValueHeads !== 0) throw new ShapeError(`attention: ${heads} heads cannot share ${keyValueHeads} key-value heads evenly.`);
  const group = heads / keyValueHeads;
  const byHead = (x: Tensor, length: Dim, size: number) =>
    transpose(reshape(x, [batch, length, keyValueHeads, size, headSize]), [0, 2, 3, 1, 4]);
  const [output] = applyAll(attentionPrimitive, [byHead(query, time, group), byHead(key, keys, 1), byHead(value, keys, 1), mask], null);
  if (!output) throw new Error('attention has a result');
  return reshape(transpose(output, [0, 3, 1, 2, 4]), query.shape);
}

interface CachedAttentionAttributes {
  heads: number;
  keyValueHeads: number;
  /** How many positions each sees, itself included; null: all before it. */
  window?: number | null;
}

/** Attention against a key-value cache; the runtime appends the new keys and values to it. Not differentiable. */
const cachedAttentionPrimitive: Primitive<CachedAttentionAttributes> = {
  name: 'cachedAttention',
  infer: (inputs) => {
    const query = at(inputs, 0);
    expectRank('cachedAttention', query, 3);
    expectRank('cachedAttention', at(inputs, 3), 4);
    return [query, at(inputs, 3), at(inputs, 4)].map(({ shape, dtype }) => ({ shape, dtype }));
  },
  lower: ({ attributes }, inputs, emit) =>
    emit.node(
      'GroupQueryAttention',
      inputs,
      { num_heads: attributes.heads, kv_num_heads: attributes.keyValueHeads, scale: 1, ...(attributes.window == null ? {} : { local_window_size: attributes.window }) },
      { outputs: 3, domain: 'com.microsoft' },
    ),
};

/**
 * query [rows, new, heads * headSize] (already scaled), key and value [rows, new, keyValueHeads * headSize]; caches [rows, keyValueHeads,
 * capacity, headSize], to be bound as input and output at once; `last` [rows] int32: position of each row's newest token;
 * `longest` [1] int32: largest of `last` plus 1. With more than one new token the rows start at position 0.
 */
export function cachedAttention(
  inputs: { query: Tensor; key: Tensor; value: Tensor; keyCache: Tensor; valueCache: Tensor; last: Tensor; longest: Tensor },
  attributes: CachedAttentionAttributes,
): { output: Tensor; keyCache: Tensor; valueCache: Tensor } {
  const { query, key, value, last, longest } = inputs;
  const all = [query, key, value, inputs.keyCache, inputs.valueCache, last, longest];
  const [output, keyCache, valueCache] = applyAll(cachedAttentionPrimitive, all, attributes);
  if (!output || !keyCache || !valueCache) throw new Error('cachedAttention has three results');
  return { output, keyCache, valueCache };
}
