/** Text around the grammar: reasoning before an answer, words before a tool call. */
import { Automaton } from './automaton.ts';
import { byteClasses } from './byte-classes.ts';
import { TEXT_CHARACTER } from './characters.ts';
import { type Expression, repeat, scope } from './expression.ts';

/** Any text. */
export const anyText: Expression = repeat(TEXT_CHARACTER);

/** A model has a few triggers, which come up in every request. */
const recent = new Map<string, Expression>();
const MOST_RECENT = 64;

/**
 * Any text in which `trigger` does not occur. Followed by the trigger and a grammar it is free text until a trigger:
 *
 *     choice(textWithout('<tool_call>'), sequence(textWithout('<tool_call>'), '<tool_call>', call))
 */
export function textWithout(trigger: string): Expression {
  const made = recent.get(trigger) ?? makeTextWithout(trigger);
  if (recent.size >= MOST_RECENT) recent.clear();
  recent.set(trigger, made);
  return made;
}

function makeTextWithout(trigger: string): Expression {
  const bytes = new TextEncoder().encode(trigger);
  const containing = Automaton.explore<number>({
    start: 0,
    classes: byteClasses([(byte) => bytes.indexOf(byte)]),
    key: (matched) => matched,
    accepts: (matched) => matched === bytes.length,
    next: (matched, byte) => (matched === bytes.length ? matched : longestMatch(bytes, matched, byte)),
  });
  return scope(Automaton.of(anyText).without(containing).expression);
}

/** How many bytes of the trigger stand at the end of the text once `byte` follows `matched` of them. */
function longestMatch(trigger: Uint8Array, matched: number, byte: number): number {
  const text = Buffer.concat([trigger.subarray(0, matched), Uint8Array.of(byte)]);
  for (let length = text.length; length > 0; length--) {
    if (text.subarray(text.length - length).equals(trigger.subarray(0, length))) return length;
  }
  return 0;
}
