/** The sentences of a report in Markdown, with their places and the evidence that each cites. */

export type SentenceKind = 'heading' | 'prose' | 'item' | 'row' | 'code';

/** Evidence ids in one pair of brackets, or in several that follow each other. */
export interface Citation {
  ids: readonly string[];
  /** Offsets in the sentence's `plain`. */
  start: number;
  end: number;
}

export interface ReportSentence {
  kind: SentenceKind;
  /** Place in the Markdown, list marks and heading signs left out. */
  start: number;
  end: number;
  /** As it stands there. */
  source: string;
  /** As a reader sees it: without Markdown's signs and what shows nothing; spaces stand for the citations. */
  plain: string;
  citations: readonly Citation[];
  /** For rows of a table: the header's cells, and where each cell stands in `plain`. */
  cells?: readonly { header: string; start: number; end: number }[];
}

/** Right before a parenthesis, brackets are the words of a link and no citation. */
const CITATION = /\[\s*e\d+(?:\s*[,;]\s*e\d+)*\s*\](?!\()/gi;
const CITATION_AT_START = new RegExp(`^${CITATION.source}`, 'i');

/** Ids that a text cites, in order, each once. */
export const citedIds = (text: string): string[] => [...new Set([...text.matchAll(CITATION)].flatMap(([group]) => idsOf(group)))];

/** Puts something else in the place of each pair of brackets that cites. */
export const replaceCitations = (text: string, replacement: (ids: readonly string[], written: string) => string): string =>
  text.replace(CITATION, (written) => replacement(idsOf(written), written));

/** The citation that `text` begins with. */
export function citationAtStart(text: string): { written: string; ids: readonly string[] } | undefined {
  const [written] = CITATION_AT_START.exec(text) ?? [];
  return written === undefined ? undefined : { written, ids: idsOf(written) };
}

const idsOf = (group: string): string[] => [...group.matchAll(/e\d+/gi)].map(([id]) => id.toLowerCase());

/** Stands where Markdown's signs stood: no letter, no space. */
const BLANK = '\u200b';

/** `language`: of the report, for its abbreviations and the rule for the end of a sentence. */
export function reportSentences(markdown: string, language: string): ReportSentence[] {
  return blocksOf(markdown).flatMap((block) => sentencesOf(markdown, block, language));
}

interface Block {
  kind: SentenceKind;
  start: number;
  end: number;
  header?: readonly string[];
}

interface Line {
  start: number;
  text: string;
}

function linesOf(markdown: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const text of markdown.split('\n')) {
    lines.push({ start, text });
    start += text.length + 1;
  }
  return lines;
}

/** Marks before the words of a line: quote signs, list marks, check boxes. */
const MARKS = /^[ \t]*(?:>[ \t]?)*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?:\[[ xX]\][ \t]+)?/;
const RULE_LINE = /^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={2,}[ \t]*)$/;
const TABLE_LINE = /^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$/;

function blocksOf(markdown: string): Block[] {
  const lines = linesOf(markdown);
  const blocks: Block[] = [];
  let open: Block | undefined;
  const close = (): void => {
    if (open !== undefined) blocks.push(open);
    open = undefined;
  };
  for (let i = 0; i < lines.length; i++) {
    const { start, text } = lines[i] ?? { start: 0, text: '' };
    const end = start + text.trimEnd().length;
    if (/^[ \t]*(?:```|~~~)/.test(text)) {
      close();
      const fence = text.trim().slice(0, 3);
      let last = i + 1;
      while (last < lines.length && !(lines[last]?.text.trim().startsWith(fence) ?? true)) last++;
      const closing = lines[Math.min(last, lines.length - 1)];
      if (closing !== undefined) blocks.push({ kind: 'code', start, end: closing.start + closing.text.length });
      i = last;
      continue;
    }
    if (text.trim() === '' || RULE_LINE.test(text)) {
      close();
      continue;
    }
    const heading = /^[ \t]{0,3}#{1,6}[ \t]+/.exec(text);
    if (heading !== null) {
      close();
      blocks.push({ kind: 'heading', start: start + heading[0].length, end });
      continue;
    }
    const following = lines[i + 1]?.text ?? '';
    if (text.includes('|') && TABLE_LINE.test(following) && following.includes('-')) {
      close();
      const header = cellsOf(text).map(({ text: cell }) => cell);
      blocks.push({ kind: 'heading', start, end });
      i += 2;
      while (i < lines.length && lines[i]?.text.includes('|') === true) {
        const row = lines[i];
        if (row !== undefined) blocks.push({ kind: 'row', start: row.start, end: row.start + row.text.trimEnd().length, header });
        i++;
      }
      i--;
      continue;
    }
    const marks = MARKS.exec(text)?.[0] ?? '';
    const isItem = /[-*+][ \t]+|\d[.)][ \t]+/.test(marks);
    if (isItem || open === undefined) {
      close();
      open = { kind: isItem ? 'item' : 'prose', start: start + marks.length, end };
    } else open.end = end;
    // Two spaces or a backslash at the end of a line break it.
    if (/(?: {2}|\\)$/.test(text)) close();
  }
  close();
  return blocks.filter(({ start, end }) => end > start);
}

function cellsOf(row: string): { text: string; start: number; end: number }[] {
  const cells: { text: string; start: number; end: number }[] = [];
  let start = /^[ \t]*\|/.exec(row)?.[0].length ?? 0;
  for (let i = start; i <= row.length; i++) {
    if (i < row.length && (row[i] !== '|' || row[i - 1] === '\\')) continue;
    if (i < row.length || row.slice(start).trim() !== '') cells.push({ text: row.slice(start, i).trim(), start, end: i });
    start = i + 1;
  }
  return cells;
}

function sentencesOf(markdown: string, block: Block, language: string): ReportSentence[] {
  const raw = markdown.slice(block.start, block.end);
  const plain = plainOf(raw);
  const pieces = block.kind === 'prose' || block.kind === 'item' ? split(plain, raw, language) : [{ start: 0, end: raw.length }];
  return pieces.map(({ start, end }) => {
    const source = raw.slice(start, end);
    const marked = plain.slice(start, end);
    const seen = placesWithoutBlanks(marked);
    const inPlain = <Place extends { start: number; end: number }>(place: Place): Place => ({ ...place, start: seen(place.start), end: seen(place.end) });
    const base = { kind: block.kind, start: block.start + start, end: block.start + end, source, plain: marked.replaceAll(BLANK, ''), citations: citationsOf(source).map(inPlain) };
    if (block.kind !== 'row') return base;
    return { ...base, cells: cellsOf(source).map((cell, i) => inPlain({ header: block.header?.[i] ?? '', start: cell.start, end: cell.end })) };
  });
}

/** Where a place of a text with blanks is once they are gone: `**14**.2 km` is one number. */
function placesWithoutBlanks(text: string): (at: number) => number {
  const places = [0];
  for (let at = 0; at < text.length; at++) places.push((places[at] ?? 0) + (text[at] === BLANK ? 0 : 1));
  return (at) => places[at] ?? 0;
}

function citationsOf(source: string): Citation[] {
  const citations: Citation[] = [];
  for (const match of source.matchAll(CITATION)) {
    const [start, end] = [match.index, match.index + match[0].length];
    const last = citations.at(-1);
    if (last !== undefined && !/[\p{L}\p{N}]/u.test(source.slice(last.end, start))) {
      citations[citations.length - 1] = { ids: [...last.ids, ...idsOf(match[0])], start: last.start, end };
    } else citations.push({ ids: idsOf(match[0]), start, end });
  }
  return citations;
}

function plainOf(raw: string): string {
  const blank = (text: string): string => BLANK.repeat(text.length);
  return replaceCitations(raw, (_, written) => ' '.repeat(written.length))
    .replace(/\n[ \t]*(?:>[ \t]?)*/g, (gap) => ' '.repeat(gap.length))
    .replace(/\\(?=[\p{P}\p{S}])/gu, blank)
    .replace(/\*{1,3}|~~|`+/g, blank)
    .replace(/(?<![\p{L}\p{N}])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\p{L}\p{N}])/gu, blank)
    // What cannot be seen must not part words or hide digits.
    .replace(/[\p{Cf}\p{Variation_Selector}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu, (unseen) => blank(unseen));
}

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  en: 'mr mrs ms dr prof st vs etc e.g i.e cf al no nos vol pp p ch fig figs eq approx est dept inc ltd co corp jr sr gen col sgt capt lt rev hon sen rep gov u.s u.k a.m p.m ca c jan feb mar apr jun jul aug sep sept oct nov dec ed eds ph.d',
  de: 'z.b d.h u.a o.ä bzw ca etc evtl ggf inkl usw vgl dr prof nr mio mrd bio st str s z.t v.a i.d.r u.s.w sog hrsg abs art bd jh jhd v.chr n.chr v n chr geb gest tel max min jan feb mär apr jun jul aug sep sept okt nov dez',
  fr: 'm mm mme mlle dr pr st ste etc cf p.ex ex env av apr j.-c n no vol p pp art éd janv févr avr juil sept oct nov déc',
  es: 'sr sra srta dr dra prof etc p.ej ej aprox núm pág págs art ee.uu ud uds vol cap a.c d.c c.a s.a',
  it: 'sig sig.ra dott dr prof ecc es p.es cfr ca pag art vol n a.c d.c s.p.a',
  pt: 'sr sra dr dra prof etc p.ex ex aprox núm pág art vol cap n a.c d.c s.a',
  nl: 'dhr mevr dr prof ir drs enz bijv bv ca o.a d.w.z m.b.t t.o.v nr blz p art vol jan feb mrt apr jun jul aug sep okt nov dec v.chr n.chr',
};

const segmenters = new Map<string, Intl.Segmenter>();

function split(plain: string, raw: string, language: string): { start: number; end: number }[] {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'sentence' });
  segmenters.set(language, segmenter);
  const pieces: { start: number; end: number }[] = [];
  for (const { index, segment } of segmenter.segment(plain.replaceAll(BLANK, '\u2060'))) {
    const end = index + segment.length;
    const last = pieces.at(-1);
    if (last !== undefined && !endsHere(plain.slice(last.start, last.end), raw.slice(last.start, last.end), plain.slice(index), language)) last.end = end;
    else pieces.push({ start: index, end });
  }
  // A piece with no word holds what belongs to the one before: its citations, or closing marks.
  const joined: { start: number; end: number }[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && !/[\p{L}\p{N}]/u.test(plain.slice(piece.start, piece.end))) last.end = piece.end;
    else joined.push({ ...piece });
  }
  return joined.map(({ start, end }) => {
    const text = raw.slice(start, end);
    return { start: start + (text.length - text.trimStart().length), end: end - (text.length - text.trimEnd().length) };
  }).filter(({ start, end }) => end > start);
}

/** Whether a sentence ends where the segmenter says so. */
function endsHere(before: string, rawBefore: string, after: string, language: string): boolean {
  // Citations after the full stop close a sentence, whatever its last word is.
  if (/[.!?…][^\p{L}\p{N}]*\[\s*e\d+[^\]]*\]\s*$/iu.test(rawBefore)) return true;
  const trimmed = before.replaceAll(BLANK, '').trimEnd();
  const next = after.replaceAll(BLANK, '').trimStart();
  if (/^\p{Ll}/u.test(next)) return false;
  const word = /([\p{L}][\p{L}\p{M}.-]*)\.$/u.exec(trimmed)?.[1]?.toLowerCase();
  const known = `${ABBREVIATIONS[language] ?? ''} ${ABBREVIATIONS['en']}`.split(' ');
  // An abbreviation before a word with a capital may still end a sentence; joining two sentences loses nothing but a finer cut.
  if (word !== undefined && (known.includes(word) || /^\p{L}(?:\.\p{L})*$/u.test(word) && /^[\p{Lu}\p{N}]/u.test(next))) return false;
  if (['de', 'da', 'nb', 'fi', 'cs', 'hu', 'et', 'sl', 'hr'].includes(language) && /(?:^|[\s(])\d{1,2}\.$/.test(trimmed)) return false;
  return true;
}
