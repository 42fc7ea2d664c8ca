/** File patterns as dataset cards write them: `*`, `?`, `**`, `[abc]`, `{a,b}`. */

/** A pattern over paths with forward slashes. `**` also spans folders; the others stay within a name. */
export function globPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/^\.?\//, '')
    .replace(/\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|\{[^{}]*\}|[^*?[{]+|[[{]/g, (part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (part.length > 1 && part.startsWith('[')) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
      if (part.length > 1 && part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(literal).join('|')})`;
      return literal(part);
    });
  return new RegExp(`^${source}$`);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
