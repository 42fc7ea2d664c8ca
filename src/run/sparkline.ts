/** A curve in one line of text. */

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * `values` as at most `width` blocks, oldest first. More values than blocks are averaged, each block over its equal share of them;
 * fewer are drawn one a block. Scaled to `range` [lowest, highest] (values beyond it are clamped), by default to the values' own;
 * a flat curve is drawn at half height. A block without a finite value is blank.
 */
export function sparkline(values: readonly number[], width: number, range?: readonly [lowest: number, highest: number]): string {
  const count = Math.min(values.length, Math.max(0, Math.floor(width)));
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    const [from, to] = [Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count)];
    const share = values.slice(from, to).filter(Number.isFinite);
    points.push(share.reduce((sum, value) => sum + value, 0) / share.length);
  }
  const finite = points.filter(Number.isFinite);
  const [lowest, highest] = range ?? [Math.min(...finite), Math.max(...finite)];
  return points.map((point) => blockFor(point, lowest, highest)).join('');
}

function blockFor(value: number, lowest: number, highest: number): string {
  if (!Number.isFinite(value)) return ' ';
  const height = highest > lowest ? (Math.min(highest, Math.max(lowest, value)) - lowest) / (highest - lowest) : 0.5;
  return blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))] ?? ' ';
}
