/**
 * A program for the crash test: writes steps, episodes and checkpoints of the run in its first argument as fast as it can, going on from
 * the newest whole checkpoint, until it is killed. Prints a line once it is under way.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint, pruneCheckpoints, writeCheckpoint } from './checkpoint-folder.ts';
import { readRun } from './run-folder.ts';
import { openForWriting } from './run-writer.ts';

const run = readRun(process.argv[2] ?? '');
const { log } = openForWriting(run);
const latest = await latestCheckpoint(run);
const fromStep = latest === undefined ? 0 : Number(await readFile(join(latest.directory, 'step'), 'utf8'));
log.append({ type: 'resume', fromStep });

for (let step = fromStep + 1; ; step++) {
  log.append({
    type: 'episode', step, row: step, rollout: step, prompt: 'p'.repeat(500), completion: 'ü'.repeat(2000), reward: 1, verdict: 'correct',
    advantage: 0, tokens: 1, stopReason: 'stop',
  });
  log.append({ type: 'supervised-step', step, loss: 1, gradientNorm: 1, learningRate: 1, trainTokensPerSecond: 1, seconds: 1 });
  await writeCheckpoint(run, step, async (directory) => {
    await writeFile(join(directory, 'weights'), Buffer.alloc(200_000, step));
    await writeFile(join(directory, 'step'), String(step));
  });
  // Twice, so that some kills fall into the replacing of a checkpoint by another of its step.
  await writeCheckpoint(run, step, async (directory) => {
    await writeFile(join(directory, 'step'), String(step));
    await writeFile(join(directory, 'weights'), Buffer.alloc(200_000, step));
  });
  log.append({ type: 'checkpoint', step });
  await pruneCheckpoints(run, 2);
  if (step === fromStep + 1) process.stdout.write('under way\n');
}
