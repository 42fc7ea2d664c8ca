/** Finds the choice that a model settled on. */

/** As many choices as a question may have have a letter here. */
export const LETTERS = 'ABCDEFGHIJ';

/** Only this many characters at the end of a text are read. */
const END = 4000;

/**
 * The letter that a text ends on: what the last `\boxed{}` holds, else what follows the last "answer is" or "answer:" on its line, else
 * the last line. The letter stands first there, with or without brackets, and with nothing behind it but a sign, or a sign and words:
 * `B`, `(B)`, `**B.**`, `B) Paris`. Undefined when there is no letter, or a second one beside it. With `complete` false the line was cut
 * short by the limit, and only a box counts.
 *
 * `choices` are the texts of the choices: the chosen one's may follow its letter, whatever letters it holds.
 */
export function chosenLetter(text: string, choices: readonly string[] = [], { complete = true }: { complete?: boolean } = {}): string | undefined {
  const end = text.slice(-END).trimEnd();
  const boxed = [...end.matchAll(/\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g)].at(-1)?.[1];
  if (boxed !== undefined) return letterAt(boxed, choices);
  const isCut = !complete && !/\n\s*$/.test(text);
  const said = [...end.matchAll(/\banswer\**(?:\s+is|\s*:|\s*=)[\s*]*:?[\s*]*([^\n]*)/gi)].at(-1);
  const place = said?.[1] ?? end.split('\n').at(-1) ?? '';
  if (isCut && end.endsWith(place)) return undefined;
  return letterAt(place, choices);
}

/** Letter, and what follows it, at the start of a place. */
const LETTER = /^[\s*("'[$`]*(?:\\(?:text|mathrm|textbf)\s*\{)?[\s(]*([A-J])(?:$|\s*[)\]}.:,;*"'$`]+(.*)$)/s;

function letterAt(place: string, choices: readonly string[]): string | undefined {
  const [, letter, rest = ''] = LETTER.exec(place) ?? [];
  if (letter === undefined) return undefined;
  const own = choices[LETTERS.indexOf(letter)]?.trim() ?? '';
  const words = rest.replace(/^[\s)\]}.:,;*"'$`]+/, '');
  const others = own !== '' && words.startsWith(own) ? words.slice(own.length) : words;
  return namesAnother(others, letter, choices.length) ? undefined : letter;
}

/** Whether a capital stands for another choice. A and I in front of most words are words themselves. */
function namesAnother(text: string, letter: string, count: number): boolean {
  const letters = LETTERS.slice(0, count === 0 ? LETTERS.length : count);
  const found = [...text.matchAll(/(?<![\p{L}\d'])([A-J])(?![\p{L}\d'])(\s+(?!(?:is|was|or|and)\b)[a-z])?/gu)];
  return found.some(([, other = '', word]) => other !== letter && letters.includes(other) && !('AI'.includes(other) && word !== undefined));
}
