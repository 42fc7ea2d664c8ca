/** What goes in wrong comes out as one line that names the thing, and an exit code that is not 0. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHILD_TIMEOUT_MS, lastJson, runR5, shortRun, workFolder, writeTask, type Finished } from './child-process.fixture.ts';

const folder = workFolder();

/** Trains the task, which must fail with exit code 1 and one line. Returns the line. */
async function failureOf(task: string, ...more: string[]): Promise<string> {
  const done = await runR5(['train', task, ...shortRun, '--steps', '2', ...more], { cwd: folder.path });
  return oneLine(done, 1);
}

function oneLine({ code, stderr }: Finished, expected: number): string {
  const lines = stderr.trimEnd().split('\n');
  expect({ code, lines: lines.length, text: stderr }).toMatchObject({ code: expected, lines: 1 });
  return lines[0] ?? '';
}

describe('a task', { timeout: CHILD_TIMEOUT_MS }, () => {
  test.each([
    ['whose score throws', { score: "() => { throw new Error('my own mistake'); }" }, ['test row 0', 'score() threw', 'my own mistake']],
    ['whose score is NaN', { score: "() => ({ reward: NaN, verdict: 'wrong' })" }, ['test row 0', '"reward":"NaN"', 'a finite number']],
    ['without training rows', { train: '() => []' }, ['train() returned no rows']],
    ['without held-out rows', { test: '() => []' }, ['test() returned no rows']],
    ['whose prompt is longer than the context', { prompt: "() => 'z'.repeat(80)" }, ['test row 0', '80 tokens', 'context of 64']],
    ['without a prompt', { prompt: "() => ''" }, ['test row 0', 'empty text']],
    ['that is none', { score: '3' }, ['score must be a function']],
  ])('%s', async (what, change, expected) => {
    const name = what.replaceAll(/[^a-z]+/gi, '-').toLowerCase();
    writeTask(folder.path, name, change);
    const line = await failureOf(`./${name}.ts`);
    for (const part of [name, ...expected]) expect(line).toContain(part);
  });

  test('that does not exist: the nearest name is suggested', async () => {
    expect(await failureOf('countdwn')).toContain('Did you mean "countdown"?');
    expect(await failureOf('./nowhere.ts')).toContain(join(folder.path, 'nowhere.ts'));
  });
});

describe('a model directory', { timeout: CHILD_TIMEOUT_MS }, () => {
  /** A copy of the model, spoiled. */
  function spoiled(name: string, spoil: (directory: string) => void): string {
    cpSync(join(folder.path, 'model'), join(folder.path, name), { recursive: true });
    spoil(join(folder.path, name));
    return name;
  }

  /** Rewrites the header of its model.safetensors. */
  function withHeader(directory: string, change: (header: string) => string, length?: bigint): void {
    const path = join(directory, 'model.safetensors');
    const file = readFileSync(path);
    const end = 8 + Number(file.readBigUInt64LE(0));
    const header = Buffer.from(change(file.toString('utf8', 8, end)));
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(length ?? BigInt(header.length));
    writeFileSync(path, Buffer.concat([start, header, file.subarray(end)]));
  }

  test.each(['config.json', 'model.safetensors', 'tokenizer.json'])('without %s', async (file) => {
    const name = spoiled(`no-${file}`, (directory) => rmSync(join(directory, file)));
    const line = await failureOf('letters.ts', '--model', name);
    expect(line).toContain(join(name, file.replace('model.safetensors', '')).replace(/\/$/, ''));
    expect(line).toContain(file);
  });

  test.each([
    ['a header length that overflows', 2n ** 63n, (header: string) => header],
    ['sizes that overflow', undefined, (header: string) => header.replace(/"shape":\[/, '"shape":[4294967296,4294967296,')],
    ['offsets that overlap', undefined, (header: string) => header.replaceAll(/"data_offsets":\[\d+/g, '"data_offsets":[0')],
    ['no JSON in its header', undefined, (header: string) => header.replace('{', '[')],
  ])('with %s', async (what, length, change) => {
    const name = spoiled(what.replaceAll(' ', '-'), (directory) => withHeader(directory, change, length));
    expect(await failureOf('letters.ts', '--model', name)).toContain(join(name, 'model.safetensors'));
  });

  test('with the tokenizer of a larger vocabulary', async () => {
    const name = spoiled('other-tokenizer', (directory) => {
      const path = join(directory, 'tokenizer.json');
      const tokenizer = JSON.parse(readFileSync(path, 'utf8'));
      tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], id: 5000, content: '<|far|>' });
      writeFileSync(path, JSON.stringify(tokenizer));
    });
    const line = await failureOf('letters.ts', '--model', name);
    expect(line).toContain(join(name, 'tokenizer.json'));
    expect(line).toContain('does not fit the model');
  });
});

describe('a setting', { timeout: CHILD_TIMEOUT_MS }, () => {
  test.each([
    [['train', 'letters.ts', '--learning-rate', 'NaN'], "option '--learning-rate <x>' argument 'NaN' is invalid. It must be a number above 0."],
    [['train', 'letters.ts', '--steps', '1.5'], "option '--steps <n>' argument '1.5' is invalid. It must be a whole number of at least 1."],
    [['train', 'letters.ts', '--clip-low', '2'], 'It must be a number from 0 to 1.'],
    [['train', 'letters.ts', '--seed', ''], 'It must be a whole number of at least 0.'],
    [['train', 'letters.ts', '--loss', 'pp'], 'Allowed choices are importance_sampling, ppo, cispo, gspo.'],
    [['eval', 'letters.ts', '--rows', '0'], "option '--rows <n>' argument '0' is invalid. It must be a whole number of at least 1."],
    [['eval', 'letters.ts', '--sample', '3'], 'Did you mean --samples?'],
    [['eval'], "missing required argument 'task'"],
    [['trian', 'letters.ts'], 'Did you mean train?'],
    [['sample', '--prompt', 'a', '--task', 'countdown'], 'either --prompt or --task'],
    [['sample'], 'give --prompt TEXT or --task NAME'],
    [['export', 'model'], "required option '--to <text>' not specified"],
  ])('%j is wrong usage', async (words, expected) => {
    const done = await runR5([...words, '--json'], { cwd: folder.path });
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(expected);
    expect(done.stderr).toMatch(/--help/);
    expect(lastJson(done.stdout)).toMatchObject({ exitCode: 2, error: expect.any(String) });
  });
});

test('r5 plan refuses stored weights without adapters, as training does', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const done = await runR5(['plan', '--model', 'model', '--weights', 'int8'], { cwd: folder.path });
  expect(oneLine(done, 1)).toContain('plan with --lora-rank as well');
});

describe('a folder of runs', { timeout: CHILD_TIMEOUT_MS }, () => {
  /** Root may write anywhere, so it takes somebody else's place. */
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const skipped = process.platform === 'win32';

  test.skipIf(skipped)('that cannot be written is named; so is a run in it', async () => {
    const words = ['train', 'letters.ts', ...shortRun, '--steps', '1', '--runs-dir', 'locked'];
    const options = { cwd: folder.path, ...nobody };
    chmodSync(folder.path, 0o755);
    mkdirSync(join(folder.path, 'locked'));
    chmodSync(join(folder.path, 'locked'), 0o555);
    const line = oneLine(await runR5(words, options), 1);
    expect(line).toContain(join(folder.path, 'locked'));
    expect(line).toMatch(/permission/i);

    chmodSync(join(folder.path, 'locked'), 0o755);
    expect((await runR5(words, { cwd: folder.path })).code).toBe(0);
    const listed = await runR5(['runs', '--runs-dir', 'locked', '--json'], { cwd: folder.path });
    const run = String(JSON.parse(listed.stdout).runs[0].directory);
    chmodSync(run, 0o555);
    const resumed = oneLine(await runR5(['resume', run], options), 1);
    expect(resumed).toContain(run);
    chmodSync(run, 0o755);
  });

  test('that is a file is named', async () => {
    writeFileSync(join(folder.path, 'a-file'), '');
    expect(await failureOf('letters.ts', '--runs-dir', 'a-file')).toContain(join(folder.path, 'a-file'));
    expect(existsSync(join(folder.path, 'a-file'))).toBe(true);
  });
});

test('r5 validate exits with 4 and lists what is wrong', { timeout: CHILD_TIMEOUT_MS }, async () => {
  writeTask(folder.path, 'generous', { score: "() => ({ reward: 1, verdict: 'correct' })" });
  const done = await runR5(['validate', 'generous.ts', '--json'], { cwd: folder.path });
  expect(done.code).toBe(4);
  expect(lastJson(done.stdout)).toMatchObject({ task: 'generous', passed: false });
  expect(done.stderr).toMatch(/corrupted answer .* scores/);
  const fine = await runR5(['validate', 'countdown', '--rows', '10'], { cwd: folder.path });
  expect(fine).toMatchObject({ code: 0, stdout: expect.stringContaining('The task is fine.') });
});
