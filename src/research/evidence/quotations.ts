/** What a sentence puts in quotation marks. */
export interface Quotation {
  start: number;
  end: number;
  quote: string;
}

const QUOTATION = /"([^"]+)"|“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^」]+)」|『([^』]+)』|‘([^‘’]+(?:’\p{L}[^‘’]*)*)’(?!\p{L})|‚([^‚‘]+)‘|‹([^‹›]+)›/gu;

/** What stands between quotation marks, closing punctuation left out. */
export function findQuotations(text: string): Quotation[] {
  return [...text.matchAll(QUOTATION)].flatMap((match) => {
    const inner = match.slice(1).find((group) => group !== undefined) ?? '';
    const quote = inner.replaceAll('\u200b', '').trim().replace(/[.,;:!?]+$/, '').trim();
    return /[\p{L}\p{N}]/u.test(quote) ? [{ start: match.index, end: match.index + match[0].length, quote }] : [];
  });
}
