/** Foreign text on a terminal: nothing in it may move the cursor, change colours or turn the direction of writing. */

/** Controls as their pictures (an escape becomes ␛), a tab as blanks; line ends stay. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '    ')
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, (control) => (control === '\u007f' ? '\u2421' : String.fromCodePoint(0x2400 + (control.codePointAt(0) ?? 0))))
    .replaceAll(/[\u0080-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Columns that a character takes on a terminal: 2 for those of East Asia and pictures, 0 for marks that join the one before. */
export function columnsOf(character: string): number {
  if (/^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d|\ufe0e|\ufe0f)/u.test(character)) return 0;
  return /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(character) ? 2 : 1;
}
