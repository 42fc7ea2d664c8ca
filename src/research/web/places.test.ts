import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('a place that is left to one who has just given up goes to the next', async () => {
  const places = new Places(1);
  const { signal } = new AbortController();
  const stop = new AbortController();
  await places.take(signal);
  const second = places.take(stop.signal);
  const third = places.take(signal).then(() => 'third');
  stop.abort(new Error('enough'));
  places.leave();
  await expect(second).rejects.toThrow('enough');
  expect(await third).toBe('third');
});
