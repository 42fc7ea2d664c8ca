/** What a download tells the one who waits for it. */

export type HubProgress =
  /** Once, when it is known what is missing. Nothing is missing: no such event. */
  | { type: 'plan'; repository: string; commit: string; files: number; totalBytes: number; missingBytes: number }
  /** Bytes of a file that are on disk now, first those that an earlier, broken download left. `done`: checked and in its place. */
  | { type: 'file'; path: string; receivedBytes: number; totalBytes: number; done: boolean }
  /** Something that a person should know, in a sentence: the cache stands in for the hub, a connection broke and is tried again. */
  | { type: 'notice'; message: string };

export type OnHubProgress = (progress: HubProgress) => void;

const followers = new Set<OnHubProgress>();

/** Tells `follower` of every download of this process, whoever asks for it; the result ends that. For a command line, which has one screen. */
export function followHub(follower: OnHubProgress): () => void {
  followers.add(follower);
  return () => void followers.delete(follower);
}

/** Tells the followers of the process, and `onProgress` of the one who asked. */
export function toldProgress(onProgress: OnHubProgress | undefined): OnHubProgress {
  return (progress) => {
    for (const follower of followers) follower(progress);
    onProgress?.(progress);
  };
}
