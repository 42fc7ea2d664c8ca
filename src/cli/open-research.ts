/** Shows the report of a research run: in the program that the system has for such files, or in the terminal. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { R5Error } from '../error.ts';
import { keepResult } from '../research/loop/kept-result.ts';
import { reportMarkdown } from '../research/loop/report-markdown.ts';
import { ReplayError } from '../research/loop/replay-error.ts';
import { replayResearch } from '../research/loop/research.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { reportOf } from '../research/loop/result-report.ts';
import type { ResearchRun } from '../research/loop/run-folder.ts';
import type { Report } from '../research/report/report.ts';
import { openReport, reportPath, writeReportFiles, type ReportFormat } from '../research/report/report-files.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { shownPath } from './shown-path.ts';
import { typedName } from './typed-name.ts';

export interface OpenResearchOptions {
  /** Default `html`. */
  format?: ReportFormat | undefined;
  /** As Markdown in the terminal. */
  print: boolean;
}

/** Throws R5Error when the run has not come to its end, and for options that go against each other. */
export async function openResearch(run: ResearchRun, { format, print }: OpenResearchOptions, output: Output): Promise<void> {
  if (format !== undefined && (print || output.json)) throw new R5Error('--format says which file is opened, and --print and --json show the report here. Leave out the one or the other.');
  const result = await finished(run);
  const report = reportOf(result);
  if (print || output.json || report === undefined) {
    output.line(printable(reportMarkdown(result)));
    output.result(result);
    return;
  }
  await openFile(run, format ?? 'html', report, output);
}

async function openFile(run: ResearchRun, format: ReportFormat, report: Report, output: Output): Promise<void> {
  const path = reportPath(run.directory, format);
  // Made on demand: a PDF needs a browser, and a file may have been deleted.
  if (format === 'pdf' || !existsSync(path)) await writeReportFiles(report, run.directory, { formats: [format] });
  try {
    await openReport(run.directory, { format });
    output.line(printable(shownPath(resolve(path))));
  } catch (error) {
    if (!(error instanceof R5Error)) throw error;
    // Nothing on this machine opens it; the person can.
    output.line(printable(error.message));
    output.line(`${typedName()} research open ${run.id} --print shows it here.`);
  }
}

/** What the run came to, from its journal alone. Its files are written where a crash came before them. */
async function finished(run: ResearchRun): Promise<ResearchResult> {
  try {
    const result = await replayResearch(run);
    if (!existsSync(reportPath(run.directory, 'md'))) await keepResult(run, result);
    return result;
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    throw new R5Error(`The run ${run.name} has not come to its end, so there is no report yet. Go on with it: ${typedName()} research resume ${run.id}`, { cause: error });
  }
}
