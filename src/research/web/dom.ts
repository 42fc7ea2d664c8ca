/** The little of the DOM that reading pages needs, and the parser behind it. */
import { DOMParser } from 'linkedom';

export interface DomNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
  readonly parentNode: DomNode | null;
  remove(): void;
}

export interface DomElement extends DomNode {
  /** In lower case. */
  readonly localName: string;
  readonly children: Iterable<DomElement>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  querySelector(selector: string): DomElement | null;
  contains(other: DomNode): boolean;
}

export interface DomDocument {
  readonly documentElement: DomElement | null;
  readonly body: DomElement;
  querySelectorAll(selector: string): Iterable<DomElement>;
  querySelector(selector: string): DomElement | null;
}

const [ELEMENT_NODE, TEXT_NODE] = [1, 3];

export const isElement = (node: DomNode): node is DomElement => node.nodeType === ELEMENT_NODE;

export const isText = (node: DomNode): boolean => node.nodeType === TEXT_NODE;

/** A page's tree. Nothing in it runs and nothing is loaded. */
export function parseHtml(html: string): DomDocument {
  // A fragment gets a body of its own; the parser would make its first element the root.
  const isWhole = /<(?:html|body)[\s>]/i.test(html);
  const document: DomDocument = new DOMParser().parseFromString(isWhole ? html : `<html><head></head><body>${html}</body></html>`, 'text/html');
  return document;
}
