/** Code in a text written as Markdown. */

export interface FencedCode {
  /** Word behind the opening fence in lower case, or an empty text. */
  language: string;
  code: string;
}

/** The last fenced block (``` or more) that is closed; undefined when there is none, or when a block is still open at the end. */
export function lastFencedCode(text: string): FencedCode | undefined {
  let open: { fence: string; language: string; lines: string[] } | undefined;
  let last: FencedCode | undefined;
  for (const line of text.split(/\r?\n/)) {
    const fence = /^ {0,3}(`{3,})[ \t]*([^`]*)$/.exec(line);
    const [, ticks = '', word = ''] = fence ?? [];
    if (open === undefined) {
      if (fence) open = { fence: ticks, language: (word.trim().split(/\s/, 1)[0] ?? '').toLowerCase(), lines: [] };
    } else if (fence && word.trim() === '' && ticks.length >= open.fence.length) {
      last = { language: open.language, code: open.lines.join('\n') };
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return open === undefined ? last : undefined;
}
