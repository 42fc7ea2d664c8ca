import type { DatabaseSync } from 'node:sqlite';

/** Opens a database of SQLite. Loaded when it is needed, not before: Node warns that its SQLite is new, which is nothing to the people who use r5. */
export function openSqlite(path: string, options: { readOnly?: boolean } = {}): DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    const sqlite = process.getBuiltinModule('node:sqlite');
    return new sqlite.DatabaseSync(path, { timeout: 5000, ...options });
  } finally {
    process.emitWarning = emitWarning;
  }
}
