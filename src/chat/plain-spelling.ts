/**
 * Keeps text from outside from becoming special tokens. A joint is put into each spelling of one; the text is tokenized in pieces between the
 * joints, so the model reads the same characters and never the token.
 */

/** A code point that is no character and never stands in a text. */
const JOINT = '\uFDD1';

export function withJoints(text: string, spellings: readonly string[]): string {
  let jointed = text.replaceAll(JOINT, '');
  for (const spelling of spellings) {
    if (spelling.length > 1) jointed = jointed.replaceAll(spelling, spelling.charAt(0) + JOINT + spelling.slice(1));
  }
  return jointed;
}

export const splitAtJoints = (text: string): string[] => text.split(JOINT).filter((piece) => piece !== '');

export const withoutJoints = (text: string): string => text.replaceAll(JOINT, '');
