/**
 * What each token contributes to the text, as bytes: the `decoder` of a tokenizer.json, worked out once per token. Text is then the
 * concatenation of its tokens' bytes, which makes decoding a token at a time exact: a character split over tokens is simply not whole yet.
 */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { bytesOfToken } from './byte-alphabet.ts';
import { checkAgainst } from './json-file.ts';

/** How a tokenizer's tokens become bytes. */
export interface TokenDecoder {
  bytesOf(token: string): Uint8Array;
  /** Most spaces that are taken away at the very start of a text (a tokenizer that puts one there when it encodes). */
  leadingSpaces: number;
}

/** One step of the decoder: turns text into other text, or into final bytes. */
type Step = (token: string) => string | Uint8Array;

const decoderSchema = z.looseObject({
  type: z.string(),
  decoders: z.array(z.looseObject({ type: z.string() })).optional(),
});
const replaceSchema = z.looseObject({ pattern: z.strictObject({ String: z.string().min(1) }), content: z.string() });
const stripSchema = z.looseObject({ content: z.string(), start: z.int().nonnegative(), stop: z.int().nonnegative() });
const metaspaceSchema = z.looseObject({
  replacement: z.string().default('▁'),
  prepend_scheme: z.string().optional(),
  add_prefix_space: z.boolean().optional(),
});

const encoder = new TextEncoder();

/** The decoder that `json`, the `decoder` of a tokenizer.json, describes. Throws R5Error for kinds that r5 does not have. */
export function tokenDecoder(json: unknown, source: string): TokenDecoder {
  const where = `${source}: decoder`;
  const decoder = checkAgainst(decoderSchema, json, where);
  const parts = decoder.type === 'Sequence' ? (decoder.decoders ?? []) : [decoder];
  const steps: Step[] = [];
  let leadingSpaces = 0;
  for (const part of parts) {
    switch (part.type) {
      case 'ByteLevel':
        steps.push((token) => bytesOfToken(token) ?? token);
        break;
      case 'ByteFallback':
        steps.push(byteFallback);
        break;
      case 'Replace': {
        const { pattern, content } = checkAgainst(replaceSchema, part, `${where} Replace`);
        steps.push((token) => token.replaceAll(pattern.String, content));
        break;
      }
      case 'Metaspace': {
        const { replacement, prepend_scheme: scheme, add_prefix_space: prefix } = checkAgainst(metaspaceSchema, part, `${where} Metaspace`);
        steps.push((token) => token.replaceAll(replacement, ' '));
        if (scheme === undefined ? prefix !== false : scheme !== 'never') leadingSpaces = 1;
        break;
      }
      case 'Strip': {
        const { content, start, stop } = checkAgainst(stripSchema, part, `${where} Strip`);
        if (content !== ' ' || stop > 0) throw new R5Error(`${where} Strip: only spaces at the start can be stripped (stop 0).`);
        leadingSpaces = start;
        break;
      }
      case 'Fuse':
        break;
      default:
        throw new R5Error(
          `${where}: the kind ${part.type} is not supported. r5 decodes ByteLevel, ByteFallback, Replace, Metaspace, Fuse and Strip.`,
        );
    }
  }
  return { leadingSpaces, bytesOf: (token) => runSteps(steps, token) };
}

function runSteps(steps: readonly Step[], token: string): Uint8Array {
  let text = token;
  for (const step of steps) {
    const result = step(text);
    if (typeof result !== 'string') return result;
    text = result;
  }
  return encoder.encode(text);
}

/** `<0x0A>` is the byte 10; any other token is text. */
function byteFallback(token: string): string | Uint8Array {
  const match = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  return match?.[1] === undefined ? token : Uint8Array.of(Number.parseInt(match[1], 16));
}
