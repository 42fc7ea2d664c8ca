/** The few statistics that runs and evaluations report. */

/** The 97.5 % point of the standard normal: 95 % lie within this many standard deviations of the mean. */
const normal95 = 1.959963984540054;

/**
 * The 95 % score interval [low, high] of a share, from `successes` out of `n` trials (Wilson 1927). Unlike the textbook's
 * share +- 1.96 standard errors it stays within [0, 1] and is right at shares near 0 and 1. Throws RangeError unless
 * 0 <= successes <= n and n >= 1.
 */
export function wilsonInterval(successes: number, n: number): [low: number, high: number] {
  if (!(n >= 1 && successes >= 0 && successes <= n)) throw new RangeError(`wilsonInterval: ${successes} successes out of ${n} trials`);
  const share = successes / n;
  const z2 = normal95 * normal95;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (normal95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // At the ends centre and half are equal in exact arithmetic; rounding must not leave 1e-17 there.
  return [successes === 0 ? 0 : Math.max(0, centre - half), successes === n ? 1 : Math.min(1, centre + half)];
}

/** Arithmetic mean. Throws RangeError for an empty list: there is no such number. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('mean: the list is empty');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of the values themselves (divided by n, not n - 1). Throws RangeError for an empty list. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/**
 * The value below which a share `q` of the values lie, linear between neighbours; 0.5 is the median. Throws RangeError for an empty list.
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile: ${q} is not within [0, 1]`);
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new RangeError('quantile: the list is empty');
  return low + (high - low) * (position - Math.floor(position));
}

/**
 * Unbiased estimate of the chance that at least one of `k` answers is right, from `correct` right ones among `n` drawn:
 * 1 - C(n - correct, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). Throws RangeError unless 1 <= k <= n and 0 <= correct <= n.
 */
export function passAtK(n: number, correct: number, k: number): number {
  if (!(k >= 1 && k <= n && correct >= 0 && correct <= n)) throw new RangeError(`passAtK: ${correct} correct of ${n}, k = ${k}`);
  if (n - correct < k) return 1;
  let allWrong = 1;
  for (let i = n - correct + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}
