import type { ServerContext } from './server-context.ts';

/** /health: for whoever starts, stops and balances servers. */
export function health(model: string, { requests, slots }: Pick<ServerContext, 'requests' | 'slots'>): Response {
  const status = requests.stopping ? 'stopping' : 'ok';
  return Response.json({ status, model, busy: slots.busy, waiting: slots.waiting }, { status: requests.stopping ? 503 : 200 });
}
