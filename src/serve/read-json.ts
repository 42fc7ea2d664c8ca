/** A request's body as JSON, within limits: of its size, its nesting, and in its type. */
import { ApiError } from './api-error.ts';

/** Far deeper than any request; code that walks a schema must not run out of stack. */
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Throws ApiError: 415, 413 or 400. */
export async function readJson(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? '';
  // A page in a browser may send other types to any server without asking; this one makes the browser ask first.
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new ApiError(415, `The body must be JSON, and its type must say so: send the header 'Content-Type: application/json' (it was '${type.slice(0, 80)}').`);
  }
  const text = decodeText(await readBytes(request, maxBytes));
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ApiError(400, 'The body must be a JSON object.');
  return { ...value };
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): ApiError =>
    new ApiError(413, `The body is larger than the ${maxBytes} bytes that this server takes.`, { code: 'request_too_large', headers: { connection: 'close' } });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of request.body ?? []) {
      size += piece.byteLength;
      if (size > maxBytes) throw tooLarge();
      pieces.push(piece);
    }
  } catch (cause) {
    // The connection broke, or the time for the request was over and it was closed.
    throw cause instanceof ApiError ? cause : new ApiError(400, 'The body did not arrive whole.', { code: 'incomplete_body', cause });
  }
  return Buffer.concat(pieces);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApiError(400, 'The body is no valid UTF-8.', { cause });
  }
}

function parse(text: string): unknown {
  checkDepth(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(400, `We could not parse the JSON body of your request: ${reason.slice(0, 200)}`, { code: 'invalid_json', cause });
  }
}

function checkDepth(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === BACKSLASH) at++;
      else if (character === QUOTE) quoted = false;
    } else if (character === QUOTE) quoted = true;
    else if (character === OPEN_BRACKET || character === OPEN_BRACE) depth++;
    else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth--;
    if (depth > DEEPEST) throw new ApiError(400, `The body nests more than ${DEEPEST} levels deep.`);
  }
}
