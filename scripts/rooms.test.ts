import { describe, expect, it } from 'vitest';
import { ARROWS, findViolations } from './rooms.ts';

const violationsOf = (path: string, text: string): string[] =>
  findViolations([{ path, text }]).map(({ line, from, to }) => `${line} ${from} -> ${to}`);

describe('the arrows between rooms', () => {
  it('lets a room import itself, rooms below it and the common ground', () => {
    const text = "import { a } from './a.ts';\nimport { b } from '../../tensor/index.ts';\nimport { R5Error } from '../../error.ts';\n";
    expect(violationsOf('engine/local/engine.ts', text)).toEqual([]);
  });

  it('all point to rooms that stand earlier in the table, so that no two rest on each other', () => {
    const rooms = Object.keys(ARROWS);
    const upwards = Object.entries(ARROWS).flatMap(([room, allowed]) => allowed.filter((path) => rooms.indexOf(path.split('/')[0] ?? '') >= rooms.indexOf(room)).map((path) => `${room} -> ${path}`));
    expect(upwards).toEqual([]);
  });

  it('reports an import that points upwards, with its line', () => {
    const text = "/** A model. */\nimport type { Engine } from '../engine/engine.ts';\n";
    expect(violationsOf('model/model.ts', text)).toEqual(['2 model -> engine (engine/engine.ts)']);
  });

  it('lets algorithms see the interface of an engine, not what is behind it', () => {
    expect(violationsOf('rl/grpo.ts', "import type { Engine } from '../engine/engine.ts';")).toEqual([]);
    expect(violationsOf('rl/grpo.ts', "import { LocalEngine } from '../engine/local/local-engine.ts';")).toHaveLength(1);
  });

  it('sees imports over several lines, exports, dynamic imports and imports for their effect', () => {
    expect(violationsOf('task/a.ts', "import {\n  b,\n} from '../run/b.ts';")).toEqual(['3 task -> run (run/b.ts)']);
    expect(violationsOf('task/a.ts', "export * from '../run/b.ts';")).toHaveLength(1);
    expect(violationsOf('task/a.ts', "await import('../run/b.ts');")).toHaveLength(1);
    expect(violationsOf('task/a.ts', "import '../run/b.ts';")).toHaveLength(1);
  });

  it('refuses a room that has no place in the table', () => {
    expect(violationsOf('attic/a.ts', "import { b } from '../tensor/index.ts';")).toHaveLength(1);
  });

  it('refuses code from outside src and fixtures in what is shipped', () => {
    expect(violationsOf('cli/main.ts', "import { b } from '../../scripts/rooms.ts';")).toHaveLength(1);
    expect(violationsOf('cli/main.ts', "import { b } from './b.fixture.ts';")).toHaveLength(1);
  });

  it('leaves tests, fixtures and the front door free', () => {
    for (const path of ['tensor/a.test.ts', 'tensor/a.fixture.ts', 'index.ts']) {
      expect(violationsOf(path, "import { b } from './cli/b.ts';\nimport { c } from '../run/c.ts';")).toEqual([]);
    }
  });
});
