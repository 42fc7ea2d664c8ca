import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const files = readdirSync(import.meta.dirname);
const rooms = files.filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file)).map((file) => file.replace(/\.ts$/, ''));

test.each(rooms)('%s.ts hands its exports to testGradients, which notices an operation without a test', (name) => {
  expect(files, 'a test beside the file').toContain(`${name}.test.ts`);
  const source = readFileSync(join(import.meta.dirname, `${name}.test.ts`), 'utf8');
  const imported = new RegExp(`import \\* as (\\w+) from './${name}\\.ts'`).exec(source)?.[1];
  expect(source).toMatch(new RegExp(`testGradients\\(\\s*${imported},`));
});
