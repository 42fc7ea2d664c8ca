/** API keys: who may use the server. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.ts';

/** Compares digests of one length, each of them, so that the time taken says nothing about a key. */
export class ApiKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digest);
  }

  /** Throws the 401 for a request whose Authorization header holds none of the keys. Without keys everyone may come in. */
  check(authorization: string | undefined): void {
    if (this.#digests.length === 0) return;
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (key === undefined) throw refusal("You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.");
    const given = digest(key);
    let known = false;
    for (const one of this.#digests) known = timingSafeEqual(one, given) || known;
    if (!known) throw refusal('Incorrect API key provided.');
  }
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

const refusal = (message: string): ApiError => new ApiError(401, message, { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } });
