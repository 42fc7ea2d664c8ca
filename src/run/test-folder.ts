/** A folder of its own for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes an empty folder that is removed when the test ends. */
export function testFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'r5-run-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
