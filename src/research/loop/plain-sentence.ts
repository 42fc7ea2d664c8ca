/** A sentence as a model wrote it, brought down to words: no addresses, images, markup or marks of citation, which only code may set. */

export function plainSentence(text: string): string {
  return text
    .replace(/!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\[[^\]]*\]/g, '$1')
    .replace(/<\/?[a-z!][^>]*>/gi, ' ')
    .replace(/\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.)[^\s)\]>"']*/gi, ' ')
    .replace(/\b(?:javascript|data|vbscript|file|mailto):[^\s)\]>"']*/gi, ' ')
    .replace(/[[(]\s*e\d+(?:\s*[,;]\s*e\d+)*\s*[\])]/gi, ' ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/\]\( ?\)/g, ']')
    .replace(/\s+([.,;:!?])/g, '$1')
    .replace(/^(?:[-*+>#]+|\d+[.)])\s+/, '')
    .trim();
}
