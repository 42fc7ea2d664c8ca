#!/usr/bin/env node
/** The command `r5`. */
import { enableCompileCache } from 'node:module';

// Kept in the system's folder for temporary files: reading and compiling the sources anew would be half of a start's time.
enableCompileCache();
const { runCli } = await import('./run-cli.ts');

// `r5 runs | head` closes the pipe early; that is no failure of r5's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await runCli(process.argv.slice(2));
