/**
 * Takes out of a page what a reader of it would not see: text that is hidden is where instructions to models are put. Judged by
 * attributes, inline styles, and the rules of the page's own `<style>` elements; style sheets of other addresses are not loaded.
 */
import type { DomDocument, DomElement, DomNode } from './dom.ts';
import { dropBetween } from './visible-text.ts';

type Declarations = ReadonlyMap<string, string>;

interface StyleRule {
  selector: string;
  declarations: Declarations;
}

const NEVER_SHOWN = 'script:not([type="application/ld+json"]), noscript, template, object, embed, applet, [hidden], dialog:not([open]), input, select, textarea';

/** Removes comments, and elements that are not shown. Structured data (`application/ld+json`) stays, for the page's metadata. */
export function removeHiddenText(document: DomDocument): void {
  const rules = [...document.querySelectorAll('style')].flatMap((style) => parseStyleSheet(style.textContent ?? ''));
  for (const element of document.querySelectorAll(NEVER_SHOWN)) element.remove();
  if (document.documentElement !== null) removeComments(document.documentElement);
  const isWhite = hasWhitePaper(document, rules);
  for (const element of document.querySelectorAll('[style]')) {
    if (isHiding(parseDeclarations(element.getAttribute('style') ?? ''), isWhite)) element.remove();
  }
  // A page that is hidden until its script has run, or behind a dialogue, is the page all the same.
  const isMinor = minorParts(document);
  const select = selectorOf(document);
  for (const element of document.querySelectorAll('[aria-hidden="true"], font[color]')) {
    const isPale = element.localName === 'font' && isWhite && isPaperWhite(element.getAttribute('color') ?? '');
    if ((element.localName !== 'font' || isPale) && isMinor(element)) element.remove();
  }
  removeByRules(rules, { select, isMinor, isWhite });
}

/** Style sheets of more rules are honoured as far as this: the time for them must stay small. */
const MOST_RULES = 20_000;

interface Page {
  select: Select;
  isMinor: (element: DomElement) => boolean;
  isWhite: boolean;
}

function removeByRules(rules: readonly StyleRule[], { select, isMinor, isWhite }: Page): void {
  const considered = [...rules.slice(0, MOST_RULES).entries()];
  // A later rule with a class, an id or an attribute shows an element again: menus and tabs that are open.
  const showing = considered.filter(([, { selector, declarations }]) => (declarations.get('display') ?? 'none') !== 'none' && /[.#[]/.test(selector));
  const removed = new Set<DomElement>();
  for (const [index, { selector, declarations }] of considered) {
    if (!isHiding(declarations, isWhite)) continue;
    for (const element of select(selector)) {
      if (removed.has(element) || !isMinor(element)) continue;
      if (showing.some(([later, rule]) => later > index && select(rule.selector).has(element))) continue;
      removed.add(element);
      element.remove();
    }
  }
}

/** Whether an element holds less than half of the page's text. */
function minorParts(document: DomDocument): (element: DomElement) => boolean {
  const whole = (document.body.textContent ?? '').length;
  return (element) => !element.contains(document.body) && (element.textContent ?? '').length * 2 < whole;
}

/** Whether declarations make an element invisible, in any of the usual ways. */
function isHiding(styles: Declarations, isWhite: boolean): boolean {
  const of = (name: string): string => styles.get(name) ?? '';
  const isOut = (name: string): boolean => /^-\d{3,}(?:\.\d+)?(?:px|em|rem|vw|vh|pt|%)?$/.test(of(name));
  const isNothing = (name: string): boolean => /^(?:0|0?\.\d+|[01])(?:px|em|rem|pt|%)?$/.test(of(name));
  const isPlaced = of('position') === 'absolute' || of('position') === 'fixed';
  return (
    of('display') === 'none' ||
    /^(?:hidden|collapse)$/.test(of('visibility')) ||
    of('content-visibility') === 'hidden' ||
    (of('opacity') !== '' && Number.parseFloat(of('opacity')) < 0.05) ||
    isTiny(of('font-size')) ||
    (of('overflow').startsWith('hidden') && (isNothing('width') || isNothing('height') || isNothing('max-height') || isNothing('max-width'))) ||
    isOut('text-indent') ||
    isOut('margin-left') ||
    (isPlaced && ['left', 'top', 'right', 'bottom'].some(isOut)) ||
    /^scale[xy]?\(0(?:,|\))|^translate[xy]?\(-\d{4,}/.test(of('transform')) ||
    /^rect\((?:[01](?:px)?[ ,]*){4}\)$/.test(of('clip')) ||
    /^inset\((?:50|100)%/.test(of('clip-path')) ||
    isColourHiding(of('color'), of('background-color') || of('background'), isWhite)
  );
}

/** Letters of at most 2 pixels, or a tenth of those around. */
function isTiny(fontSize: string): boolean {
  const [, number, unit] = /^(\d*\.?\d+)(px|pt|em|rem|%)?$/.exec(fontSize) ?? [];
  if (number === undefined) return false;
  const most = unit === '%' ? 10 : unit === 'em' || unit === 'rem' ? 0.1 : 2;
  return Number(number) <= most;
}

function isColourHiding(colour: string, background: string, isWhite: boolean): boolean {
  if (colour === '') return false;
  if (colour === 'transparent' || /^rgba\(.*,\s*0?\.?0\)$/.test(colour)) return !background.includes('gradient');
  const plain = toHex(background);
  if (plain !== '') return toHex(colour) === plain;
  return background === '' && isWhite && isPaperWhite(colour);
}

/** Whether the page says nothing of its background, in any style of its own or another's: then it is white. */
function hasWhitePaper(document: DomDocument, rules: readonly StyleRule[]): boolean {
  if (document.querySelector('link[rel~="stylesheet"], [bgcolor], [background], [style*="background"]') !== null) return false;
  return !rules.some(({ declarations }) => declarations.has('background') || declarations.has('background-color') || declarations.has('background-image'));
}

const isPaperWhite = (colour: string): boolean => /^#(?:fff|f[a-f0-9]f[a-f0-9]f[a-f0-9])$/.test(toHex(colour)) && !/^#f[0-9]/.test(toHex(colour));

/** `#rrggbb` of the spellings that hidden text uses; the empty string for others. */
function toHex(colour: string): string {
  const names: Readonly<Record<string, string>> = { white: '#ffffff', snow: '#fffafa', ivory: '#fffff0', whitesmoke: '#f5f5f5', black: '#000000', red: '#ff0000' };
  const value = colour.trim().toLowerCase();
  const named = names[value];
  if (named !== undefined) return named;
  if (/^#[0-9a-f]{3}$/.test(value)) return value.replace(/[0-9a-f]/g, '$&$&');
  if (/^#[0-9a-f]{6}$/.test(value)) return value;
  const parts = /^rgba?\((\d+)[ ,]+(\d+)[ ,]+(\d+)/.exec(value)?.slice(1).map(Number) ?? [];
  return parts.length === 3 ? `#${parts.map((part) => Math.min(part, 255).toString(16).padStart(2, '0')).join('')}` : '';
}

/** Rules that hold on a screen of any size; those under a condition (`@media (max-width: ...)`) are left out. */
function parseStyleSheet(css: string): StyleRule[] {
  const text = dropBetween(css, '/*', '*/').replace(/<!--|-->/g, '');
  const rules: StyleRule[] = [];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('{', position);
    if (open < 0) break;
    const before = text.slice(position, open);
    const selector = before.slice(before.lastIndexOf(';') + 1).trim();
    const close = closingBrace(text, open);
    const inside = text.slice(open + 1, close);
    if (/^@media\s+(?:screen|all)\s*$|^@layer|^@supports/.test(selector)) rules.push(...parseStyleSheet(inside));
    else if (!selector.startsWith('@')) rules.push({ selector, declarations: parseDeclarations(inside) });
    position = close + 1;
  }
  return rules;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === '{') depth++;
    else if (text[index] === '}' && --depth === 0) return index;
  }
  return text.length;
}

const parseDeclarations = (text: string): Declarations =>
  new Map(
    text.split(';').flatMap((declaration): [string, string][] => {
      const colon = declaration.indexOf(':');
      if (colon < 0) return [];
      // No value that hides is long.
      const value = declaration.slice(colon + 1, colon + 200).replace(/!\s*important/i, '');
      return [[declaration.slice(0, colon).trim().toLowerCase(), value.trim().toLowerCase()]];
    }),
  );

type Select = (selector: string) => ReadonlySet<DomElement>;

/** The elements that a selector selects. Large style sheets are mostly of classes that the page does not have; those are not looked for. */
function selectorOf(document: DomDocument): Select {
  const found = new Map<string, ReadonlySet<DomElement>>();
  const present = new Set<string>();
  for (const element of document.querySelectorAll('[class], [id]')) {
    for (const name of (element.getAttribute('class') ?? '').split(/\s+/)) present.add(`.${name}`);
    present.add(`#${element.getAttribute('id') ?? ''}`);
  }
  const canMatch = (part: string): boolean => (part.replace(/\([^)]*\)|\[[^\]]*\]/g, '').match(/[.#][\w-]+/g) ?? []).every((name) => present.has(name));
  return (selector) => {
    const known = found.get(selector);
    if (known !== undefined) return known;
    const parts = selector.includes('(') ? [selector] : selector.split(',');
    const elements = new Set(parts.filter((part) => part.includes('\\') || canMatch(part)).flatMap((part) => matches(document, part.trim())));
    found.set(selector, elements);
    return elements;
  };
}

function matches(document: DomDocument, selector: string): DomElement[] {
  // Parts of elements (`::before`) and states (`:hover`) say nothing about the element as it stands.
  if (selector === '' || /::?(?:before|after|hover|focus|active|visited|placeholder|selection|marker|checked|target)/.test(selector)) return [];
  try {
    return [...document.querySelectorAll(selector)];
  } catch {
    // A selector that is not understood selects nothing, as in a browser.
    return [];
  }
}

const COMMENT_NODE = 8;

function removeComments(node: DomNode): void {
  for (const child of node.childNodes) {
    if (child.nodeType === COMMENT_NODE) child.remove();
    else removeComments(child);
  }
}
