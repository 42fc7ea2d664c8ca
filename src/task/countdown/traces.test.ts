import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { measureTraces, piecesOf } from '../trace-report.ts';
import { countdown, workedCountdown } from './countdown.ts';
import { hasValue, numbersIn } from './expression.ts';
import { countdownHabits, countdownTrace, garbled, guess } from './traces.ts';

const careful = (numbers: [number, number, number], target: number): string => {
  return countdownTrace({ numbers, target }, countdownHabits.careful, new Random(0));
};

describe('countdown traces', () => {
  test('search depth first in the fixed order and stop at the first hit', () => {
    expect(careful([3, 7, 12], 33)).toBe(
      ['3+7=10: 10+12=22 12-10=2', '7-3=4: 4+12=16 12-4=8 4*12=48 12/4=3', '3*7=21: 21+12=33', 'answer: 3*7+12'].join('\n'),
    );
    expect(careful([3, 7, 12], 8).split('\n').at(-1)).toBe('answer: 12-(7-3)');
    expect(careful([10, 5, 4], 60)).toBe('10+5=15: 15+4=19 15-4=11 15*4=60\nanswer: (10+5)*4');
    // A product with 1 and a quotient by 1 are not tried; a difference of 0 is.
    expect(careful([3, 2, 9], 8)).toBe(
      ['3+2=5: 5+9=14 9-5=4 5*9=45', '3-2=1: 1+9=10 9-1=8', 'answer: 9-(3-2)'].join('\n'),
    );
    expect(careful([5, 5, 12], 12)).toBe(['5+5=10: 10+12=22 12-10=2', '5-5=0: 0+12=12', 'answer: 5-5+12'].join('\n'));
  });

  test('written carefully solve every row within maxTokens pieces and the end token', async () => {
    for (const row of [...(await countdown.train()), ...(await countdown.test())]) {
      const text = countdown.solution!(row);
      expect(countdown.score(row, { text, tokens: 9, stopReason: 'stop' })).toEqual({ reward: 1, verdict: 'correct' });
      expect(piecesOf(text).length).toBeLessThan(countdown.maxTokens);
      expect(text.endsWith('\n')).toBe(false);
    }
  });

  test('always end in an answer that can be read, over the given numbers', () => {
    const random = new Random(11);
    for (let i = 0; i < 1000; i++) {
      const row = workedCountdown.drawRow(random);
      for (const quality of ['hasty', 'sloppy'] as const) {
        const text = workedCountdown.trace(row, quality, random);
        expect(countdown.score(row, { text, tokens: 9, stopReason: 'stop' })).not.toMatchObject({ verdict: 'unparsable' });
        expect(text).toMatch(/^((\d+[-+*/]\d+=\d+):?( \d+[-+*/]\d+=\d+)*\n)+answer: [-\d+*/()]+$/);
      }
    }
  });

  test('of the same seed are the same', () => {
    const row = workedCountdown.drawRow(new Random(5));
    expect(workedCountdown.trace(row, 'sloppy', new Random(6))).toBe(workedCountdown.trace(row, 'sloppy', new Random(6)));
  });

  test('are right as often as a base model should be: sometimes, and the more patient the more often', async () => {
    const measured = await measureTraces(workedCountdown);
    expect(measured.careful.accuracy).toBe(1);
    expect(measured.hasty.accuracy).toBeGreaterThan(0.2);
    expect(measured.hasty.accuracy).toBeLessThan(0.35);
    expect(measured.hasty.meanPieces).toBeLessThan(measured.careful.meanPieces / 2);
    expect(measured.sloppy.accuracy).toBeLessThan(0.75);
    expect(measured.mix.accuracy).toBeGreaterThan(0.25);
    expect(measured.mix.accuracy).toBeLessThan(0.5);
  });

  test('guess with every number once, and garble by changing the value or the way to it', () => {
    const random = new Random(2);
    for (let i = 0; i < 200; i++) {
      const wild = guess({ numbers: [4, 9, 20], target: 1 }, random);
      expect(numbersIn(wild).sort((a, b) => a - b)).toEqual([4, 9, 20]);
      const right = { operator: '-', left: 20, right: { operator: '-', left: 9, right: 4 } } as const;
      expect(hasValue(garbled(right, random), 15)).toBe(false);
    }
  });

  test('the corruptions of every held-out row earn nothing', async () => {
    for (const row of await countdown.test()) {
      for (const text of countdown.corruptions!(row)) {
        expect(countdown.score(row, { text, tokens: 9, stopReason: 'stop' }), text).toMatchObject({ reward: 0 });
      }
    }
  });
});
