/** Downloads from the hub, shown on stderr: redrawn in place on a terminal, else a line at the beginning, every ten seconds and at the end. */
import { followHub, type HubProgress } from '../hub/progress.ts';
import { advanceDownload, endLine, fileLines, isDownloaded, planLine, startDownload, totalLine, type DownloadState } from './download-state.ts';
import { exitCodes } from './exit-codes.ts';
import { Screen } from './screen.ts';

const REDRAW_MS = 200;
const LINE_MS = 10_000;

export interface ShownDownloads {
  /** Gives the terminal back, whatever is still on its way. */
  close(): void;
}

/** Shows every download of this process on the stream from now on. */
export function showDownloads(stream: NodeJS.WriteStream): ShownDownloads {
  const live = Boolean(stream.isTTY) && !process.env.CI && process.env.TERM !== 'dumb';
  let state: DownloadState | undefined;
  let screen: Screen | undefined;
  let shownMs = 0;

  const leave = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    screen?.draw([]);
    screen?.close();
    screen = undefined;
    state = undefined;
  };
  // What has arrived stays on disk, so there is nothing to end with care; but the terminal needs its cursor back.
  const interrupt = (): void => {
    leave();
    process.exit(exitCodes.interrupted);
  };
  const draw = (now: DownloadState, nowMs: number): void => {
    shownMs = nowMs;
    if (!live) return void stream.write(`${totalLine(now, nowMs)}\n`);
    if (!screen) {
      screen = new Screen(stream);
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', interrupt);
    }
    const columns = screen.columns;
    screen.draw([totalLine(now, nowMs), ...fileLines(now)].map((line) => line.slice(0, columns)).map((text) => ({ text, width: text.length })));
  };
  const print = (line: string): void => {
    screen?.draw([]);
    stream.write(`${line}\n`);
  };
  const follow = (progress: HubProgress): void => {
    const nowMs = performance.now();
    if (progress.type === 'notice') return print(progress.message);
    if (progress.type === 'plan') {
      print(planLine(progress));
      state = startDownload(progress, nowMs);
      shownMs = nowMs;
    } else if (state) {
      state = advanceDownload(state, progress);
      if (isDownloaded(state)) {
        const line = endLine(state, nowMs);
        leave();
        stream.write(`${line}\n`);
      } else if (nowMs - shownMs >= (live ? REDRAW_MS : LINE_MS)) draw(state, nowMs);
    }
  };
  const unfollow = followHub(follow);
  return {
    close: () => {
      unfollow();
      leave();
    },
  };
}
