/** Runs the command line once: what was typed in, an exit code out. */
import { CommanderError } from 'commander';
import { R5Error } from '../error.ts';
import { CheckFailure } from '../rl/checks.ts';
import { showDownloads } from './download-progress.ts';
import { exitCodes } from './exit-codes.ts';
import { makeProgram } from './program.ts';

/** Runs what `typed` (the words after `r5`) says and leaves its exit code in `process.exitCode`. Never throws. */
export async function runCli(typed: readonly string[]): Promise<void> {
  const downloads = showDownloads(process.stderr);
  try {
    await makeProgram().parseAsync(typed, { from: 'user' });
  } catch (error) {
    downloads.close();
    process.exitCode = reportFailure(error, typed.includes('--json'));
  }
}

/** Says on stderr, and with --json on stdout too, what went wrong. Returns the exit code. */
function reportFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version come as errors as well.
    if (error.exitCode === 0) return exitCodes.ok;
    if (json) printJsonError(error.message.replace(/^error: /, ''), exitCodes.usage);
    return exitCodes.usage;
  }
  const code = error instanceof CheckFailure ? exitCodes.checkFailed : exitCodes.failure;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof R5Error) process.stderr.write(`error: ${message}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? message) : message}\nThis is a defect of r5; please report it with the lines above.\n`);
  if (json) printJsonError(message, code);
  return code;
}

function printJsonError(message: string, exitCode: number): void {
  process.stdout.write(`${JSON.stringify({ error: message, exitCode })}\n`);
}
