/** Names of models and datasets on the hub: `owner/name`, `owner/name@revision`. */
import { R5Error } from '../error.ts';

export type RepositoryType = 'model' | 'dataset';

export interface Repository {
  type: RepositoryType;
  /** `owner/name`. */
  name: string;
  /** Branch, tag or commit. */
  revision: string;
}

export const DEFAULT_REVISION = 'main';

const PART = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?`;
const NAME = new RegExp(String.raw`^(${PART}/${PART})(?::([\w.-]+))?(?:@(.+))?$`);

/**
 * What a person typed as a repository: `owner/name`, for a dataset also `owner/name:configuration`, each with `@revision` behind it or
 * without. Undefined when it does not have that form; throws R5Error for a revision that could not be one.
 */
export function parseRepository(type: RepositoryType, typed: string): (Repository & { config: string | undefined }) | undefined {
  const match = NAME.exec(typed);
  const [, name, config, revision = DEFAULT_REVISION] = match ?? [];
  if (name === undefined || name.includes('--') || name.includes('..') || (config !== undefined && type !== 'dataset')) return undefined;
  if (!/^[\w./+-]+$/.test(revision) || revision.split('/').some((part) => part === '' || part.startsWith('.'))) {
    throw new R5Error(`'${revision}' in '${typed}' is no revision: give a branch, a tag or a commit.`);
  }
  return { type, name, revision, config };
}

/** The repository as a person would type it. */
export const shownRepository = ({ name, revision }: Repository): string => (revision === DEFAULT_REVISION ? name : `${name}@${revision}`);

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);
