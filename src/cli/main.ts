#!/usr/bin/env node
/** The command `r5`. */
import { runCli } from './run-cli.ts';

// `r5 runs | head` closes the pipe early; that is no failure of r5's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await runCli(process.argv.slice(2));
