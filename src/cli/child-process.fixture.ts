/** The command line as others meet it: in a process of its own, with a tiny random model and tiny tasks. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { writeTinyModel } from '../engine/local/tiny-engine.fixture.ts';

export const mainFile = fileURLToPath(new URL('main.ts', import.meta.url));

/** Children start slowly on a machine that is busy with other tests. */
export const CHILD_TIMEOUT_MS = 180_000;

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ChildOptions {
  cwd: string;
  /** Written to stdin, which is closed then. */
  input?: string;
  uid?: number;
  /** Sends the signal when the text appears in the output. */
  signalAt?: { text: string; signal: NodeJS.Signals };
}

/** Runs `r5` with these words; resolves when it has ended. */
export function runR5(words: readonly string[], { cwd, input, uid, signalAt }: ChildOptions): Promise<Finished> {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, npm_lifecycle_event: ____, ...env } = process.env;
  const child = spawn(process.execPath, [mainFile, ...words], { cwd, env, ...(uid === undefined ? {} : { uid, gid: uid }) });
  const finished: Finished = { code: null, signal: null, stdout: '', stderr: '' };
  collect(child, finished, signalAt);
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...finished, code, signal }));
  });
}

function collect(child: ChildProcess, into: Finished, signalAt: ChildOptions['signalAt']): void {
  let sent = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      into[name] += text;
      if (sent || !signalAt || !into[name].includes(signalAt.text)) return;
      sent = true;
      child.kill(signalAt.signal);
    });
  }
}

/** That of the tiny model's tokenizer: random weights would draw ids above it, which mean nothing. */
export const VOCABULARY_SIZE = 272;

/** A folder with the model `model/`, made before and removed after the tests of a file. Its path is known once they run. */
export function workFolder(): { path: string } {
  const folder = { path: '' };
  beforeAll(async () => {
    folder.path = mkdtempSync(join(tmpdir(), 'r5-cli-'));
    await writeTinyModel(join(folder.path, 'model'), { change: { vocab_size: VOCABULARY_SIZE } });
    writeTask(folder.path, 'letters');
  });
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

/**
 * Writes `<name>.ts`, a task that asks for answers with many of the letters a to m. `change` replaces fields of it, as source text.
 * Rows are numbers. Scoring waits a moment, so that a run can be stopped in the middle.
 */
export function writeTask(directory: string, name: string, change: Record<string, string> = {}): string {
  const fields: Record<string, string> = {
    name: JSON.stringify(name),
    description: "'Write many of the letters a to m.'",
    train: '() => Array.from({ length: 12 }, (_, i) => i)',
    test: '() => Array.from({ length: 8 }, (_, i) => 100 + i)',
    prompt: '(row) => `the number ${row}`',
    maxTokens: '8',
    score: `async (row, { text }) => {
    await new Promise((done) => setTimeout(done, 60));
    const share = (text.match(/[a-m]/g) ?? []).length / Math.max(1, text.length);
    return { reward: share, verdict: share > 0.3 ? 'correct' : 'wrong' };
  }`,
    solution: '() => "abcdefgh"',
    ...change,
  };
  const path = join(directory, `${name}.ts`);
  writeFileSync(path, `export default {\n${Object.entries(fields).map(([field, source]) => `  ${field}: ${source},\n`).join('')}};\n`);
  return path;
}

/** Settings that keep a run short. */
export const shortRun = [
  '--model', 'model', '--prompts', '4', '--group-size', '4', '--final-rows', '8', '--eval-rows', '4', '--eval-every', '2', '--threads', '1',
  '--learning-rate', '1e-2', '--truncated', 'keep',
] as const;

/** The last line of a text as JSON. */
export function lastJson(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
}
