/** Numbers as they are written: exact, of any length. */
export interface Decimal {
  mantissa: bigint;
  exponent: number;
}

/** No trailing zero in the mantissa, so that equal numbers have equal parts. */
function normalized(mantissa: bigint, exponent: number): Decimal {
  if (mantissa === 0n) return { mantissa, exponent: 0 };
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent++;
  }
  return { mantissa, exponent };
}

/** From digits with an optional point: `1234.50`. */
export function decimalOf(digits: string): Decimal {
  const [whole = '', fraction = ''] = digits.split('.');
  return normalized(BigInt(`${whole}${fraction}` || '0'), -fraction.length);
}

export const times = (a: Decimal, b: Decimal): Decimal => normalized(a.mantissa * b.mantissa, a.exponent + b.exponent);

export const negated = ({ mantissa, exponent }: Decimal): Decimal => ({ mantissa: -mantissa, exponent });

export const sameDecimal = (a: Decimal, b: Decimal): boolean => a.mantissa === b.mantissa && a.exponent === b.exponent;

export const toNumber = ({ mantissa, exponent }: Decimal): number => Number(`${mantissa}e${exponent}`);
