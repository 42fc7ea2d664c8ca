/** The result beside its journal: `result.json` for programs, `report.md` for people. Both can be made again from the journal by a replay. */
import { join } from 'node:path';
import { writeWhole } from '../../run/durable-file.ts';
import { fileError } from '../../run/file-error.ts';
import { reportMarkdown } from './report-markdown.ts';
import type { ResearchResult } from './research-result.ts';
import type { ResearchRun } from './run-folder.ts';

export const resultPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'result.json');
export const reportPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'report.md');

export function keepResult(run: ResearchRun, result: ResearchResult): void {
  try {
    writeWhole(resultPath(run), `${JSON.stringify(result, undefined, 2)}\n`);
    writeWhole(reportPath(run), reportMarkdown(result));
  } catch (cause) {
    throw fileError(cause, `write the report into ${run.directory}`);
  }
}
