import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../../random.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { RowDrawer, type DrawingRow, type DrawSettings } from './row-drawer.ts';

const VOCABULARY = 2048;
const plain: DrawSettings = { method: 'all', temperature: 1, topK: 0, topP: 1, minP: 0, constrained: false, top: 0, candidates: 0 };

/** Tokens that filters and mask leave, with their probabilities at the temperature, likeliest first. Written out in double precision. */
function left(logits: Float32Array, { temperature, topK, topP, minP }: DrawSettings, mask?: Uint8Array): Map<number, number> {
  const scores = Array.from(logits, (logit, token) => ({ token, weight: mask?.[token] === 0 ? 0 : Math.exp(logit / temperature) })).sort((a, b) => b.weight - a.weight);
  const candidates = topK > 0 ? scores.slice(0, topK) : scores;
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  const kept = candidates.filter(({ weight }) => {
    const keep = before < topP * total && weight > 0 && weight >= minP * (candidates[0]?.weight ?? 0);
    before += weight;
    return keep;
  });
  const mass = kept.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(kept.map(({ token, weight }) => [token, weight / mass]));
}

function openDrawer(rows: number) {
  const runtime = Runtime.open({ threads: 1 });
  onTestFinished(() => runtime.release());
  return { drawer: new RowDrawer(runtime, { rows, vocabularySize: VOCABULARY }), logits: runtime.allocate('float32', [rows, VOCABULARY]) };
}

test('each row draws by its own parameters, also where few candidates do not do', async () => {
  const random = new Random(2);
  const ways: Partial<DrawSettings>[] = [
    { method: 'filtered', topK: 5 },
    { method: 'filtered', topP: 0.5 },
    { method: 'filtered', topP: 0.9, temperature: 2 },
    { method: 'filtered', minP: 0.3 },
    { method: 'filtered', topK: 300, topP: 0.8, minP: 0.01, temperature: 1.5 },
    { method: 'filtered', topP: 0.9, constrained: true },
    {},
    { constrained: true },
  ];
  const { drawer, logits } = openDrawer(ways.length);
  const rows: DrawingRow[] = ways.map((way, i) => {
    // Every other row is nearly flat, so that its nucleus is hundreds of tokens.
    for (let token = 0; token < VOCABULARY; token++) logits.data[i * VOCABULARY + token] = random.normal() * (i % 2 === 0 ? 0.3 : 3);
    const settings = { ...plain, ...way, candidates: drawer.firstCandidates(way.topK ?? 0) };
    if (settings.constrained) drawer.maskOf(i).forEach((_, token, mask) => { mask[token] = token % 3 === 0 ? 1 : 0; });
    return { settings, uniform: 0 };
  });
  const allowed = rows.map(({ settings }, i) =>
    left(logits.data.subarray(i * VOCABULARY, (i + 1) * VOCABULARY), settings, settings.constrained ? drawer.maskOf(i) : undefined));
  const seen = rows.map(() => new Map<number, number>());
  const draws = 400;
  for (let step = 0; step < draws; step++) {
    rows.forEach((row) => { row.uniform = (step + 0.5) / draws; });
    const drawn = await drawer.draw(rows, logits.value([rows.length, VOCABULARY]));
    drawn.forEach(({ token }, i) => seen[i]?.set(token, (seen[i].get(token) ?? 0) + 1));
  }
  seen.forEach((counts, i) => {
    const expected = allowed[i] ?? new Map<number, number>();
    for (const [token, count] of counts) {
      // Evenly spread numbers hit a token as often as its share says, to within one at either end.
      expect(Math.abs(count - draws * (expected.get(token) ?? NaN)), `row ${i}, token ${token}`).toBeLessThan(1.5);
    }
  });
  expect(rows[2]?.settings.candidates).toBeGreaterThan(128);
  expect(rows[1]?.settings.candidates).toBe(128);
});

test('reports the likeliest tokens where a row asks for them', async () => {
  const { drawer, logits } = openDrawer(2);
  logits.data[7] = 3;
  logits.data[9] = 4;
  const rows = [{ settings: { ...plain, top: 2 }, uniform: 0.5 }, { settings: plain, uniform: 0.5 }];
  const [first, second] = await drawer.draw(rows, logits.value([2, VOCABULARY]));
  const total = Math.log(Math.exp(3) + Math.exp(4) + VOCABULARY - 2);
  expect(first?.top.map(({ token }) => token)).toEqual([9, 7]);
  expect(first?.top[0]?.logprob).toBeCloseTo(4 - total, 5);
  expect(second?.top).toEqual([]);
});
