/** How far a run has come through its rows, beside a checkpoint's weights: rollouts that were under way are begun anew when it is resumed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { GroupPosition } from '../rl/step-rollouts.ts';

const FILE = 'rollouts.json';

const schema = z.object({ next: z.int().nonnegative(), pending: z.array(z.int().nonnegative()) });

/** Writes the position into a checkpoint's directory. */
export function saveGroupPosition(directory: string, position: GroupPosition): void {
  writeFileSync(join(directory, FILE), `${JSON.stringify(position)}\n`);
}

/** The position in a checkpoint's directory; undefined where there is none. Throws R5Error for a file that is damaged. */
export function loadGroupPosition(directory: string): GroupPosition | undefined {
  const path = join(directory, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new R5Error(`${path} is damaged. Remove it: the run then goes on with the rows that follow those of its steps.`, { cause });
  }
}
