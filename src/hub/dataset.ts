/** Datasets of the hub: which files there are, and those that are wanted. */
import type { FetchOptions } from './model.ts';
import { hubSettings } from './hub-settings.ts';
import { repositoryListing } from './listing.ts';
import { toldProgress } from './progress.ts';
import type { Repository } from './repository.ts';
import { fetchFiles } from './snapshot.ts';

export interface HubDataset {
  /** Paths in the repository. */
  paths: readonly string[];
  /** Downloads what is missing of the files; gives back the folder in which they lie by the same paths. */
  fetch(paths: readonly string[]): Promise<string>;
}

/** The files of a dataset. Throws what repositoryListing throws. */
export async function openHubDataset(repository: Repository, { onProgress, settings = hubSettings() }: FetchOptions = {}): Promise<HubDataset> {
  const tell = toldProgress(onProgress);
  const listing = await repositoryListing(repository, settings, tell);
  return {
    paths: listing.files.map(({ path }) => path),
    fetch: (paths) => {
      const wanted = new Set(paths);
      return fetchFiles(listing, listing.files.filter(({ path }) => wanted.has(path)), settings, tell);
    },
  };
}
