/** The files of a repository at one commit: from the hub, or offline as they were when it was last seen. */
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { cachedCommit, cacheLayout, fileSize, writeWhole } from './cache-layout.ts';
import { fileError, isMissingFile } from './file-error.ts';
import { hubFetch, HubUnreachable, networkReason, type HubFetch } from './hub-request.ts';
import type { HubSettings } from './hub-settings.ts';
import type { OnHubProgress } from './progress.ts';
import { isCommit, shownRepository, type Repository } from './repository.ts';
import { pathSchema, readTree, writeTree, type HubFile } from './tree-cache.ts';

export interface Listing {
  repository: Repository;
  commit: string;
  files: readonly HubFile[];
  /** The hub was not asked, or did not answer: files that are missing in the cache cannot be had. */
  offline: boolean;
}

const commitSchema = z.object({ sha: z.string().refine(isCommit) });

const entrySchema = z.object({
  type: z.string(),
  path: pathSchema,
  size: z.int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).optional(),
  xetHash: z.string().regex(/^[0-9a-f]{64}$/).optional(),
});

/**
 * The files of the repository. Offline (HF_HUB_OFFLINE, or the hub does not answer) those of the commit in the cache; `onProgress` then gets
 * a notice. Throws HubRefusal when the hub will not show it, R5Error when it is neither to be reached nor cached.
 */
export async function repositoryListing(repository: Repository, settings: HubSettings, onProgress: OnHubProgress): Promise<Listing> {
  if (settings.offline) return fromCache(repository, settings, 'HF_HUB_OFFLINE is set', onProgress);
  try {
    return await fromHub(repository, settings).catch((error: unknown) => {
      throw answerError(error, settings);
    });
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    return fromCache(repository, settings, error.message.replace(/\.$/, ''), onProgress);
  }
}

async function fromHub(repository: Repository, settings: HubSettings): Promise<Listing> {
  const { type, name, revision } = repository;
  const layout = cacheLayout(repository, settings);
  const known = isCommit(revision) ? await readTree(layout.tree(revision)) : undefined;
  if (known) return { repository, commit: revision, files: known, offline: false };
  const request = { hubUrl: settings.endpoint, fetch: hubFetch(repository, settings) };
  const query: { name: string; revision: string; additionalFields: ['sha'] } & typeof request = { name, revision, additionalFields: ['sha'], ...request };
  const info = type === 'model' ? await modelInfo(query) : await datasetInfo(query);
  const { sha: commit } = checkAnswer(commitSchema, info, repository, settings);
  let files = await readTree(layout.tree(commit));
  if (!files) {
    files = await treeOfHub({ ...repository, revision: commit }, settings, request);
    await writeTree(layout.tree(commit), files);
  }
  if (revision !== commit) await writeWhole(layout.ref(revision), commit);
  return { repository, commit, files, offline: false };
}

async function treeOfHub(repository: Repository, settings: HubSettings, request: { hubUrl: string; fetch: HubFetch }): Promise<HubFile[]> {
  const { type, name, revision } = repository;
  const files: HubFile[] = [];
  for await (const item of listFiles({ repo: { type, name }, recursive: true, revision, ...request })) {
    if (item.type !== 'file') continue;
    const { path, size, oid, lfs, xetHash } = checkAnswer(entrySchema, item, repository, settings);
    files.push(lfs === undefined ? { path, size, hash: oid, xetHash } : { path, size: lfs.size, hash: lfs.oid, xetHash, pointerHash: oid });
  }
  return files;
}

/** What reading an answer throws: no JSON at all is another kind of server, a broken connection is no answer. */
function answerError(error: unknown, { endpoint }: HubSettings): unknown {
  if (error instanceof SyntaxError) return new R5Error(`${endpoint} answers with something that is not the hub's interface. Is HF_ENDPOINT right?`, { cause: error });
  if (error instanceof TypeError) return new HubUnreachable(`${endpoint} broke off its answer: ${networkReason(error)}.`, { cause: error });
  return error;
}

function checkAnswer<Schema extends z.ZodType>(schema: Schema, value: unknown, repository: Repository, { endpoint }: HubSettings): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new R5Error(`${endpoint} answered for ${repository.name} with something that is not the hub's interface: ${faults}. Is HF_ENDPOINT right?`);
}

async function fromCache(repository: Repository, settings: HubSettings, why: string, onProgress: OnHubProgress): Promise<Listing> {
  const shown = shownRepository(repository);
  const layout = cacheLayout(repository, settings);
  const commit = await cachedCommit(layout, repository.revision);
  const files = commit === undefined ? [] : ((await readTree(layout.tree(commit))) ?? (await filesOfSnapshot(layout.snapshot(commit))));
  if (commit === undefined || files.length === 0) {
    throw new HubUnreachable(`${why}, and ${shown} is not in the cache ${settings.cacheDirectory}. Connect once, or give the path of a folder.`);
  }
  onProgress({ type: 'notice', message: `${why}; using ${shown} from the cache, at commit ${commit.slice(0, 7)}.` });
  return { repository, commit, files, offline: true };
}

/** Files of a snapshot that another program made. Their hashes are not known, and nobody will ask for them. */
async function filesOfSnapshot(directory: string): Promise<HubFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw fileError('read', directory, error);
  });
  const files = entries.filter((entry) => !entry.isDirectory()).map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const size = await fileSize(path);
    return size === undefined ? [] : [{ path: path.slice(directory.length + 1).split(sep).join('/'), size, hash: '' }];
  });
  return (await Promise.all(files)).flat();
}
