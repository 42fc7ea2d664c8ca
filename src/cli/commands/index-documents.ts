import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import type { IndexReport } from '../../research/documents/index-folder.ts';
import { jsonOption } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchForInterrupt } from '../interrupt.ts';
import { embeddingOptions, openEmbedder } from '../open-embedder.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { shownPath } from '../shown-path.ts';
import { typedName } from '../typed-name.ts';

const options = z.strictObject({
  index: z.string().min(1).optional().describe('the index file; .r5-index/index.sqlite in the folder otherwise'),
  ...embeddingOptions,
  ...jsonOption,
});

/** How often a long run says how far it is. */
const EVERY_MS = 2000;

/** `r5 index <folder>`: makes a folder's documents searchable, or brings their index up to date. */
export function registerIndexDocuments(program: Command): void {
  const command = program
    .command('index')
    .description('make the documents of a folder searchable: Markdown, HTML, PDF, DOCX, EPUB, CSV, text and code; run it again after changes')
    .argument('<folder>', 'folder of the documents', (text) => {
      if (text.trim() === '') throw new InvalidArgumentError('It must be a folder.');
      return text;
    });
  addOptions(command, options).action(async (folder: string) => {
    // The readers of the formats take a while to load, and no other command needs them.
    const { indexFolder, indexPathOf } = await import('../../research/documents/index-folder.ts');
    const { json, index = indexPathOf(folder), embeddings, embeddingsUrl } = readOptions(command, options);
    const embedder = await openEmbedder(embeddings, embeddingsUrl);
    const output = new Output(json);
    const interrupt = watchForInterrupt(() => output.line('Stopping; what has been read stays in the index.'));
    let saidMs = performance.now();
    const onFile = (path: string, looked: number): void => {
      if (performance.now() - saidMs < EVERY_MS) return;
      saidMs = performance.now();
      output.line(`${looked} files: ${printable(shownPath(path))}`);
    };
    try {
      const report = await indexFolder(folder, { index, signal: interrupt.signal, onFile, ...(embedder !== undefined && { embedder }) });
      printReport(output, report);
      output.result(report);
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      process.exitCode = exitCodes.interrupted;
    } finally {
      interrupt.release();
    }
  });
  command.addHelpText('after', '\nExamples:\n  r5 index ./papers\n  r5 research "What limits the range of heat pumps?" --sources ./papers\n');
}

function printReport(output: Output, report: IndexReport): void {
  const { added, changed, unchanged, removed, ignored, passedOver, failed, documents, passages, milliseconds } = report;
  for (const { path, reason } of failed) output.line(`${output.style('yellow', 'not read')} ${printable(path)}: ${printable(reason)}`);
  const changes = [`${added} added`, `${changed} changed`, `${removed} removed`, `${unchanged} as before`, ...(failed.length > 0 ? [`${failed.length} could not be read`] : [])];
  output.line(`${changes.join(', ')} (${(milliseconds / 1000).toFixed(1)} s)`);
  const others = Object.entries(ignored).sort(([, left], [, right]) => right - left);
  if (others.length > 0) output.line(`of formats that are not read: ${others.map(([ending, count]) => `${count} ${printable(ending)}`).join(', ')}`);
  const { hidden, links, programFolders, special } = passedOver;
  const passed = ([[hidden, 'hidden'], [links, 'links'], [programFolders, 'node_modules or __pycache__'], [special, 'pipes or devices']] as const).filter(([count]) => count > 0);
  if (passed.length > 0) output.line(`not looked at: ${passed.map(([count, what]) => `${count} ${what}`).join(', ')}`);
  output.line(`${documents} documents, ${passages} passages in ${shownPath(report.index)}`);
  if (report.embedded !== undefined) output.line(`${report.embedded} new vectors`);
  if (documents === 0) output.line(`There is nothing to search yet. ${typedName()} index --help names the formats that are read.`);
}
