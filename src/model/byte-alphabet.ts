/**
 * The alphabet of byte-level tokenizers (GPT-2, `bytes_to_unicode`): each byte is written as one visible character, so that tokens are
 * ordinary strings. Bytes that are visible in Latin-1 stand for themselves; the others take the characters from U+0100 on, in order.
 */
const isVisible = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

/** The character of each byte; index is the byte. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isVisible(byte) ? byte : next++));
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** The bytes that a string of the alphabet stands for; undefined when a character is not of the alphabet. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  let length = 0;
  for (const character of token) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return undefined;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** The text's UTF-8 bytes, written in the alphabet. */
export function toByteCharacters(text: string): string {
  let written = '';
  for (const byte of new TextEncoder().encode(text)) written += byteCharacters[byte];
  return written;
}
