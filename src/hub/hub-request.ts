/** Requests to the hub: with the token where it belongs, and with answers that a person can act on when it refuses. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { HubSettings } from './hub-settings.ts';
import { shownRepository, type Repository } from './repository.ts';

/** The hub did not answer: no network, wrong address, or a failure on its side. Trying later, or the cache, may help. */
export class HubUnreachable extends R5Error {
  override readonly name = 'HubUnreachable';
}

/** The hub answered that it will not give this. Trying again does not help. */
export class HubRefusal extends R5Error {
  override readonly name = 'HubRefusal';
}

export type HubFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` for one repository. The token goes to the endpoint's own origin alone: `fetch` takes it away when a redirect leads to another
 * one. Throws HubUnreachable or HubRefusal for everything but a success.
 */
export function hubFetch(repository: Repository, settings: HubSettings): HubFetch {
  return async (url, init = {}) => {
    const address = new URL(url instanceof Request ? url.url : url);
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'r5');
    if (settings.token !== undefined && address.origin === new URL(settings.endpoint).origin) headers.set('authorization', `Bearer ${settings.token}`);
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), settings.timeoutMs);
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, signal: init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal });
    } catch (error) {
      const reason = silence.signal.aborted ? `no answer within ${settings.timeoutMs / 1000} s` : networkReason(error);
      throw new HubUnreachable(`${address.origin} cannot be reached: ${reason}.`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return response;
    const said = await refusalText(response);
    if (response.status >= 500 || response.status === 429 || response.status === 408) {
      throw new HubUnreachable(`${new URL(response.url).origin} answered with status ${response.status}${said && `: ${said}`}.`);
    }
    throw new HubRefusal(refusalMessage(response, said, repository, settings));
  };
}

/** Why a connection failed, as the system says it; undici hides it in the causes. */
export function networkReason(error: unknown): string {
  let reason = String(error);
  for (let inner = error; inner instanceof Error; inner = inner.cause) reason = inner.message || ('code' in inner ? String(inner.code) : reason);
  return reason;
}

const refusalSchema = z.object({ error: z.string() });

/** What the hub says about a refusal, without a full stop; empty when it says nothing. */
async function refusalText(response: Response): Promise<string> {
  const text = response.headers.get('x-error-message') ?? (await errorOfBody(response));
  return text.replace(/\.$/, '');
}

async function errorOfBody(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return '';
  // The status has said already that the request failed; an answer that breaks off adds nothing to it.
  const answer = refusalSchema.safeParse(await response.json().catch(() => undefined));
  return answer.success ? answer.data.error : '';
}

function refusalMessage(response: Response, said: string, repository: Repository, { endpoint, token }: HubSettings): string {
  const { name, type, revision } = repository;
  const page = `${endpoint}/${type === 'dataset' ? 'datasets/' : ''}${name}`;
  const code = response.headers.get('x-error-code');
  const signIn = token === undefined ? `put an access token (${endpoint}/settings/tokens) into HF_TOKEN` : 'check that the token in use may read it';
  if (code === 'GatedRepo' || /gated|restricted/i.test(said)) {
    return `The ${type} ${name} is gated: accept its terms on ${page}, then ${signIn}.`;
  }
  if (code === 'RevisionNotFound') return `The ${type} ${name} has no revision '${revision}'; ${page}/tree/main shows those that there are.`;
  if (code === 'EntryNotFound') return `The ${type} ${shownRepository(repository)} has no file ${new URL(response.url).pathname}.`;
  if (response.status === 401) {
    const wrong = token === undefined ? '' : ' (the token in use was not accepted)';
    return `The ${type} ${name} does not exist on ${endpoint}, or it is private${wrong}. Check the name on ${page}; if it is private, ${signIn}.`;
  }
  if (response.status === 403) return `${endpoint} does not let you read the ${type} ${name}${said && `: ${said}`}. To get access, ${signIn}.`;
  if (response.status === 404) return `There is no ${type} ${shownRepository(repository)} on ${endpoint}. Check the name on ${page}.`;
  return `${endpoint} refused a request for the ${type} ${name} with status ${response.status}${said && `: ${said}`}.`;
}
