/** Episodes from the lines of `episodes.jsonl`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { R5Error } from '../../error.ts';
import { fileError } from '../../run/file-error.ts';
import { describeProblem } from '../../run/json.ts';
import type { Episode } from '../../task/episode.ts';
import { readLines } from './durable-lines.ts';
import { applyCall, asEpisode, noData, type EpisodeData } from './episode-data.ts';
import { episodeLineSchema, type EpisodeLine } from './episode-line.ts';

export interface EpisodeRecord {
  id: string;
  row: number | undefined;
  begunMs: number;
  endedMs: number;
  /** Of its calls; the log-probabilities are at this one. */
  temperature: number | undefined;
  status: 'open' | 'rewarded' | 'lost';
  reward: number | undefined;
  parts: Record<string, number> | undefined;
  verdict: 'correct' | 'wrong' | 'unparsable' | undefined;
  data: EpisodeData;
}

/** Takes the lines in one after the other. Throws R5Error for one that is none of ours. */
export function episodeReplay(records: Map<string, EpisodeRecord>, path: string): (value: unknown, number: number) => void {
  return (value, number) => {
    const parsed = episodeLineSchema.safeParse(value);
    if (!parsed.success) throw new R5Error(`${path}, line ${number}: no line of an episode (${describeProblem(parsed.error)}).`);
    applyLine(records, parsed.data, `${path}, line ${number}`);
  };
}

function applyLine(records: Map<string, EpisodeRecord>, line: EpisodeLine, place: string): void {
  const timeMs = Date.parse(line.time);
  if (line.type === 'begin') {
    const record: EpisodeRecord = { id: line.episode, row: line.row, begunMs: timeMs, endedMs: timeMs, temperature: undefined, status: 'open', reward: undefined, parts: undefined, verdict: undefined, data: noData() };
    records.set(line.episode, record);
    return;
  }
  const record = records.get(line.episode);
  if (!record) throw new R5Error(`${place}: the episode ${line.episode} has not begun.`);
  record.endedMs = timeMs;
  if (line.type === 'call') {
    applyCall(record.data, line);
    record.temperature = line.temperature;
  } else if (line.type === 'reward') Object.assign(record, { status: 'rewarded', reward: line.reward, parts: line.parts, verdict: line.verdict });
  else record.status = 'lost';
}

/** An episode as it was recorded over HTTP. */
export interface RecordedEpisode extends Omit<EpisodeRecord, 'data' | 'begunMs' | 'endedMs'> {
  episode: Episode;
}

/** All episodes of a folder, in the order in which they began; also while a server writes there. Throws R5Error. */
export async function readEpisodes(folder: string): Promise<RecordedEpisode[]> {
  const path = join(folder, 'episodes.jsonl');
  const records = new Map<string, EpisodeRecord>();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw fileError(cause, `read ${path}`);
  }
  readLines(text, path, episodeReplay(records, path));
  return [...records.values()].map(({ data, begunMs, endedMs, ...rest }) => ({ ...rest, episode: asEpisode(data, (endedMs - begunMs) / 1000) }));
}
