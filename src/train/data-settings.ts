/** The settings of a run that say where the rows of a task over a dataset come from. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { DataOptions } from '../task/data-rows.ts';

export const dataFields = {
  data: z.string().min(1).optional().describe('rows of a task over a dataset: file, folder, or name on the hub'),
  columns: z.string().min(1).optional().describe('columns of that data, as wanted=there,wanted=there'),
};

/** What `loadTask` takes. Throws R5Error for columns that are not pairs. */
export function dataOptions({ data, columns }: { data?: string | undefined; columns?: string | undefined }): DataOptions {
  if (columns === undefined) return { data };
  const pairs = columns.split(',').map((pair) => {
    const [wanted = '', there = '', ...rest] = pair.split('=').map((part) => part.trim());
    if (wanted === '' || there === '' || rest.length > 0) throw new R5Error(`--columns ${columns}: "${pair}" is not of the form wanted=there.`);
    return [wanted, there] as const;
  });
  return { data, columns: Object.fromEntries(pairs) };
}
