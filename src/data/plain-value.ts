/** Values of richer formats as plain JSON values. */

/**
 * Integers beyond 2^53 become text, dates ISO 8601, bytes base64, typed arrays arrays; what JSON has no word for (NaN, infinities,
 * undefined) becomes null.
 */
export function plainValue(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : plainObject(value);
    default:
      return value;
  }
}

function plainObject(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (isTypedArray(value)) return Array.from<unknown>(value).map(plainValue);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
}

const isTypedArray = (value: object): value is Int32Array => ArrayBuffer.isView(value) && !(value instanceof DataView);
