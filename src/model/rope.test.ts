import { describe, expect, test } from 'vitest';
import { ropeFrequencies, ropeTable } from './rope.ts';

describe('plain rotary positions', () => {
  test('angles are position * theta^(-2i / headSize)', () => {
    // theta 10000, heads of 4: frequencies 1 and 10000^(-1/2) = 0.01.
    const { cos, sin } = ropeTable({ headSize: 4, ropeTheta: 10000, ropeScaling: null }, 3);
    const angles = [0, 0, 1, 0.01, 2, 0.02];
    expect(cos).toHaveLength(6);
    for (const [i, angle] of angles.entries()) {
      expect(cos[i]).toBeCloseTo(Math.cos(angle), 7);
      expect(sin[i]).toBeCloseTo(Math.sin(angle), 7);
    }
  });

  test('angles are rounded to float32 before the cosine, as in the models that were trained so', () => {
    const { cos } = ropeTable({ headSize: 4, ropeTheta: 500000, ropeScaling: null }, 100_001);
    // float32(1 / float32(sqrt(500000))) * 100000 rounded to float32 is the angle.
    const frequency = Math.fround(1 / Math.fround(500000 ** 0.5));
    expect(cos[100_000 * 2 + 1]).toBe(Math.fround(Math.cos(Math.fround(frequency * 100_000))));
  });
});

test('linear: two positions of a model stretched by 2 are one of the plain model', () => {
  const plain = ropeTable({ headSize: 8, ropeTheta: 10000, ropeScaling: null }, 5);
  const stretched = ropeTable({ headSize: 8, ropeTheta: 10000, ropeScaling: { type: 'linear', factor: 2 } }, 9);
  for (let position = 0; position < 5; position++) {
    expect([...stretched.cos.subarray(position * 8, position * 8 + 4)]).toEqual([...plain.cos.subarray(position * 4, position * 4 + 4)]);
  }
});

test('llama3: short wavelengths stay, long ones are divided, those between are mixed', () => {
  // theta 10^4, heads of 8: frequencies 1, 0.1, 0.01, 0.001; wavelengths 6.28, 62.8, 628, 6283.
  const scaling = { type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 1024 } as const;
  const frequencies = ropeFrequencies({ headSize: 8, ropeTheta: 10000, ropeScaling: scaling });
  // Limits: 1024 / 4 = 256 and 1024 / 1 = 1024. The third lies between: s = (1024 / 628.3185 - 1) / 3 = 0.2099155,
  // so 0.7900845 * 0.00125 + 0.2099155 * 0.01 = 0.003086761.
  const expected = [1, 0.1, 0.003086761, 0.000125];
  for (const [i, value] of expected.entries()) expect(frequencies[i]! / value).toBeCloseTo(1, 6);
});

describe('yarn', () => {
  const scaling = {
    type: 'yarn', factor: 4, betaFast: 32, betaSlow: 1, originalContextLength: 2048, attentionFactor: 1.1386294361119891, truncate: true,
  } as const;

  test('frequencies fall from kept to divided along the ramp', () => {
    // theta 10^4, heads of 16: pairs turn 32 times at dimension 16 ln(2048 / (64 pi)) / (2 ln 10^4) = 2.0159 -> 2 and once at
    // 16 ln(2048 / (2 pi)) / (2 ln 10^4) = 5.0262 -> 6. Kept shares of pairs 0..7: 1, 1, 1, 3/4, 1/2, 1/4, 0, 0.
    const frequencies = ropeFrequencies({ headSize: 16, ropeTheta: 10000, ropeScaling: scaling });
    const kept = [1, 1, 1, 0.75, 0.5, 0.25, 0, 0];
    for (const [i, share] of kept.entries()) {
      const plain = 10 ** (-i / 2);
      expect(frequencies[i]! / (share * plain + ((1 - share) * plain) / 4)).toBeCloseTo(1, 6);
    }
  });

  test('without rounding, the ramp runs between the exact dimensions', () => {
    const frequencies = ropeFrequencies({ headSize: 16, ropeTheta: 10000, ropeScaling: { ...scaling, truncate: false } });
    const low = (16 * Math.log(2048 / (64 * Math.PI))) / (2 * Math.log(10000));
    const high = (16 * Math.log(2048 / (2 * Math.PI))) / (2 * Math.log(10000));
    const share = 1 - (4 - low) / (high - low);
    expect(frequencies[4]! / (0.01 * (share + (1 - share) / 4))).toBeCloseTo(1, 6);
  });

  test('the attention factor multiplies cosine and sine', () => {
    const { cos, sin } = ropeTable({ headSize: 16, ropeTheta: 10000, ropeScaling: scaling }, 2);
    expect(cos[0]).toBeCloseTo(1.1386294, 6);
    expect(sin[0]).toBe(0);
    expect(sin[8]).toBeCloseTo(1.1386294 * Math.sin(1), 6);
  });
});
