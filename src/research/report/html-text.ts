/** Text from outside as HTML: nothing in it is markup. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Signs that would turn the direction of the text after them. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;

/** For text between tags and for attributes in quotes. Controls, and marks that reorder text, are left out. */
export const escapeHtml = (text: string): string =>
  text.replace(DIRECTION, '').replace(/[\p{Cc}--[\n\t]]/gv, '').replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
