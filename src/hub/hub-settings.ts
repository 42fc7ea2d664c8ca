/** Where the hub is, where its cache lies and who asks: from the environment variables that huggingface_hub of Python reads. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { R5Error } from '../error.ts';
import { fileError, isMissingFile } from './file-error.ts';

export interface HubSettings {
  /** Without a slash at its end. */
  endpoint: string;
  /** The home of Hugging Face's files: token, caches. */
  home: string;
  cacheDirectory: string;
  token: string | undefined;
  /** No request is made at all. */
  offline: boolean;
  /** Whether the cache may hold symbolic links. */
  symlinks: boolean;
  /** A connection that brings nothing for so long counts as broken. */
  timeoutMs: number;
  /** Pause before the second attempt; it doubles with each further one. */
  retryDelayMs: number;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const DEFAULT_TIMEOUT_S = 30;

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws R5Error for a variable whose value makes no sense, and for a token file that is there and cannot be read. */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const expand = (path: string): string =>
    path
      .replace(/^~(?=$|[\\/])/, () => homedir())
      .replace(/\$(\w+)|\$\{(\w+)\}/g, (whole, bare?: string, braced?: string) => environment[bare ?? braced ?? ''] ?? whole);
  const home = expand(read('HF_HOME') ?? join(read('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface'));
  const tokenPath = expand(read('HF_TOKEN_PATH') ?? join(home, 'token'));
  return {
    endpoint: checkEndpoint(read('HF_ENDPOINT') ?? DEFAULT_ENDPOINT),
    home,
    cacheDirectory: expand(read('HF_HUB_CACHE') ?? read('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub')),
    token: isTrue(read('HF_HUB_DISABLE_IMPLICIT_TOKEN')) ? undefined : (read('HF_TOKEN') ?? read('HUGGING_FACE_HUB_TOKEN') ?? readToken(tokenPath)),
    offline: isTrue(read('HF_HUB_OFFLINE') ?? read('TRANSFORMERS_OFFLINE')),
    symlinks: !isTrue(read('HF_HUB_DISABLE_SYMLINKS')),
    timeoutMs: seconds(read('HF_HUB_DOWNLOAD_TIMEOUT'), 'HF_HUB_DOWNLOAD_TIMEOUT') * 1000,
    retryDelayMs: 1000,
  };
}

const isTrue = (value: string | undefined): boolean => value !== undefined && ['1', 'ON', 'YES', 'TRUE'].includes(value.toUpperCase());

function checkEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)) return endpoint.replace(/\/+$/, '');
  throw new R5Error(`HF_ENDPOINT is '${endpoint}', which is no address such as ${DEFAULT_ENDPOINT}.`);
}

function seconds(value: string | undefined, name: string): number {
  const parsed = value === undefined ? DEFAULT_TIMEOUT_S : Number(value);
  if (Number.isFinite(parsed) && parsed > 0) return parsed;
  throw new R5Error(`${name} is '${value}', but it must be a number of seconds above 0.`);
}

function readToken(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw fileError('read the token file', path, error);
  }
}
