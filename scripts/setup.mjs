/**
 * Installs what package-lock.json asks for, unless that has been done. Runs before `npm start` and `npm test`, on whatever Node the
 * machine has (18 or later); what comes after it runs on the Node that is installed here.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = fileURLToPath(new URL('../node_modules/.r5-setup', import.meta.url));
const lockfile = fileURLToPath(new URL('../package-lock.json', import.meta.url));

const wanted = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : '';
if (installed !== wanted) {
  process.stderr.write('Installing what r5 needs (npm ci; about a minute) ...\n');
  install();
  writeFileSync(stampFile, `${wanted}\n`);
}

function install() {
  // Each option undoes a setting, of the person or of the environment, that would leave out what is needed or hide why it failed.
  const options = ['ci', '--include=dev', '--include=optional', '--ignore-scripts=false', '--loglevel=warn', '--no-progress'];
  // npm tells its scripts where it is; run through this Node it needs no shell, on Windows either.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const result = spawnSync(command, [...first, ...options], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npm',
    maxBuffer: 64 * 1024 * 1024,
    // Install scripts that would fetch something from outside npm are told not to, for versions of npm that run them whatever package.json says.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' },
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const reason = result.error ? result.error.message : `it ended with ${result.signal ?? `code ${result.status}`}`;
  process.stderr.write(`Could not install what r5 needs: npm ci failed (${reason}); what it said stands above. Is the npm registry within reach?\n`);
  process.exit(1);
}
