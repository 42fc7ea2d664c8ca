/** Text as a reader sees it: without characters that show nothing, in which text for a model only can be hidden. */

/**
 * Zero-width and formatting characters, overrides of the writing direction, the soft hyphen, tag characters (U+E0000 ...), which spell
 * ASCII invisibly, and the variation selectors beyond those that emoji use. The joiners of scripts and emoji (U+200C, U+200D) stay.
 */
const UNSEEN = /\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

// oxlint-disable-next-line no-control-regex -- Control characters are what is dropped; tab, line feed and carriage return are not among them.
const CONTROLS = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/g;

export const dropUnseen = (text: string): string => text.replace(UNSEEN, '').replace(CONTROLS, '');

/**
 * The text without what stands between two marks, the marks included; a mark that is never closed opens to the end. Linear in the
 * text, which a regular expression is not where a mark is opened over and over.
 */
export function dropBetween(text: string, open: string, close: string): string {
  const kept: string[] = [];
  let position = 0;
  for (let start = text.indexOf(open); start >= 0; start = text.indexOf(open, position)) {
    kept.push(text.slice(position, start));
    const end = text.indexOf(close, start + open.length);
    if (end < 0) return kept.join('');
    position = end + close.length;
  }
  return kept.join('') + text.slice(position);
}

/** White space of any kind as one space each, none at the ends, and nothing unseen. */
export const toLine = (text: string): string => dropUnseen(text).replace(/\s+/g, ' ').trim();
