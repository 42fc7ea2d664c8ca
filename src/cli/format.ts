/** Numbers as people read them. */

/** 0.6134 -> `61.3 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** [0.27, 0.35] -> `27.0 to 35.0 %`. */
export function percentRange([low, high]: readonly [number, number]): string {
  return `${(100 * low).toFixed(1)} to ${percent(high)}`;
}

/** 21403.7 -> `21,404`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 47 -> `47 s`, 161 -> `2 min 41 s`, 7300 -> `2 h 2 min`. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} min`;
}

/** 3.4e-9 -> `3.4e-9`; exactly 0 is `0`. */
export function tiny(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

/** 1533000000 -> `1.53 GB`, 24847 -> `24.8 kB`, 211 -> `211 B`. */
export function bytes(count: number): string {
  for (const [unit, size] of [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]] as const) {
    if (count >= size) return `${(count / size).toPrecision(3)} ${unit}`;
  }
  return `${count} B`;
}

/** `2 timeout, 1 threw`. */
export const lostReasons = (lost: Readonly<Record<string, number>>): string =>
  Object.entries(lost).map(([reason, count]) => `${count} ${reason}`).join(', ');
