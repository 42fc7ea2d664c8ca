/** Words with letters and digits in a text. */
import { SPACED_LETTER } from './language.ts';
import { unitAfter } from './units.ts';

/** A word with letters and digits, such as COVID-19, F-16, H2O or version 2.0.1. */
export interface Code {
  start: number;
  end: number;
  written: string;
}

const TOKEN = new RegExp(`(?<!${SPACED_LETTER}|\\p{N})(?:${SPACED_LETTER}|\\p{N})+(?:[-‑._/+](?:${SPACED_LETTER}|\\p{N})+)*`, 'gu');

/** Words before a hyphen that leave the number after it a number. */
const OPEN_PREFIX = /^(?:mid|pre|post|early|late|since|sub|over|under|top|anti|non|nearly|circa|ca|mitte|anfang|ende|vor|nach)$/i;
const ORDINAL_SUFFIX = /^(?:st|nd|rd|th|e|ère?|er|re|ème|eme|ième|nd?e|de|ste|te[nrs]?|º|ª|o|a)$/i;

/** Words with letters and digits. Numbers with a unit or an ending (`12km`, `3rd`, `1990s`, `12-year`) are none. */
export function findCodes(text: string): Code[] {
  return [...text.matchAll(TOKEN)].flatMap((match) => {
    const [written] = match;
    const hasLetter = /\p{L}/u.test(written);
    const isDotted = /^\d+(?:\.\d+){2,}$/.test(written) && !/^\d{1,3}(?:\.\d{3})+$/.test(written);
    if (!/\d/.test(written) || !(hasLetter || isDotted)) return [];
    if (hasLetter && isNumberWithEnding(written, text.slice(match.index))) return [];
    return [{ start: match.index, end: match.index + written.length, written }];
  });
}

function isNumberWithEnding(written: string, following: string): boolean {
  const parts = written.split(/[-‑/]/);
  const [first = '', second = ''] = parts;
  const ending = /^\d[\d.,]*(\p{L}+[²³]?)$/u.exec(first)?.[1];
  if (/^\d[\d.,]*$/.test(first) && !/^\p{Lu}/u.test(second)) return parts.slice(1).every((part) => /^\p{Ll}+$|^\d[\d.,]*\p{L}*$/u.test(part));
  if (/^\d[\d.,]*$/.test(first) && unitAfter(second) !== undefined) return true;
  if (parts.length > 1 && OPEN_PREFIX.test(first)) return true;
  // `12km/h`, `5kg`: a unit right after the digits; `3rd`, `1990s`, `1990er`, `5m`, `2bn`.
  if (ending === undefined) return false;
  const glued = following.slice(following.search(/\p{L}/u));
  return ORDINAL_SUFFIX.test(ending) || /^(?:s|er|ern|x|k|K|m|M|bn|tn|b|B|am|pm|mn|mio|mrd)$/.test(ending) || unitAfter(glued) !== undefined || (parts.length > 1 && unitAfter(ending) !== undefined);
}
