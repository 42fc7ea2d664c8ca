/** robots.txt as RFC 9309 has it: without a file everything is allowed, with one that cannot be read nothing is. */
import parseRobots from 'robots-parser';
import { SourceError } from '../source-error.ts';
import { abortable } from './abortable.ts';
import { type FetchedResponse, USER_AGENT } from './guarded-fetch.ts';
import { decodeText } from './text-encoding.ts';

interface HostRules {
  allows: (url: URL) => boolean;
  /** What is said when it does not. */
  reason: string;
  crawlDelayMs: number;
  until: number;
}

/** RFC 9309, 2.4: not longer than a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** A host that could not be asked is asked again soon. */
const FAILURE_KEPT_MS = 60 * 1000;

const LONGEST_CRAWL_DELAY_MS = 10_000;

/** What robots-parser exports, which its own types put in another place. */
interface Robots {
  isAllowed(url: string, agent: string): boolean | undefined;
  getCrawlDelay(agent: string): number | undefined;
}

/** RFC 9309, 2.5: a longer file is read as far as this. */
const MOST_CHARACTERS = 500 * 1024;

/** The time that rules take grows with their stars and the length of the address; honest rules have two or three. */
const MOST_STARS = 10;
const MOST_RULES_WITH_STARS = 500;

export type FetchRobots = (url: URL, signal: AbortSignal) => Promise<FetchedResponse>;

export class RobotsRules {
  readonly #fetch: FetchRobots;
  readonly #rules = new Map<string, Promise<HostRules>>();

  constructor(fetch: FetchRobots) {
    this.#fetch = fetch;
  }

  /** Returns the pause that the host asks for between requests. Throws SourceError (`refused`) where robots.txt forbids the address. */
  async requireAllowed(url: URL, signal: AbortSignal): Promise<number> {
    const rules = await this.#rulesOf(url.origin, signal);
    if (!rules.allows(url)) throw new SourceError('refused', `${url.href} is not read: ${rules.reason}.`);
    return rules.crawlDelayMs;
  }

  async #rulesOf(origin: string, signal: AbortSignal): Promise<HostRules> {
    const known = this.#rules.get(origin);
    if (known !== undefined) {
      const rules = await abortable(known, signal);
      if (rules.until > Date.now()) return rules;
    }
    // Others wait for the same file, so one who gives up does not end the request; its own limits do.
    const asked = this.#ask(origin);
    this.#rules.set(origin, asked);
    asked.catch(() => this.#rules.delete(origin));
    return abortable(asked, signal);
  }

  async #ask(origin: string): Promise<HostRules> {
    const address = new URL('/robots.txt', origin);
    const none = { crawlDelayMs: 0, until: Date.now() + FAILURE_KEPT_MS };
    try {
      const response = await this.#fetch(address, new AbortController().signal);
      if (response.status >= 200 && response.status < 300) return parseRules(address, response);
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        return { ...none, allows: () => true, reason: '', until: Date.now() + KEPT_MS };
      }
      return { ...none, allows: () => false, reason: `${address.href} answered with status ${response.status}, which forbids everything for now` };
    } catch (cause) {
      // An address that the guard refuses, or a host that cannot be reached, is no matter of robots.txt.
      if (cause instanceof SourceError && cause.kind !== 'too-large' && cause.kind !== 'unreadable') throw cause;
      if (!(cause instanceof SourceError)) throw cause;
      return { ...none, allows: () => false, reason: `its robots.txt cannot be read (${cause.message})` };
    }
  }
}

/** Unreserved characters are the same with and without a percent sign (RFC 3986, 2.3). */
const plainlyWritten = (text: string): string => text.replace(/%[0-7][0-9a-f]/gi, (code) => {
  const character = decodeURIComponent(code);
  return /[\w.~-]/.test(character) ? character : code.toUpperCase();
});

function readableRules(text: string): string {
  let starred = 0;
  // Half a rule would be another one.
  const start = text.slice(0, MOST_CHARACTERS);
  const read = text.length <= MOST_CHARACTERS ? text : start.slice(0, Math.max(start.lastIndexOf('\n'), start.lastIndexOf('\r')) + 1);
  return plainlyWritten(read).split(/\r\n?|\n/).filter((line) => {
    const stars = line.split('*').length - 1;
    if (stars === 0 || /^\s*user-agent/i.test(line)) return true;
    return stars <= MOST_STARS && ++starred <= MOST_RULES_WITH_STARS;
  }).join('\n');
}

function parseRules(address: URL, response: FetchedResponse): HostRules {
  const parse: unknown = parseRobots;
  if (typeof parse !== 'function') throw new TypeError('robots-parser exports no function');
  const robots: Robots = parse(address.href, readableRules(decodeText(response.body, 'text/plain; charset=utf-8')));
  return {
    allows: (url) => robots.isAllowed(plainlyWritten(url.href), USER_AGENT) !== false,
    reason: `${address.href} forbids it to ${USER_AGENT}`,
    crawlDelayMs: Math.min((robots.getCrawlDelay(USER_AGENT) ?? 0) * 1000, LONGEST_CRAWL_DELAY_MS),
    until: Date.now() + KEPT_MS,
  };
}
