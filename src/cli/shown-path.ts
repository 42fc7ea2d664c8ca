import { relative } from 'node:path';

/** A path as people would type it here: relative where that is below the current folder, else absolute. */
export function shownPath(path: string): string {
  const below = relative('', path);
  return below === '' || below.startsWith('..') ? path : below;
}
