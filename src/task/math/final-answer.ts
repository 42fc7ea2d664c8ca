/** Finds the final answer in what a model wrote. */

/** Only this many characters at the end of a text are read. */
const END = 20_000;

/**
 * The final answer of a text, as it is written there:
 * 1. What the last `\boxed{...}` or `\fbox{...}` holds, with nested braces; `\boxed 5` holds the word behind it. Boxes with nothing but
 *    a comma, "and" or "or" between them are several answers. A last box that is never closed means that there is no answer.
 * 2. Else what follows the last `####`, up to the end of its line.
 * 3. Else what follows the last "answer is", "answer:" or "answer =", up to the end of its line.
 * Undefined when there is none of them. `complete` says that the text ended by itself; otherwise a line that the limit cut short is no
 * answer, since it may be the beginning of another one.
 */
export function finalAnswer(text: string, { complete = true }: { complete?: boolean } = {}): string | undefined {
  const end = text.slice(-END);
  const boxes = boxesOf(end);
  if (boxes !== undefined) return boxes === 'open' ? undefined : boxes;
  const marked = end.lastIndexOf('####');
  if (marked >= 0) return lineAt(end, marked + 4, complete);
  const said = [...end.matchAll(/\banswer\**(?:\s+is|\s*:|\s*=)[\s*]*:?[\s*]*/gi)].at(-1);
  const line = said && lineAt(end, said.index + said[0].length, complete);
  return line === undefined ? undefined : line.replace(/\.?\s*I hope it is correct\.?$/i, '').replace(/\*+/g, '').replace(/\.$/, '').trim();
}

function lineAt(text: string, from: number, complete: boolean): string | undefined {
  const rest = text.slice(from).trimStart();
  const stop = rest.indexOf('\n');
  if (stop < 0 && !complete) return undefined;
  return (stop < 0 ? rest : rest.slice(0, stop)).trim();
}

interface Box {
  start: number;
  end: number;
  inner: string;
}

/** The last box with those that are listed with it; `open` when it does not end, undefined when there is none. */
function boxesOf(text: string): string | 'open' | undefined {
  const boxes: Box[] = [];
  let open = false;
  for (const { 0: command, index } of text.matchAll(/\\f?boxed(?![a-zA-Z])\s*|\\fbox(?![a-zA-Z])\s*/g)) {
    const last = boxes.at(-1);
    if (last && index < last.end) continue;
    const box = boxAt(text, index, index + command.length);
    open = box === undefined;
    if (!box) break;
    boxes.push(box);
  }
  if (open) return 'open';
  let first = boxes.length - 1;
  while (first > 0 && /^[\s$]*(?:[,;]\s*(?:and|or)?|and|or)[\s$]*$/i.test(text.slice(boxes[first - 1]?.end, boxes[first]?.start))) first--;
  return boxes.length === 0 ? undefined : boxes.slice(first).map(({ inner }) => inner).join(' , ');
}

function boxAt(text: string, start: number, from: number): Box | undefined {
  if (text[from] !== '{') {
    const word = /[^\s$.,;\\{}]+/y;
    word.lastIndex = from;
    const inner = word.exec(text)?.[0] ?? '';
    return { start, end: from + inner.length, inner };
  }
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return { start, end: i + 1, inner: text.slice(from + 1, i) };
  }
  return undefined;
}
