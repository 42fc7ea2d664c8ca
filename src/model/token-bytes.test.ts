import { describe, expect, test } from 'vitest';
import { byteCharacters, bytesOfToken, toByteCharacters } from './byte-alphabet.ts';
import { tokenDecoder } from './token-bytes.ts';

function textOf(decoder: unknown, token: string): string {
  return new TextDecoder().decode(tokenDecoder(decoder, 'tokenizer.json').bytesOf(token));
}

describe('the byte alphabet', () => {
  test('has one visible character for each byte, those of GPT-2', () => {
    expect(new Set(byteCharacters).size).toBe(256);
    expect(['A', ' ', '\n', '\0', '\u00ad', 'é'].map(toByteCharacters)).toEqual(['A', 'Ġ', 'Ċ', 'Ā', 'ÂŃ', 'Ã©']);
  });

  test('turns back into bytes, and knows what it did not write', () => {
    expect([...(bytesOfToken('Ġé') ?? [])]).toEqual([0x20, 0xe9]);
    expect(bytesOfToken('a b')).toBeUndefined();
  });
});

describe('what a token adds to the text', () => {
  test('byte-level: its bytes; an added token that is not of the alphabet: itself', () => {
    expect(textOf({ type: 'ByteLevel' }, 'Ġcafé'.replace('é', 'Ã©'))).toBe(' café');
    expect(textOf({ type: 'ByteLevel' }, '<a b>')).toBe('<a b>');
  });

  test('Metaspace: spaces for its marks; one at the start of a text goes unless the scheme says never', () => {
    expect(textOf({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' }, '▁a▁b')).toBe(' a b');
    const leading = (decoder: Record<string, unknown>): number => tokenDecoder({ type: 'Metaspace', ...decoder }, 'x').leadingSpaces;
    expect([{}, { prepend_scheme: 'always' }, { prepend_scheme: 'never' }, { add_prefix_space: false }].map(leading)).toEqual([1, 1, 0, 0]);
  });

  test('byte fallback: the byte that it names', () => {
    expect(tokenDecoder({ type: 'ByteFallback' }, 'x').bytesOf('<0xE2>')).toEqual(Uint8Array.of(0xe2));
    expect(textOf({ type: 'ByteFallback' }, '<0xE2')).toBe('<0xE2');
  });

  test('steps that could not be told token by token are refused', () => {
    const strip = { type: 'Strip', content: ' ', start: 0, stop: 1 };
    expect(() => textOf(strip, 'a')).toThrow('tokenizer.json: decoder Strip: only spaces at the start');
    expect(() => textOf({ type: 'Replace', pattern: { Regex: '.' }, content: '' }, 'a')).toThrow('decoder Replace');
    expect(() => textOf({ type: 'CTC' }, 'a')).toThrow('the kind CTC is not supported');
  });
});
