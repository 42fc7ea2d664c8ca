/** Holds the arrows between the rooms of the source tree: prints each import that goes against them, and exits 1 when there is one. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What the files of a room may import: whole rooms, or single files of one. Each room may import itself and the common ground.
 * A room that is not in the table is an error, so that a new one is put in its place on purpose.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  hub: [],
  data: ['hub'],
  task: ['data'],
  run: [],
  runtime: ['tensor'],
  model: ['tensor'],
  engine: ['tensor', 'model', 'runtime'],
  rl: ['tensor', 'engine/engine.ts', 'engine/loss.ts', 'task/task.ts', 'task/episode.ts', 'task/lost-rollout.ts'],
  grammar: ['engine/engine.ts', 'model/tokenizer.ts'],
  chat: ['engine/engine.ts', 'model', 'grammar', 'task'],
  agent: ['engine/engine.ts', 'model', 'chat', 'task'],
  research: ['chat', 'agent', 'task', 'run'],
  serve: ['engine/engine.ts', 'model', 'chat', 'task', 'run'],
  'research-server': ['research', 'serve', 'chat', 'run'],
  train: ['tensor', 'model', 'engine', 'rl', 'task', 'run', 'hub', 'data', 'chat', 'agent', 'serve', 'research/task/research.ts'],
  bench: ['tensor', 'runtime', 'model', 'engine', 'rl'],
  cli: ['tensor', 'runtime', 'model', 'engine', 'rl', 'task', 'run', 'hub', 'data', 'grammar', 'chat', 'agent', 'research', 'serve', 'research-server', 'train', 'bench'],
};

/** Files that every room may import. */
const COMMON_GROUND = ['chat-message.ts', 'error.ts', 'near-names.ts', 'random.ts', 'sqlite.ts'];

/** Files that may import anything: tests, what only tests use, and the library's front door. */
const isFree = (file: string): boolean => /\.(test|fixture)\.ts$/.test(file) || file === 'index.ts';

export interface SourceFile {
  /** Path below src/, with forward slashes. */
  path: string;
  text: string;
}

export interface Violation {
  path: string;
  line: number;
  from: string;
  to: string;
}

/** `from '...'`, `import '...'` and `import('...')` with a relative path. */
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Imports that go against the arrows, in the order of the files. */
export function findViolations(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => !isFree(path)).flatMap(violationsOf);
}

function violationsOf({ path, text }: SourceFile): Violation[] {
  const from = roomOf(path);
  return [...text.matchAll(IMPORT)].flatMap((match) => {
    const target = posix.normalize(posix.join(posix.dirname(path), match[1] ?? ''));
    if (isAllowed(path, target)) return [];
    const line = text.slice(0, match.index).split('\n').length;
    return [{ path, line, from, to: roomOf(target) === from ? target : `${roomOf(target)} (${target})` }];
  });
}

function isAllowed(path: string, target: string): boolean {
  const room = roomOf(path);
  const arrows = ARROWS[room];
  // Outside src/ lie files that are data here, such as package.json; code of other folders is not ours to import.
  if (target.startsWith('../')) return !/\.[cm]?[jt]s$/.test(target);
  if (COMMON_GROUND.includes(path)) return COMMON_GROUND.includes(target);
  if (arrows === undefined) return false;
  if (/\.(test|fixture)\.ts$/.test(target)) return false;
  return COMMON_GROUND.includes(target) || [room, ...arrows].some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

/** First folder of a path below src/; for a file that lies in src/ itself, its name. */
const roomOf = (path: string): string => path.split('/')[0] ?? path;

function readSources(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => `${entry.parentPath}${sep}${entry.name}`)
    .toSorted()
    .map((file) => ({ path: relative(directory, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const violations = findViolations(readSources(`${root}${sep}src`));
  for (const { path, line, from, to } of violations) console.log(`src/${path}:${line} ${from} -> ${to}`);
  if (violations.length > 0) {
    console.log(`${violations.length} imports go against the arrows between the rooms; the table in scripts/rooms.ts says which there are.`);
    process.exitCode = 1;
  }
}
