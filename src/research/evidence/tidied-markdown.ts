/** A report's Markdown after sentences were cut from it. */

/** Takes away what cuts leave: empty list items, tables without rows, headings with nothing under them. */
export function tidied(markdown: string): string {
  const lines = markdown
    .split('\n')
    .map((line) => line.replace(/(?<=\S) {2,}(?=\S)/g, ' ').trimEnd())
    .filter((line) => !/^[ \t]*(?:>[ \t]?)*(?:[-*+]|\d{1,9}[.)])?[ \t]*$/.test(line) || line.trim() === '');
  const kept: string[] = [];
  for (const [i, line] of lines.entries()) {
    const isTableHead = line.includes('|') && /^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$/.test(lines[i + 1] ?? '');
    if (isTableHead && lines[i + 2]?.includes('|') !== true) continue;
    const isDelimiter = /^[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|[ \t:|-]*$/.test(line) && lines[i - 1]?.includes('|') === true;
    if (isDelimiter && lines[i + 1]?.includes('|') !== true) continue;
    kept.push(line);
  }
  // From the end: a heading goes when the next thing after it is a heading of its rank or above, or the end. The first heading is the title.
  const out: string[] = [];
  const rankOf = (line: string): number => /^[ \t]{0,3}(#{1,6})[ \t]/.exec(line)?.[1]?.length ?? 7;
  const first = kept.findIndex((line) => line.trim() !== '');
  for (let i = kept.length - 1; i >= 0; i--) {
    const line = kept[i] ?? '';
    const next = out.find((other) => other.trim() !== '');
    const isEmptySection = rankOf(line) < 7 && i !== first && (next === undefined || rankOf(next) <= rankOf(line));
    const opensNothing = /:\**$/.test(line.trim()) && rankOf(line) === 7 && (next === undefined || rankOf(next) < 7);
    if (!isEmptySection && !opensNothing) out.unshift(line);
  }
  return `${out.join('\n').replace(/\n{3,}/g, '\n\n').trim()}\n`;
}
