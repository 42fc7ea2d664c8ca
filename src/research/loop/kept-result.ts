/**
 * The result beside its journal: `result.json` for programs, and the report as `report.md`, `report.html`, `report.json` and `report.bib`. All of
 * them can be made again from the journal by a replay.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../run/durable-file.ts';
import { fileError } from '../../run/file-error.ts';
import { REPORT_FORMATS, reportPath, writeReportFiles } from '../report/report-files.ts';
import { reportMarkdown } from './report-markdown.ts';
import type { ResearchResult } from './research-result.ts';
import { reportOf } from './result-report.ts';
import type { ResearchRun } from './run-folder.ts';

export const resultPath = (run: Pick<ResearchRun, 'directory'>): string => join(run.directory, 'result.json');

/** Without a report `report.md` is the account of what was tried. Nothing of an earlier end of the run stays. Throws R5Error. */
export async function keepResult({ directory }: Pick<ResearchRun, 'directory'>, result: ResearchResult): Promise<void> {
  const report = reportOf(result);
  try {
    writeWhole(resultPath({ directory }), `${JSON.stringify(result, undefined, 2)}\n`);
    for (const format of REPORT_FORMATS) rmSync(reportPath(directory, format), { force: true });
    if (report === undefined) writeWhole(reportPath(directory, 'md'), reportMarkdown(result));
  } catch (cause) {
    throw fileError(cause, `write the report into ${directory}`);
  }
  if (report !== undefined) await writeReportFiles(report, directory);
}
