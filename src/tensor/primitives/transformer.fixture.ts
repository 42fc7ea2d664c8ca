/** Written-out references of attention and rotary positions, over plain lists. For tests. */

export interface HeadSizes {
  heads: number;
  keyValueHeads: number;
  headSize: number;
}

/** Attention of one query [heads * headSize] over rows of keys and values [keyValueHeads * headSize]: [heads * headSize]. */
export function attend(query: readonly number[], keys: readonly number[][], values: readonly number[][], sizes: HeadSizes): number[] {
  const { heads, keyValueHeads, headSize } = sizes;
  return Array.from({ length: heads }, (_, head) => {
    const shared = Math.floor(head / (heads / keyValueHeads));
    const ofHead = (row: readonly number[], index: number): readonly number[] => row.slice(index * headSize, (index + 1) * headSize);
    const scores = keys.map((key) => dot(ofHead(query, head), ofHead(key, shared)));
    const exponentials = scores.map((score) => Math.exp(score - Math.max(...scores)));
    const total = exponentials.reduce((a, b) => a + b, 0);
    return Array.from({ length: headSize }, (__, column) =>
      values.reduce((sofar, value, row) => sofar + ((exponentials[row] ?? NaN) / total) * (ofHead(value, shared)[column] ?? NaN), 0),
    );
  }).flat();
}

/** One head turned: pair (i, i + headSize / 2) by angles[i]. */
export function rotate(head: readonly number[], angles: readonly number[]): number[] {
  const half = head.length / 2;
  return head.map((value, i) => {
    const angle = angles[i % half] ?? NaN;
    const partner = head[(i + half) % head.length] ?? NaN;
    return value * Math.cos(angle) + (i < half ? -1 : 1) * partner * Math.sin(angle);
  });
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((total, value, i) => total + value * (right[i] ?? NaN), 0);
}
