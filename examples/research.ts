/** A question answered from a folder of documents, from TypeScript: `node --conditions=r5-source examples/research.ts`; any model of the AI SDK does. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { eventLine, openSources, reportMarkdown, research, type LanguageModelObject, type ResearchEvent, type ResearchResult } from 'r5-rl';

export interface Asking {
  model: LanguageModelObject;
  /** Of the documents. A name such as `wikipedia` would search that. */
  folder: string;
  /** Where the run is kept. */
  directory?: string;
}

export async function ask(question: string, { model, folder, directory }: Asking): Promise<ResearchResult> {
  const sources = await openSources([folder]);
  const onEvent = (event: ResearchEvent): void => {
    const line = eventLine(event);
    if (line !== undefined) console.error(line);
  };
  try {
    return await research({ question, model, sources, directory, onEvent });
  } finally {
    await Promise.all(sources.map((source) => source.close?.()));
  }
}

if (import.meta.main) {
  const { R5_MODEL_URL = 'http://localhost:11434/v1', R5_MODEL = 'qwen3:4b' } = process.env;
  const model = createOpenAICompatible({ name: 'mine', baseURL: R5_MODEL_URL })(R5_MODEL);
  const result = await ask(process.argv[2] ?? 'What happens to an answer when the client hangs up?', { model, folder: 'docs' });
  console.log(reportMarkdown(result));
  console.log(`${result.outcome}: ${result.counts.verified} of ${result.counts.sentences} sentences verified; the run is in ${result.directory}`);
}
