import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { fileError, isMissingFile } from './file-error.ts';

/** Parses JSON text that came from `source` (a path, for the message). Throws R5Error when it is no JSON or does not fit the schema. */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema, source: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new R5Error(`${source} is not valid JSON: ${error.message}. It may be cut off or damaged; fetch it again.`, { cause: error });
  }
  return checkAgainst(schema, value, source);
}

/** The value as the schema types it. Throws R5Error that names `source` and every field that does not fit. */
export function checkAgainst<Schema extends z.ZodType>(schema: Schema, value: unknown, source: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new R5Error(`${source} does not hold what it should: ${faults.join('; ')}.`);
}

/** Reads and parses a JSON file; `undefined` when there is no such file. Throws R5Error when it cannot be read or does not fit. */
export async function readOptionalJsonFile<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw fileError('read', path, error);
  }
  return parseJson(text, schema, path);
}

/** Reads and parses a JSON file that must be there; `purpose` says in the error what it is needed for. */
export async function readJsonFile<Schema extends z.ZodType>(path: string, schema: Schema, purpose: string): Promise<z.output<Schema>> {
  const value = await readOptionalJsonFile(path, schema);
  if (value === undefined) throw new R5Error(`${path} is missing: ${purpose}.`);
  return value;
}
