/** How much two texts share, for tests of reading pages. */
import { type DomNode, isElement, isText, parseHtml } from './dom.ts';

const tokensOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** F1 of the words that two texts share, each counted as often as it occurs; 1 for two texts without words. */
export function tokenF1(left: string, right: string): number {
  const [leftTokens, rightTokens] = [tokensOf(left), tokensOf(right)];
  const counts = new Map<string, number>();
  for (const token of leftTokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of rightTokens) {
    const count = counts.get(token) ?? 0;
    if (count > 0) shared++;
    counts.set(token, count - 1);
  }
  const total = leftTokens.length + rightTokens.length;
  return total === 0 ? 1 : (2 * shared) / total;
}

/** All text of a page, blocks parted, written apart from the reader that is measured against it. */
export function plainText(html: string): string {
  const inline = /^(?:a|abbr|b|bdi|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|tt|u|var)$/;
  const walk = (node: DomNode): string => {
    if (isText(node)) return node.textContent ?? '';
    if (!isElement(node) || node.localName === 'script' || node.localName === 'style') return '';
    const inner = [...node.childNodes].map(walk).join('');
    return inline.test(node.localName) ? inner : ` ${inner} `;
  };
  return walk(parseHtml(html).body);
}
