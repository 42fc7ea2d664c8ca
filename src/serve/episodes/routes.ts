/** POST /episodes, GET /episodes/:id, POST /episodes/:id/reward, POST /episodes/:id/lost */
import { z } from 'zod';
import { ApiError, stoppingError } from '../api-error.ts';
import { parseParameters } from '../parameters.ts';
import { readJson } from '../read-json.ts';
import type { ServerContext } from '../server-context.ts';
import type { EpisodeStore } from './episode-store.ts';
import type { OpenEpisode } from './open-episode.ts';

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const episodeId = z.string().regex(ID, "an episode's name has 1 to 128 letters, digits and _ . : -");

/** Longest time that a call waits for a rollout; clients and proxies give up on longer ones. */
const LONGEST_WAIT_SECONDS = 60;

const beginSchema = z.strictObject({
  id: episodeId.optional(),
  row: z.number().int().nonnegative().optional(),
  /** Take a rollout that the trainer wants, and wait as long for one. */
  take: z.boolean().default(false),
  wait_seconds: z.number().min(0).max(LONGEST_WAIT_SECONDS).default(20),
});
const rewardSchema = z.strictObject({ reward: z.number(), parts: z.record(z.string(), z.number()).exactOptional(), verdict: z.enum(['correct', 'wrong', 'unparsable']).exactOptional() });
const lostSchema = z.strictObject({ reason: z.string().min(1).max(2000) });

/** Throws the 404 of a server that does not record. */
export function storeOf({ episodes }: Pick<ServerContext, 'episodes'>): EpisodeStore {
  if (episodes) return episodes;
  throw new ApiError(404, 'This server does not record episodes; start it with --record FOLDER.', { code: 'not_recording' });
}

/** The episode that a call belongs to: by its address, or by the header. */
export function episodeOf(id: string | undefined, context: ServerContext): Promise<OpenEpisode> | undefined {
  if (id === undefined) return undefined;
  const store = storeOf(context);
  if (!ID.test(id)) throw new ApiError(400, "An episode's name has 1 to 128 letters, digits and _ . : -", { code: 'invalid_episode' });
  return store.obtain(id);
}

/** 201 with the episode and its base URL; 204 where no rollout came in the time to wait. */
export async function beginEpisode(request: Request, context: ServerContext): Promise<Response> {
  const store = storeOf(context);
  if (context.requests.stopping) throw stoppingError();
  const { id, row, take, wait_seconds: seconds } = parseParameters(await readJson(request, context.limits.bodyBytes), { schema: beginSchema, refused: {} });
  if (!take) return described(await store.begin({ row, ...(id === undefined ? {} : { id }) }), request);
  const taken = await takeRollout(store, request, context, seconds);
  if (!taken) return new Response(null, { status: 204 });
  const { episode, wanted } = taken;
  if (request.signal.aborted) store.giveBack(episode.id);
  return described(episode, request, { input: wanted.input ?? null, set: wanted.set ?? 'train' });
}

function described(episode: OpenEpisode, request: Request, more: Record<string, unknown> = {}): Response {
  const path = `${new URL(request.url).origin}/episodes/${episode.id}`;
  return Response.json({ id: episode.id, row: episode.row ?? null, ...more, base_url: `${path}/v1`, reward_url: `${path}/reward` }, { status: 201 });
}

/** Counts as a request under way, so that a server that stops does not wait for it. */
async function takeRollout(store: EpisodeStore, request: Request, { requests }: ServerContext, seconds: number): ReturnType<EpisodeStore['take']> {
  const active = requests.begin(request.signal);
  const timer = new AbortController();
  const end = (): void => timer.abort();
  const timeout = setTimeout(end, seconds * 1000);
  active.signal.addEventListener('abort', end, { once: true });
  if (active.signal.aborted) end();
  try {
    return await store.take(timer.signal);
  } finally {
    clearTimeout(timeout);
    active.end();
  }
}

export const showEpisode = (id: string, context: ServerContext): Response => Response.json(storeOf(context).state(id));

export async function rewardEpisode(id: string, request: Request, context: ServerContext): Promise<Response> {
  const store = storeOf(context);
  await store.reward(id, parseParameters(await readJson(request, context.limits.bodyBytes), { schema: rewardSchema, refused: {} }));
  return Response.json(store.state(id));
}

export async function loseEpisode(id: string, request: Request, context: ServerContext): Promise<Response> {
  const store = storeOf(context);
  const { reason } = parseParameters(await readJson(request, context.limits.bodyBytes), { schema: lostSchema, refused: {} });
  await store.lose(id, reason);
  return Response.json(store.state(id));
}
