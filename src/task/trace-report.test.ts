import { describe, expect, test } from 'vitest';
import { workedCountdown } from './countdown/countdown.ts';
import { measureTraces, piecesOf } from './trace-report.ts';

describe('piecesOf', () => {
  test('counts numbers, words, capitals, signs and line ends, and a blank with what follows it', () => {
    expect(piecesOf('3+7=10: 10+12=22\n')).toEqual(['3', '+', '7', '=', '10', ':', ' 10', '+', '12', '=', '22', '\n']);
    expect(piecesOf('Make 33 from 3 7 12.\n')).toEqual(['Make', ' 33', ' from', ' 3', ' 7', ' 12', '.', '\n']);
    expect(piecesOf('answer: RDD')).toEqual(['answer', ':', ' R', 'D', 'D']);
    expect(piecesOf('S#.\n')).toEqual(['S', '#', '.', '\n']);
  });

  test('leaves nothing out', () => {
    const text = 'Sort: pear  fig.\n\tMaze:\n..#GS \n';
    expect(piecesOf(text).join('')).toBe(text);
  });
});

describe('measureTraces', () => {
  test('measures the same traces again from the same seed', async () => {
    const once = await measureTraces(workedCountdown, { rows: 50, seed: 9 });
    expect(await measureTraces(workedCountdown, { rows: 50, seed: 9 })).toEqual(once);
    expect(await measureTraces(workedCountdown, { rows: 50, seed: 10 })).not.toEqual(once);
  });

  test('measures the mix that it is given', async () => {
    const { careful, mix } = await measureTraces(workedCountdown, { rows: 50, mix: { careful: 1, hasty: 0, sloppy: 0 } });
    expect(careful.accuracy).toBe(1);
    expect(mix.accuracy).toBe(1);
    expect(mix.maxPieces).toBeGreaterThanOrEqual(mix.meanPieces);
  });
});
