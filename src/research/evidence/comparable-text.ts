/**
 * A text as quotes are compared: what typesetting changes (white space, quotation marks, dashes, soft hyphens, ligatures, composed letters) is
 * made equal; letters, digits and all other signs stay. Each character knows where it stood, so that a match gives back the exact span.
 */
export interface ComparableText {
  text: string;
  /** For each UTF-16 unit of `text`, where its original starts and ends. */
  starts: readonly number[];
  ends: readonly number[];
}

const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff]/;

const SAME_AS: Readonly<Record<string, string>> = {
  '\u2018': "'", '\u2019': "'", '\u201a': "'", '\u201b': "'", '\u2032': "'", '\u02bc': "'", '\u2039': "'", '\u203a': "'", '`': "'", '\u00b4': "'",
  '\u201c': '"', '\u201d': '"', '\u201e': '"', '\u201f': '"', '\u2033': '"', '\u00ab': '"', '\u00bb': '"',
  '\u2010': '-', '\u2011': '-', '\u2012': '-', '\u2013': '-', '\u2014': '-', '\u2015': '-', '\u2212': '-',
  '\u2026': '...',
  '\ufb00': 'ff', '\ufb01': 'fi', '\ufb02': 'fl', '\ufb03': 'ffi', '\ufb04': 'ffl', '\ufb05': 'st', '\ufb06': 'st',
};

/** `joinLines`: a hyphen at the end of a line is taken for the typesetter's and dropped with the line break. */
export function comparableText(original: string, { joinLines = false }: { joinLines?: boolean } = {}): ComparableText {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const push = (piece: string, start: number, end: number): void => {
    text += piece;
    for (let i = 0; i < piece.length; i++) {
      starts.push(start);
      ends.push(end);
    }
  };
  const cluster = /\P{M}\p{M}*|\p{M}/gsu;
  for (const match of original.matchAll(cluster)) {
    const [piece] = match;
    const start = match.index;
    const end = start + piece.length;
    if (INVISIBLE.test(piece) && piece.length === 1) continue;
    if (/^\s/.test(piece)) {
      if (joinLines && piece.startsWith('\n') && /\p{L}-$/u.test(text)) {
        text = text.slice(0, -1);
        starts.pop();
        ends.pop();
        continue;
      }
      if (!text.endsWith(' ')) push(' ', start, end);
      continue;
    }
    push(SAME_AS[piece] ?? (piece.length > 1 ? piece.normalize('NFC') : piece), start, end);
  }
  return { text, starts, ends };
}
