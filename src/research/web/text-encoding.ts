/** The text of a body: its encoding from the byte order mark, else from the header, else from the page itself, else UTF-8. */

/** As far as a page may say its encoding; HTML allows 1024 bytes, pages do not keep to it. */
const DECLARATION_BYTES = 4096;

const DECLARATIONS: readonly RegExp[] = [
  /<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)/i,
  /^\s*<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)["']/i,
];

/**
 * Text of the bytes, without a byte order mark. Bytes that their encoding does not have become U+FFFD. Without any declaration, bytes that are not UTF-8
 * are read as windows-1252, as browsers do.
 */
export function decodeText(bytes: Uint8Array, contentType: string): string {
  const declared = byteOrderMark(bytes) ?? knownEncoding(/charset\s*=\s*"?\s*([\w:.-]+)/i.exec(contentType)?.[1]) ?? declaredInside(bytes);
  if (declared !== undefined) return new TextDecoder(declared).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8 and not declared: the web's oldest default.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

function declaredInside(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, DECLARATION_BYTES)).toString('latin1');
  const label = DECLARATIONS.map((declaration) => declaration.exec(start)?.[1]).find((found) => found !== undefined);
  const encoding = knownEncoding(label);
  // A declaration that could be read byte by byte cannot be in UTF-16: HTML takes it for UTF-8.
  return encoding?.startsWith('utf-16') === true ? 'utf-8' : encoding;
}

/** The name of an encoding that is known; undefined for no label and for labels of nothing. */
function knownEncoding(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // A label that means nothing declares nothing.
    return undefined;
  }
}
