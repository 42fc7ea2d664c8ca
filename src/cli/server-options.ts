/** Options of the commands that listen, and the keys among them. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { R5Error } from '../error.ts';

export const addressOptions = {
  port: z.number().int().min(0).max(65_535).default(8080).describe('port to listen on; 0 takes one that is free'),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on; 0.0.0.0 lets other machines in'),
};

export const accessOptions = {
  apiKey: z.array(z.string().min(1)).optional().describe('key that clients must send; may be given several times (also: R5_API_KEYS, separated by commas)'),
  apiKeyFile: z.string().min(1).optional().describe('file with such keys, one a line'),
  cors: z.array(z.string().min(1)).optional().describe("origin whose pages may call from a browser, or '*'; may be given several times"),
};

export const graceOption = {
  grace: z.number().nonnegative().default(30).describe('seconds that answers under way may take when the server is stopped'),
};

/** Keys of the options, the file and the environment. Throws R5Error for a file without any and for keys that cannot be sent. */
export async function keysOf({ apiKey = [], apiKeyFile }: { apiKey?: readonly string[] | undefined; apiKeyFile?: string | undefined }): Promise<string[]> {
  const fromEnvironment = (process.env.R5_API_KEYS ?? '').split(',');
  const fromFile = apiKeyFile === undefined ? [] : (await readKeys(apiKeyFile)).split('\n');
  const keys = [...apiKey, ...fromEnvironment, ...fromFile].map((key) => key.trim()).filter((key) => key !== '' && !key.startsWith('#'));
  if (apiKeyFile !== undefined && keys.length === 0) throw new R5Error(`${apiKeyFile} holds no key; write one a line.`);
  const spaced = keys.find((key) => /\s/.test(key));
  if (spaced !== undefined) throw new R5Error('An API key has a space in it, so no client can send it; take one without.');
  return keys;
}

async function readKeys(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new R5Error(`The API keys cannot be read from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
