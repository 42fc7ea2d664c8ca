/** Colours of the inspection: advantages and log-probabilities as shades, on terminals with 256 colours or with the basic ones. */

/** How text is drawn, as the parameters of the terminal's colour code; undefined: as it is. */
export type Ink = string | undefined;

export interface InkSpan {
  text: string;
  ink?: Ink;
}

export type Depth = 'none' | 'basic' | 'rich';

export const BOLD: Ink = '1';
export const DIM: Ink = '2';

/** Below each probability the next shade; black on colour, so that it can be read on dark and on light screens and blanks are seen too. */
const SURPRISE_SHADES = [[0.7, 230], [0.4, 222], [0.2, 215], [0.05, 209], [0.005, 203]] as const;

/** The shade of a token by its log-probability: none for a likely one, from yellow to red the more surprising it was. */
export function inkOfLogprob(logprob: number, depth: Depth): Ink {
  const probability = Math.exp(logprob);
  const shade = SURPRISE_SHADES.findLast(([below]) => probability < below);
  if (shade === undefined || depth === 'none') return undefined;
  if (depth === 'rich') return `38;5;16;48;5;${shade[1]}`;
  return probability < 0.05 ? '30;41' : probability < 0.4 ? '30;43' : undefined;
}

/** Green for a positive advantage and red for a negative one, stronger the farther from 0 relative to `scale`; dim for none. */
export function inkOfAdvantage(advantage: number | undefined, scale: number, depth: Depth): Ink {
  if (advantage === undefined || advantage === 0 || depth === 'none') return DIM;
  const strength = Math.min(2, Math.floor((3 * Math.abs(advantage)) / Math.max(scale, 1e-9)));
  if (depth === 'basic') return advantage > 0 ? '32' : '31';
  return `38;5;${(advantage > 0 ? [71, 34, 40] : [131, 160, 196])[strength] ?? 7}`;
}

/** The spans as text, with colour codes where there are colours. */
export function printSpans(spans: readonly InkSpan[], depth: Depth): string {
  return spans.map(({ text, ink }) => (ink === undefined || depth === 'none' || text === '' ? text : `\x1b[${ink}m${text}\x1b[0m`)).join('');
}
