/** Bytes that a grammar never tells apart are one class, so automata have a column a class instead of 256. */
import type { Expression } from './expression.ts';

export interface ByteClasses {
  /** By byte. */
  readonly classOf: Uint8Array;
  /** One byte of each class. */
  readonly representatives: readonly number[];
}

/** Bytes are in one class when all of `labels` give them the same label. */
export function byteClasses(labels: Iterable<(byte: number) => number>): ByteClasses {
  let classOf = new Uint8Array(256);
  for (const label of labels) {
    const names = new Map<string, number>();
    const finer = new Uint8Array(256);
    for (let byte = 0; byte < 256; byte++) {
      const name = `${classOf[byte]},${label(byte)}`;
      const known = names.get(name) ?? names.size;
      names.set(name, known);
      finer[byte] = known;
    }
    classOf = finer;
  }
  const representatives: number[] = [];
  for (const [byte, index] of classOf.entries()) representatives[index] ??= byte;
  return { classOf, representatives };
}

/** The classes that both automata keep apart. */
export function commonClasses(a: ByteClasses, b: ByteClasses): ByteClasses {
  return byteClasses([a, b].map(({ classOf }) => (byte: number) => classOf[byte] ?? 0));
}

/** Each of these characters apart, and all others together. */
export function characterClasses(characters: string): ByteClasses {
  return byteClasses([(byte) => characters.indexOf(String.fromCharCode(byte))]);
}

/** What an expression tells apart. It must not recurse. */
export function classesOf(expression: Expression): ByteClasses {
  const seen = new Set<Expression>();
  const labels = new Set<Uint8Array>();
  const visit = (part: Expression): void => {
    if (seen.has(part)) return;
    seen.add(part);
    if (part.kind === 'bytes') labels.add(part.set);
    else if (part.kind === 'literal') labels.add(membersOf(part.bytes));
    else if (part.kind === 'sequence') part.parts.forEach(visit);
    else if (part.kind === 'choice') part.options.forEach(visit);
    else if (part.kind === 'repeat' || part.kind === 'scope') visit(part.body);
    else if (part.kind === 'reference') visit(part.target);
    else if (part.kind === 'automaton') labels.add(part.automaton.classes.classOf);
  };
  visit(expression);
  return byteClasses([...labels].map((label) => (byte: number) => label[byte] ?? 0));
}

/** Each byte that occurs has a label of its own. */
function membersOf(bytes: Uint8Array): Uint8Array {
  const labels = new Uint8Array(256);
  for (const [index, byte] of [...new Set(bytes)].entries()) labels[byte] = index + 1;
  return labels;
}
