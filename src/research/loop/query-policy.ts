/** What a query may say. Models write queries after they have read pages, so a query is held to what a person would type. */
import type { Secrets } from './secrets.ts';

const MOST_CHARACTERS = 200;

/** A longer run of letters and digits is a code, not a word; it may stand in a query only if it stood in the user's own words. */
const LONGEST_WORD = 24;

export interface QueryCheck {
  /** The query as it may go out. */
  query?: string;
  /** Why it may not. */
  refused?: string;
}

/** `words`: what the user has typed. */
export function checkQuery(wanted: string, { secrets, words }: { secrets: Secrets; words: string }): QueryCheck {
  const query = wanted.normalize('NFKC').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(query)) return { refused: 'it says nothing' };
  if (query.length > MOST_CHARACTERS) return { refused: `it is longer than ${MOST_CHARACTERS} characters` };
  if (/[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\bdata:|\bjavascript:/i.test(query) && !words.includes(query)) return { refused: 'it holds an address' };
  if (secrets.isIn(query)) return { refused: 'it holds what must not leave this machine' };
  const code = query.split(/[\s"'(),;]+/).find((word) => word.length > LONGEST_WORD && /^[\w+/=.%:-]+$/.test(word) && !words.includes(word));
  if (code !== undefined && (/\d/.test(code) || /[a-z][A-Z]|[+/=%]/.test(code))) return { refused: 'it holds a code and not words' };
  return { query };
}

/** Equal for queries that ask for the same: case, order and small words aside. */
export function queryKey(query: string): string {
  const words = query.toLowerCase().normalize('NFKC').match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !SMALL.has(word));
  return [...new Set(telling.length > 0 ? telling : words)].toSorted().join(' ');
}

const SMALL: ReadonlySet<string> = new Set(['a', 'an', 'the', 'of', 'in', 'on', 'for', 'to', 'and', 'or', 'is', 'are', 'was', 'were', 'what', 'which', 'who', 'how', 'when', 'where', 'did', 'does', 'do', 'by', 'with', 'at', 'from']);
