/** Plain text, Markdown, JSON and XML as documents. */
import { DOMParser } from 'linkedom';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { type Block, buildDocument } from './document-builder.ts';
import { type DomElement, isElement } from './dom.ts';
import { dropBetween, dropUnseen, toLine } from './visible-text.ts';

/** Paragraphs are parted by empty lines; `#` headings and fenced listings are known in Markdown. */
export function readPlainText(text: string, { url, isMarkdown }: { url: string; isMarkdown: boolean }): ReadableDocument {
  const clean = dropUnseen(text).replace(/\r\n?/g, '\n').replaceAll('\f', '\n\n');
  const visible = isMarkdown ? dropBetween(clean, '<!--', '-->').replace(/^---\n[^]*?\n---\n/, '') : clean;
  const blocks = isMarkdown ? markdownBlocks(visible) : paragraphs(visible);
  return finish(blocks, { url, title: blocks.find(({ level }) => level !== undefined)?.text ?? blocks[0]?.text.split('\n')[0]?.slice(0, 120) });
}

/** JSON, laid out over lines. Throws SourceError (`unreadable`) for what does not parse. */
export function readJson(text: string, url: string): ReadableDocument {
  try {
    const laidOut = JSON.stringify(JSON.parse(text), undefined, 1);
    return finish(laidOut.split(/\n(?= ?\S)/).map((part, index) => ({ text: part, markdown: part, isTight: index > 0 })), { url });
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError('unreadable', `${url} says that it is JSON and is not (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

/** Text of an XML document's elements, one line an element; entries of feeds (RSS, Atom) become sections under their titles. */
export function readXml(text: string, url: string): ReadableDocument {
  const document: { documentElement: DomElement | null } = new DOMParser().parseFromString(text, 'text/xml');
  const root = document.documentElement;
  if (root === null) throw new SourceError('unreadable', `${url} says that it is XML and has no element.`);
  const blocks: Block[] = [];
  const visit = (element: DomElement, depth: number): void => {
    const children = [...element.children].filter(isElement);
    if (children.length === 0) {
      const line = toLine((element.textContent ?? '').replace(/<[^<>]*>/g, ' '));
      const isTitle = element.localName === 'title';
      if (line !== '') blocks.push({ text: line, markdown: isTitle ? `## ${line}` : line, ...(isTitle && { level: Math.min(depth, 6) }) });
    }
    for (const child of children) visit(child, depth + 1);
  };
  visit(root, 0);
  return finish(blocks, { url, title: blocks.find(({ level }) => level !== undefined)?.text });
}

function paragraphs(text: string): Block[] {
  return text.split(/\n[ \t]*\n+/).map((part) => part.replace(/^\n+/, '').trimEnd()).map((part) => ({ text: part, markdown: part }));
}

function markdownBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let fence = '';
  const end = (): void => {
    blocks.push(...paragraphs(lines.join('\n')).filter(({ text: part }) => part !== ''));
    lines = [];
  };
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    const heading = fence === '' ? /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) : null;
    if (fence === '' && mark !== '') fence = mark;
    else if (fence !== '' && mark.startsWith(fence)) fence = '';
    if (heading === null) {
      lines.push(line);
      continue;
    }
    end();
    const [, marks = '#', title = ''] = heading;
    blocks.push({ text: title, markdown: `${marks} ${title}`, level: marks.length });
  }
  end();
  return blocks;
}

function finish(blocks: readonly Block[], { url, title }: { url: string; title?: string | undefined }): ReadableDocument {
  const built = buildDocument(blocks);
  if (built.text === '') throw new SourceError('unreadable', `${url} holds no text.`);
  const fileName = URL.parse(url)?.pathname.split('/').at(-1) ?? '';
  return { title: title === undefined || title === '' ? fileName || url : title, ...built };
}
