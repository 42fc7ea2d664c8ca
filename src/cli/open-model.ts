/** A model for the length of a command. */
import { openModel, type OpenModel, type OpenModelSettings } from '../train/open-model.ts';

export type { OpenModel } from '../train/open-model.ts';

/** Opens the model, gives it to `use`, and releases it whatever happens. Throws R5Error for a model that does not load. */
export async function withModel<Result>(
  { model, runsDir, ...settings }: OpenModelSettings & { model: string; runsDir: string },
  use: (model: OpenModel) => Promise<Result>,
): Promise<Result> {
  const opened = await openModel(model, runsDir, settings);
  try {
    return await use(opened);
  } finally {
    await opened.engine.release();
  }
}
