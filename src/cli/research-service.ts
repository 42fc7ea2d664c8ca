/** Research as a service, from what was typed: `r5 mcp` and `r5 research serve`. */
import { z } from 'zod';
import { ResearchService } from '../research-server/research-service.ts';
import { createR5 } from '../train/r5-provider.ts';
import { runsOption } from './common-options.ts';
import type { Output } from './output.ts';
import { changeable, folderOption, manner } from './research-options.ts';
import { keptSettings, researchOptions, typedSettings } from './research-settings.ts';
import { openNamedSources, sourceNames } from './research-sources.ts';

export const serviceOptions = { ...manner, ...changeable, ...folderOption, ...runsOption };
const schema = z.object(serviceOptions);

/** Opens models and sources, and closes them after `use`. Throws R5Error for what cannot be used. */
export async function withResearchService(typed: z.output<typeof schema>, output: Output, use: (service: ResearchService) => Promise<void>): Promise<void> {
  const settings = typedSettings({ ...typed, sources: sourceNames(typed) });
  const { signal } = new AbortController();
  const provider = createR5({ runsDirectory: settings.runsDir });
  try {
    // A model that is mistyped is said before folders are read, which may take long.
    const models = await researchOptions(settings, { provider, sources: [], signal });
    const opened = await openNamedSources(settings, { output, signal });
    try {
      const service = new ResearchService({
        ...models,
        sources: opened.sources,
        depth: settings.depth,
        loop: settings.loop,
        parallel: typed.parallel,
        pageCharacters: settings.pageCharacters,
        unsupported: settings.unsupported,
        directory: typed.researchDir,
        settings: ({ depth, money }) => keptSettings({ ...settings, depth, budget: money }),
      });
      try {
        await use(service);
      } finally {
        await service.close();
      }
    } finally {
      await opened.close();
    }
  } finally {
    await provider.release();
  }
}
