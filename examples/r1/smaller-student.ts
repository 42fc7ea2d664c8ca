/** A student for distillation: the embedding, some of the blocks and the last norm of a larger model. It begins nearly blank, but not quite. */
import { openCheckpoint, saveCheckpoint, type Parameter } from 'r5-rl';

/** Writes a model of the given blocks of `from`, in their order, to the directory `to`. */
export async function smallerStudent(from: string, blocks: readonly number[], to: string): Promise<void> {
  const checkpoint = await openCheckpoint(from);
  const parameters: Parameter[] = [];
  await checkpoint.loadParameters((name, shape) => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1];
    const place = layer === undefined ? 0 : blocks.indexOf(Number(layer));
    if (place >= 0) parameters.push({ name: name.replace(/layers\.\d+/, `layers.${place}`), shape, data });
    return data;
  });
  await saveCheckpoint(to, { ...checkpoint.config, layers: blocks.length }, parameters, { copyFrom: from });
}
