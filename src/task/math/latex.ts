/** LaTeX and everyday notation to the plain notation that mathjs parses: `\frac{3}{4}` becomes `((3)/(4))`, `2\pi` becomes `2 pi`. */

/** Ornament that means nothing for the value. */
const ORNAMENT = /\\\$|\\(left|right|displaystyle|textstyle|limits|big|Big|bigg|Bigg|mathrm|mathbf|mathit|operatorname|boldsymbol|rm|bf)(?![a-zA-Z])|\\[,;:! ]|\\quad|\\qquad|\$|\\\(|\\\)|\\\[|\\\]|~/g;

const SYMBOLS: readonly (readonly [RegExp, string])[] = [
  [/\\(?:cdot|times|ast)(?![a-zA-Z])|[×·⋅∗]/g, ' * '],
  [/\\div(?![a-zA-Z])|÷/g, ' / '],
  [/\\(?:pi)(?![a-zA-Z])|π/g, ' pi '],
  [/\\infty(?![a-zA-Z])|∞/g, ' Infinity '],
  [/\\pm(?![a-zA-Z])|±/g, ' ± '],
  [/[−–—]/g, '-'],
  [/\\(?:le|leq|ge|geq|ne|neq|lt|gt)(?![a-zA-Z])/g, ' ≠ '],
  [/\\(?:cup)(?![a-zA-Z])|∪/g, ' ∪ '],
  [/\\(?:in)(?![a-zA-Z])|∈/g, ' = '],
  [/\\(sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|ln|log|exp|sqrt)(?![a-zA-Z])/g, ' $1 '],
  [/\\(?:alpha|beta|gamma|theta|lambda|mu|phi|omega|varphi|epsilon|delta|sigma|tau|rho)(?![a-zA-Z])/g, ' v'],
  [/\^\s*(?:\{\s*\\circ\s*\}|\\circ)|\\degree(?![a-zA-Z])|°/g, ' deg '],
  [/\\%/g, '%'],
];

/** A balanced `{...}` that starts at `start`; undefined when there is none. */
function group(text: string, start: number): { inner: string; end: number } | undefined {
  let from = start;
  while (text[from] === ' ') from++;
  if (text[from] !== '{') {
    const single = text[from];
    return single !== undefined && /[0-9a-zA-Z]/.test(single) ? { inner: single, end: from + 1 } : undefined;
  }
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return { inner: text.slice(from + 1, i), end: i + 1 };
  }
  return undefined;
}

/** Replaces `\name{a}{b}` by what `write` makes of its groups, innermost last; leaves malformed ones, which then do not parse. */
function replaceCommand(text: string, name: RegExp, count: number, write: (...groups: string[]) => string): string {
  let result = text;
  for (let guard = 0; guard < 200; guard++) {
    const found = name.exec(result);
    if (!found) return result;
    const groups: string[] = [];
    let end = found.index + found[0].length;
    for (let i = 0; i < count; i++) {
      const next = group(result, end);
      if (!next) return result;
      groups.push(next.inner);
      end = next.end;
    }
    result = result.slice(0, found.index) + write(...groups) + result.slice(end);
  }
  return result;
}

/** Plain notation. What it cannot read it leaves as it is, so that the parser refuses it. */
export function plainNotation(latex: string): string {
  let text = latex.replace(ORNAMENT, ' ').replace(/\\\{/g, '⦃').replace(/\\\}/g, '⦄');
  text = text.replace(/(\d)\s*\\[dt]?frac/g, '$1 + \\frac');
  text = replaceCommand(text, /\\[dtc]?frac(?![a-zA-Z])/, 2, (over, under) => ` ((${over})/(${under})) `);
  text = replaceRoots(text);
  text = replaceCommand(text, /\\(?:text|mbox|textbf|textit|mathrm)(?![a-zA-Z])/, 1, (inner) => ` ${inner} `);
  for (const [pattern, plain] of SYMBOLS) text = text.replace(pattern, plain);
  text = text.replace(/√\s*(\d+(?:\.\d+)?)/g, ' sqrt($1) ').replace(/√\s*\(/g, ' sqrt(');
  // A function of one number or letter needs no brackets in print.
  text = text.replace(/\b(sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|ln|log)\s+(\d+(?:\.\d+)?|pi|[a-z])(?![a-zA-Z(])/g, '$1($2)');
  // Exponents in braces; thousands separators.
  text = text.replace(/\{/g, '(').replace(/\}/g, ')').replace(/(\d)\(,\)(?=\d{3})/g, '$1,');
  return text.replace(/\s+/g, ' ').trim();
}

function replaceRoots(latex: string): string {
  const withIndex = latex.replace(/\\sqrt\s*\[\s*([0-9]+)\s*\]/g, '\\nthroot{$1}');
  const roots = replaceCommand(withIndex, /\\nthroot/, 2, (index, inner) => ` nthRoot((${inner}), ${index}) `);
  return replaceCommand(roots, /\\sqrt(?![a-zA-Z])/, 1, (inner) => ` sqrt(${inner}) `);
}
