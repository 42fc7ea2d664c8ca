/** What a download from the hub looks like in words: pure functions of its events, so that they can be tested without a terminal. */
import type { HubProgress } from '../hub/progress.ts';
import { bytes, duration } from './format.ts';

interface FileState {
  received: number;
  total: number;
  done: boolean;
}

export interface DownloadState {
  repository: string;
  startedMs: number;
  missingFiles: number;
  missingBytes: number;
  /** Files that something is known of, by path. */
  files: ReadonlyMap<string, FileState>;
  /** What each file had on disk when it was first heard of: bytes of an earlier download, which say nothing of the speed. */
  before: ReadonlyMap<string, number>;
}

type Plan = Extract<HubProgress, { type: 'plan' }>;
type FileProgress = Extract<HubProgress, { type: 'file' }>;

export function startDownload({ repository, files, missingBytes }: Plan, nowMs: number): DownloadState {
  return { repository, startedMs: nowMs, missingFiles: files, missingBytes, files: new Map(), before: new Map() };
}

export function advanceDownload(state: DownloadState, { path, receivedBytes: received, totalBytes: total, done }: FileProgress): DownloadState {
  const files = new Map(state.files).set(path, { received, total, done });
  // A file that another process brought is done when it is first heard of, and nothing of it was received here.
  const before = state.before.has(path) ? state.before : new Map(state.before).set(path, done ? total : received);
  return { ...state, files, before };
}

export const isDownloaded = ({ files, missingFiles }: DownloadState): boolean => [...files.values()].filter(({ done }) => done).length >= missingFiles;

export const planLine = ({ repository, commit, files, missingBytes }: Plan): string =>
  `downloading ${repository} (commit ${commit.slice(0, 7)}): ${files} ${files === 1 ? 'file' : 'files'}, ${bytes(missingBytes)}`;

/** Where the whole download stands: share, speed, time left. */
export function totalLine(state: DownloadState, nowMs: number): string {
  const received = receivedBytes(state);
  const seconds = (nowMs - state.startedMs) / 1000;
  const share = state.missingBytes === 0 ? 100 : Math.min(100, Math.floor((100 * received) / state.missingBytes));
  const parts = [`${state.repository}: ${bytes(received)} of ${bytes(state.missingBytes)}, ${share} %`];
  if (seconds >= 1 && received > 0) {
    const rate = received / seconds;
    parts.push(`${bytes(Math.round(rate))}/s`);
    if (share < 100) parts.push(`left ${duration((state.missingBytes - received) / rate)}`);
  }
  return parts.join('  ');
}

/** A line for each file that is on its way. */
export function fileLines({ files }: DownloadState): string[] {
  return [...files]
    .filter(([, { done }]) => !done)
    .map(([path, { received, total }]) => `  ${path}  ${bytes(received)} of ${bytes(total)}`);
}

export function endLine(state: DownloadState, nowMs: number): string {
  const received = receivedBytes(state);
  const seconds = (nowMs - state.startedMs) / 1000;
  const rate = seconds > 0 ? `, ${bytes(Math.round(received / seconds))}/s` : '';
  return `downloaded ${state.repository}: ${bytes(received)} in ${duration(seconds)}${rate}`;
}

function receivedBytes({ files, before }: DownloadState): number {
  let sum = 0;
  for (const [path, { received }] of files) sum += Math.max(0, received - (before.get(path) ?? 0));
  return sum;
}
