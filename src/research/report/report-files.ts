/** Writes a report into the folder of its run, and opens it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { R5Error } from '../../error.ts';
import { writeWhole } from '../../run/durable-file.ts';
import { fileError } from '../../run/file-error.ts';
import { reportToBibtex } from './bibtex.ts';
import { reportToHtml } from './report-html.ts';
import { reportToJson } from './report-json.ts';
import { reportToMarkdown } from './report-markdown.ts';
import { reportToPdf, type PdfOptions } from './report-pdf.ts';
import type { Report } from './report.ts';

const TEXTS = { md: reportToMarkdown, html: reportToHtml, json: reportToJson, bib: reportToBibtex } as const;

export type ReportFormat = keyof typeof TEXTS | 'pdf';

export const REPORT_FORMATS = ['md', 'html', 'pdf', 'json', 'bib'] as const satisfies readonly ReportFormat[];

/** Path of a report in the folder of a run: `report.html`. */
export const reportPath = (directory: string, format: ReportFormat): string => join(directory, `report.${format}`);

/** Writes the formats that need no browser by default; each file is whole or absent. Returns their paths. Throws R5Error. */
export async function writeReportFiles(report: Report, directory: string, { formats = ['md', 'html', 'json', 'bib'], ...pdf }: { formats?: readonly ReportFormat[] } & PdfOptions = {}): Promise<string[]> {
  const paths: string[] = [];
  for (const format of formats) {
    const path = reportPath(directory, format);
    const content = format === 'pdf' ? await reportToPdf(report, pdf) : TEXTS[format](report);
    try {
      writeWhole(path, content);
    } catch (cause) {
      throw fileError(cause, `write ${path}`);
    }
    paths.push(path);
  }
  return paths;
}

export interface OpenReportOptions {
  format?: ReportFormat;
  /** Program that opens a file. Default: the system's. */
  opener?: readonly [command: string, ...options: string[]];
}

/**
 * Opens the report of a run in the program that the system has for it, and returns its path. Throws R5Error when the run has no report of that
 * format, or when there is nothing to open it with; the message names the file.
 */
export async function openReport(directory: string, { format = 'html', opener = systemOpener() }: OpenReportOptions = {}): Promise<string> {
  const path = reportPath(directory, format);
  if (!existsSync(path)) {
    const others = REPORT_FORMATS.filter((other) => existsSync(reportPath(directory, other)));
    throw new R5Error(`${directory} has no report.${format}. ${others.length === 0 ? 'The run has written no report: look at its outcome.' : `It has ${others.map((other) => `report.${other}`).join(', ')}.`}`);
  }
  const [command, ...options] = opener;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, [...options, path], { stdio: 'ignore', detached: true });
    child.once('error', (cause) => reject(new R5Error(`could not open ${path} with ${command}: ${cause.message}. Open the file yourself.`, { cause })));
    // Windows' explorer ends with 1 when all is well.
    child.once('exit', (code) => (code === 0 || code === null || command === 'explorer.exe' ? resolve() : reject(new R5Error(`${command} could not open ${path} (it ended with code ${code}). Open the file yourself.`))));
    // What is still running after a while has opened it, and goes on without us.
    setTimeout(() => {
      child.unref();
      resolve();
    }, 2000).unref();
  });
  return path;
}

function systemOpener(): readonly [string, ...string[]] {
  // Where people say which browser they want.
  const { BROWSER: browser } = process.env;
  if (browser !== undefined && browser !== '') return [browser];
  if (process.platform === 'darwin') return ['open'];
  // `start` is a word of the shell; its first quoted argument would be a window's title.
  if (process.platform === 'win32') return ['explorer.exe'];
  return ['xdg-open'];
}
