/** Finds JSON in what a model wrote. */
import { lastFencedCode } from '../code/fenced-code.ts';

/** A JSON value; the box tells the value `undefined` never is from finding none. */
export interface FoundJson {
  value: unknown;
}

/** The value of a text that is JSON from end to end, blanks aside, or whose last block of code is; undefined when neither is. */
export function jsonAnswer(text: string): FoundJson | undefined {
  const whole = parse(text);
  if (whole) return whole;
  const block = lastFencedCode(text);
  return block && ['', 'json'].includes(block.language) ? parse(block.code) : undefined;
}

/** Every object in a text that is JSON, the last one first, whatever stands around them; objects inside an object are not listed apart. */
export function jsonObjects(text: string): unknown[] {
  const found: unknown[] = [];
  for (let start = text.indexOf('{'); start >= 0; ) {
    const end = objectEnd(text, start);
    const object = end === undefined ? undefined : parse(text.slice(start, end));
    if (object) found.unshift(object.value);
    start = text.indexOf('{', object && end !== undefined ? end : start + 1);
  }
  return found;
}

function parse(text: string): FoundJson | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Not JSON, which is an answer here and no failure.
    return undefined;
  }
}

/** Where the braces that open at `start` are closed; those in strings do not count. */
function objectEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (inString && character === '\\') i++;
    else if (character === '"') inString = !inString;
    else if (!inString && character === '{') depth++;
    else if (!inString && character === '}' && --depth === 0) return i + 1;
  }
  return undefined;
}
