/** The live view on a real terminal, which `script` makes. */
import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CHILD_TIMEOUT_MS, mainFile, shortRun, workFolder } from './child-process.fixture.ts';

const folder = workFolder();
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** What the command writes to a terminal, and its exit code. `press` is typed once `at` is on the screen. */
function onTerminal(words: readonly string[], env: Record<string, string>, press?: { at: string; key: string }): Promise<{ code: number | null; screen: string }> {
  const { CI: _, NO_COLOR: __, ...inherited } = process.env;
  const command = [process.execPath, mainFile, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 90 rows 30; exec ${command}`, '/dev/null'], { cwd: folder.path, env: { ...inherited, TERM: 'xterm-256color', ...env } });
  let screen = '';
  let pressed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    if (pressed || !press || !screen.includes(press.at)) return;
    pressed = true;
    child.stdin.write(press.key);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, screen }));
  });
}

const train = ['train', 'letters.ts', ...shortRun];
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

test.skipIf(!hasScript)('is redrawn in place and leaves the cursor visible', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const { code, screen } = await onTerminal([...train, '--steps', '3'], {});
  expect(code).toBe(0);
  expect(screen).toContain('\x1b[9A\r');
  expect(screen).toContain('━');
  expect(screen).toContain('\x1b[32m');
  expect(screen).toMatch(/What to type next/);
  expect(screen.indexOf(HIDE_CURSOR)).toBeGreaterThanOrEqual(0);
  expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(HIDE_CURSOR));
});

test.skipIf(!hasScript)('NO_COLOR takes the colours, CI the redrawing', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const plain = await onTerminal([...train, '--steps', '1'], { NO_COLOR: '1' });
  expect(plain.screen).toContain('\x1b[9A\r');
  // eslint-disable-next-line no-control-regex
  expect(plain.screen).not.toMatch(/\x1b\[\d+m/);
  const lines = await onTerminal([...train, '--steps', '1'], { CI: 'true' });
  expect(lines.screen).toMatch(/^step 1\/1 /m);
  expect(lines.screen).not.toContain(HIDE_CURSOR);
});

test.skipIf(!hasScript)('Ctrl-C stops after the step, shows the cursor again and says how to go on', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const { code, screen } = await onTerminal([...train, '--steps', '60'], {}, { at: '2/60', key: '\x03' });
  expect(code).toBe(130);
  expect(screen).toContain('stopping after this step');
  expect(screen).toMatch(/Stopped after step \d+; .*\s+r5 resume [0-9a-f]{6}/);
  expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(HIDE_CURSOR));
});
