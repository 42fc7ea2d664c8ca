/** Text from outside in a tool's result: marked as such, since the model that called the tool is not ours and knows nothing of where it came from. */
import { randomBytes } from 'node:crypto';
import { aboutData, dataBlock, type OutsideText } from '../../research/loop/outside-text.ts';

/** Blocks with a fence of their own, which nothing that was written before can hold. */
export function outsideBlock(...texts: readonly OutsideText[]): string {
  const fence = randomBytes(12).toString('hex');
  return [aboutData(fence), ...texts.map((text) => dataBlock(fence, text))].join('\n\n');
}
