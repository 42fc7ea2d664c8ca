/** A page's tree as blocks of text and Markdown. */
import type { Block } from './document-builder.ts';
import { type DomElement, type DomNode, isElement, isText } from './dom.ts';
import { dropUnseen, toLine } from './visible-text.ts';

/** Elements that stand inside a line of text. All others begin and end a block. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(' '),
);

/** Elements whose content is not the page's text. */
const SKIPPED = new Set('script style noscript template svg canvas iframe object embed audio video picture img map head title meta link base input select textarea button datalist progress meter'.split(' '));

interface Context {
  /** Against which links are resolved. */
  base: string;
  /** Before each line: the marks of quotations and the indent of lists. */
  prefix: string;
  /** Before the next block's first line: `- ` or `3. ` of a list item. */
  marker: string;
  isTight: boolean;
}

/** Blocks of everything in an element. Links become absolute; images are left out. */
export function htmlBlocks(root: DomElement, base: string): Block[] {
  const writer = new BlockWriter();
  writer.walk(root, { base, prefix: '', marker: '', isTight: false });
  writer.endLine();
  return writer.blocks;
}

/**
 * Markdown is written for a model that reads and quotes: it marks headings, lists, quotations, tables, listings and links, and neither
 * emphasis nor escapes, so that what is quoted from it is found in the text.
 */
class BlockWriter {
  readonly blocks: Block[] = [];
  #text = '';
  #markdown = '';
  #context: Context = { base: '', prefix: '', marker: '', isTight: false };

  walk(element: DomElement, context: Context): void {
    this.#context = context;
    for (const child of element.childNodes) {
      if (isText(child)) this.#addInline(child.textContent ?? '', child.textContent ?? '');
      else if (isElement(child)) this.#element(child, context);
    }
  }

  /** Ends the block that is being written, if there is anything in it. */
  endLine(level?: number): void {
    const { prefix, marker, isTight } = this.#context;
    const [text, markdown] = [toLines(this.#text), toLines(this.#markdown)];
    [this.#text, this.#markdown] = ['', ''];
    if (text === '') return;
    const mark = level === undefined ? marker : `${'#'.repeat(level)} `;
    this.blocks.push({
      text,
      markdown: markdown.split('\n').map((line, index) => `${prefix}${index === 0 ? mark : ' '.repeat(marker.length)}${line}`).join('\n'),
      isTight: isTight && this.blocks.length > 0,
      ...(level !== undefined && { level }),
    });
    this.#context.marker = ' '.repeat(marker.length);
  }

  #element(element: DomElement, context: Context): void {
    const name = element.localName;
    if (SKIPPED.has(name)) return;
    if (name === 'br') return this.#addInline('\n', '\n', true);
    if (INLINE.has(name)) return this.#inline(element, context);
    this.endLine();
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined) {
      this.#text = toLine(inlineText(element));
      this.#markdown = this.#text;
      this.#context = { ...context, marker: '', prefix: '', isTight: false };
      this.endLine(Number(level));
    } else if (name === 'pre') this.#listing(element, context);
    else if (name === 'ul' || name === 'ol' || name === 'menu') this.#list(element, context);
    else if (name === 'table' && isDataTable(element)) this.#table(element, context);
    else if (name === 'blockquote') this.#block(element, { ...context, prefix: `${context.prefix}> ` });
    else this.#block(element, context);
    this.#context = context;
  }

  #block(element: DomElement, context: Context): void {
    this.walk(element, context);
    this.endLine();
  }

  #inline(element: DomElement, context: Context): void {
    const href = element.localName === 'a' ? linkTarget(element, context.base) : undefined;
    if (href === undefined || containsBlock(element)) return this.walk(element, context);
    const before = this.#markdown;
    this.#markdown = '';
    this.walk(element, context);
    const label = this.#markdown;
    // A line may have ended inside a link; then what stood before it has been written already.
    this.#markdown = before + (label.trim() === '' || /^\[?\d+\]?$/.test(label.trim()) ? label : `[${label.trim()}](${href})`);
  }

  #list(list: DomElement, context: Context): void {
    const isOrdered = list.localName === 'ol';
    let number = Number.parseInt(list.getAttribute('start') ?? '1', 10);
    let isFirst = true;
    const prefix = context.prefix + context.marker.replace(/\S/g, ' ');
    for (const child of list.childNodes) {
      if (!isElement(child)) continue;
      const isTight = !isFirst || context.marker !== '';
      if (child.localName === 'li') this.#block(child, { ...context, prefix, marker: isOrdered ? `${number++}. ` : '- ', isTight });
      else this.#element(child, { ...context, prefix, marker: '  ', isTight });
      this.endLine();
      isFirst = false;
    }
  }

  #listing(element: DomElement, context: Context): void {
    const text = dropUnseen(element.textContent ?? '').replace(/\r\n?/g, '\n').replace(/^\n+/, '').trimEnd();
    if (text.trim() === '') return;
    const fence = text.includes('```') ? '~~~~' : '```';
    const markdown = [fence, ...text.split('\n'), fence].map((line) => context.prefix + line).join('\n');
    this.blocks.push({ text, markdown });
  }

  #table(table: DomElement, context: Context): void {
    const caption = table.querySelector('caption');
    if (caption !== null) this.#block(caption, context);
    const rows = [...table.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => toLine(inlineText(cell)))).filter((cells) => cells.some((cell) => cell !== ''));
    const columns = rows.reduce((most, cells) => Math.max(most, cells.length), 0);
    for (const [index, cells] of rows.entries()) {
      const line = `${context.prefix}| ${Array.from({ length: columns }, (_, column) => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
      const rule = index === 0 ? `\n${context.prefix}|${' --- |'.repeat(columns)}` : '';
      this.blocks.push({ text: cells.filter((cell) => cell !== '').join('\t'), markdown: line + rule, isTight: index > 0 });
    }
  }

  #addInline(text: string, markdown: string, isBreak = false): void {
    // Line feeds of the source are spaces; those of `br` break the line.
    const clean = (raw: string): string => (isBreak ? raw : dropUnseen(raw).replace(/\s+/g, ' '));
    this.#text += clean(text);
    this.#markdown += clean(markdown);
  }
}

const toLines = (text: string): string => text.split('\n').map((line) => line.replace(/ +/g, ' ').trim()).join('\n').replace(/\n{2,}/g, '\n').trim();

/** Text of a cell: its blocks side by side. */
function inlineText(node: DomNode): string {
  if (isText(node)) return node.textContent ?? '';
  if (!isElement(node) || SKIPPED.has(node.localName)) return '';
  const inner = [...node.childNodes].map(inlineText).join('');
  return INLINE.has(node.localName) ? inner : ` ${inner} `;
}

/** A table of rows and columns, rather than one that lays out the page. */
function isDataTable(table: DomElement): boolean {
  if (table.querySelector('table, h1, h2, h3, pre, blockquote') !== null) return false;
  const rows = [...table.querySelectorAll('tr')].map((row) => [...row.children]);
  const isLong = rows.some((cells) => cells.some((cell) => (cell.textContent ?? '').length > 600));
  return !isLong && rows.filter((cells) => cells.length > 1).length > 0;
}

const containsBlock = (element: DomElement): boolean => [...element.querySelectorAll('*')].some(({ localName }) => !INLINE.has(localName) && !SKIPPED.has(localName) && localName !== 'br');

/** Where a link leads, for addresses of the web that are not a place in the same page. */
function linkTarget(link: DomElement, base: string): string | undefined {
  const href = link.getAttribute('href')?.trim() ?? '';
  if (href === '' || href.startsWith('#')) return undefined;
  const url = URL.parse(href, base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  // Parentheses and spaces would end the link in Markdown.
  return url.href.replaceAll('(', '%28').replaceAll(')', '%29');
}
