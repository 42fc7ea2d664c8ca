/** What the encyclopaedia knows: things of several kinds and the facts about them. */

export const kinds = ['country', 'city', 'river', 'lake', 'mountain', 'person', 'language', 'element', 'book', 'planet', 'moon'] as const;
export type Kind = (typeof kinds)[number];

/** Facts by name: `{ capital: 'Brakodan', language: 'Selurish' }`. */
export type Facts = Readonly<Record<string, string>>;

export interface Entity {
  kind: Kind;
  /** Its article's title, unlike any other. */
  name: string;
  facts: Facts;
}
