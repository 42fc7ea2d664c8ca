/**
 * LaTeX and everyday notation to the plain notation that `parseExpression` and `readAnswer` take: `\frac{3}{4}` becomes `((3)/(4))`,
 * `x^{2}` becomes `x^(2)`, `90^\circ` becomes `90 deg`. Braces of sets become ⦃ ⦄; other signs of the plain notation are
 * ∞ ± ∪ ∈ ∅ ℝ ≤ ≥ ≠ and $ for money. What is not understood keeps a backslash, which nothing that follows can read.
 */

const UNREADABLE = ' \\ ';
const DEEPEST = 40;

/** Commands that stand for a sign or a name. */
const SIGNS: Readonly<Record<string, string>> = {
  cdot: ' * ', times: ' * ', ast: ' * ', div: ' / ', pm: ' ± ', infty: ' ∞ ', cup: ' ∪ ', in: ' ∈ ', colon: ':',
  le: ' ≤ ', leq: ' ≤ ', leqslant: ' ≤ ', ge: ' ≥ ', geq: ' ≥ ', geqslant: ' ≥ ', ne: ' ≠ ', neq: ' ≠ ', lt: ' < ', gt: ' > ',
  emptyset: ' ∅ ', varnothing: ' ∅ ', R: ' ℝ ', degree: ' deg ', circ: ' deg ', dollar: '$', euro: '€', pounds: '£',
  '{': '⦃', lbrace: '⦃', '}': '⦄', rbrace: '⦄', '%': '%', langle: '(', rangle: ')', lbrack: '[', rbrack: ']', lparen: '(', rparen: ')',
  lfloor: ' floor(', rfloor: ')', lceil: ' ceil(', rceil: ')', lvert: ' abs(', rvert: ')', vert: '|', mid: '|', '|': '\\',
  ',': ' ', ';': ' ', ':': ' ', '>': ' ', ' ': ' ', quad: ' ', qquad: ' ', '!': '', '(': '', ')': '', '[': '', ']': '', '\n': ' ',
};
/** Letters of variables; π is the constant. Each keeps a letter of its own. */
const GREEK: Readonly<Record<string, string>> = {
  pi: ' pi ', alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', epsilon: 'ε', varepsilon: 'ε', zeta: 'ζ', eta: 'η', theta: 'θ',
  vartheta: 'θ', iota: 'ι', kappa: 'κ',
  lambda: 'λ', mu: 'μ', nu: 'ν', xi: 'ξ', rho: 'ρ', sigma: 'σ', tau: 'τ', phi: 'φ', varphi: 'φ', chi: 'χ', psi: 'ψ', omega: 'ω',
  Delta: 'Δ', Omega: 'Ω',
  Gamma: 'Γ', Lambda: 'Λ', Sigma: 'Σ', Phi: 'Φ', Psi: 'Ψ', Theta: 'Θ', ell: 'ℓ',
};
const FUNCTIONS = new Set('sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log lg exp'.split(' '));
/** Ornament that changes nothing. */
const ORNAMENT = new Set('displaystyle textstyle limits nolimits big Big bigg Bigg bigl bigr Bigl Bigr rm bf it left right'.split(' '));
/** Commands whose group is read as it stands. */
const WRAPPERS = new Set(
  'text mbox hbox textbf textit textrm textnormal mathrm mathbf mathit mathsf mathcal boldsymbol operatorname boxed fbox'.split(' '),
);

/** The plain notation of a text. Never throws. */
export function plainNotation(text: string): string {
  const dollars = text.match(/(?<!\\)\$/g)?.length ?? 0;
  const unified = plainSigns(text)
    .replace(/\\\$/g, '\\dollar ')
    // In pairs they are LaTeX's, alone it is money.
    .replace(/\$/g, dollars % 2 === 0 ? ' ' : '\\dollar ')
    // Thousands: 1{,}000, 1,\!000, 1\,000.
    .replace(/(?<=\d)(?:\{,\}|,\\!|\\[,!])(?=\d{3}(?!\d))/g, '');
  return convert(unified, 0).replace(/\s+/g, ' ').trim();
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Unicode and what keyboards make of signs. */
function plainSigns(text: string): string {
  return text
    .replace(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (run) => `^(${[...run].map((sign) => (sign === '⁻' ? '-' : SUPERSCRIPTS.indexOf(sign))).join('')})`)
    .replace(/ℝ/g, '\\R ')
    .replace(/(?<=\d)(?=[¼½¾⅐-⅞])/g, ' ')
    .normalize('NFKC')
    .replace(/(\d+)\u2044(\d+)/g, '\\frac{$1}{$2}')
    .replace(/[−–—‐‑]/g, '-')
    .replace(/[×·⋅∗∙]/g, '*')
    .replace(/[÷∕]/g, '/')
    .replace(/√/g, ' sqrt ')
    .replace(/∛/g, ' cbrt ')
    .replace(/π/g, ' pi ')
    .replace(/°/g, ' deg ')
    .replace(/≦/g, '≤')
    .replace(/≧/g, '≥')
    .replace(/<=/g, '≤')
    .replace(/>=/g, '≥')
    .replace(/!=/g, '≠')
    // Powers as programs write them, and 1.2 x 10^5.
    .replace(/(?<=[\p{L}\d)])\s*\*\*\s*(?=[\p{L}\d(-])/gu, '^')
    .replace(/(?<=\d)\s*x\s*(?=10\s*\^)/gi, ' * ')
    .replace(/\b(?:infinity|inf)\b/gi, ' ∞ ');
}

/** Reads a piece of LaTeX from left to right. */
function convert(text: string, depth: number): string {
  if (depth > DEEPEST) return UNREADABLE;
  let out = '';
  let at = 0;
  while (at < text.length) {
    const letter = text[at] ?? '';
    if (letter === '\\') {
      const command = commandAt(text, at);
      [out, at] = convertCommand(command.name, text, command.end, out, depth);
    } else if (letter === '{') {
      const inner = groupAt(text, at);
      if (!inner) return `${out}${UNREADABLE}`;
      out += grouped(convert(inner.text, depth + 1));
      at = inner.end;
    } else if (letter === '^') {
      const degrees = /\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![a-zA-Z]))/y;
      degrees.lastIndex = at;
      const found = degrees.exec(text);
      out += found ? ' deg ' : '^';
      at += found?.[0].length ?? 1;
    } else {
      out += letter === '}' ? UNREADABLE : letter === '~' ? ' ' : letter;
      at++;
    }
  }
  return out;
}

/** A group without a letter or digit, such as the one in `1{,}5`, needs no brackets. */
const grouped = (inner: string): string => (/[\p{L}\d]/u.test(inner) ? `(${inner})` : inner);

interface Piece {
  text: string;
  end: number;
}

function commandAt(text: string, at: number): { name: string; end: number } {
  const name = /[a-zA-Z]+|[^]?/y;
  name.lastIndex = at + 1;
  const found = name.exec(text)?.[0] ?? '';
  return { name: found, end: at + 1 + found.length };
}

/** The balanced `{...}` at a position. */
function groupAt(text: string, at: number): Piece | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return { text: text.slice(at + 1, i), end: i + 1 };
  }
  return undefined;
}

/** What a command takes: a group, another command, or one letter or digit. */
function inputAt(text: string, from: number): Piece | undefined {
  let at = from;
  while (text[at] === ' ') at++;
  const letter = text[at] ?? '';
  if (letter === '{') return groupAt(text, at);
  if (letter === '\\') {
    const { name, end } = commandAt(text, at);
    return GREEK[name] === undefined ? undefined : { text: text.slice(at, end), end };
  }
  return /[0-9a-zA-Z]/.test(letter) ? { text: letter, end: at + 1 } : undefined;
}

/** What has been written with the command behind it, and where to go on. */
function convertCommand(name: string, text: string, end: number, out: string, depth: number): [string, number] {
  const sign = SIGNS[name] ?? GREEK[name];
  if (Object.hasOwn(SIGNS, name) || Object.hasOwn(GREEK, name)) return [out + sign, end];
  if (FUNCTIONS.has(name)) return [`${out} ${name} `, end];
  if (name === 'left' || name === 'right') return delimiter(name, text, end, out);
  if (ORNAMENT.has(name)) return [out, end];
  if (/^[dtc]?frac$/.test(name)) return fraction(text, end, out, depth);
  if (/^[dt]?binom$/.test(name)) return binomial(text, end, out, depth);
  if (name === 'sqrt') return root(text, end, out, depth);
  if (name !== 'overline' && name !== 'mathbb' && !WRAPPERS.has(name)) return [out + UNREADABLE, end];
  const input = inputAt(text, end);
  if (!input) return [out + UNREADABLE, end];
  if (name === 'overline') return [repeating(out, input.text), input.end];
  if (name === 'mathbb') return [out + (input.text === 'R' ? ' ℝ ' : UNREADABLE), input.end];
  return [`${out} ${convert(input.text, depth + 1)} `, input.end];
}

/** `\left` and `\right` show which side a bar stands on; a dot is no bracket at all. */
function delimiter(side: 'left' | 'right', text: string, end: number, out: string): [string, number] {
  let at = end;
  while (text[at] === ' ') at++;
  if (text[at] === '.') return [out, at + 1];
  if (text[at] === '|') return [out + (side === 'left' ? ' abs(' : ')'), at + 1];
  return [out, end];
}

/** A digit in front of a fraction of whole numbers makes it a mixed number: 2\frac{1}{2}. */
function fraction(text: string, end: number, out: string, depth: number): [string, number] {
  const above = inputAt(text, end);
  const below = above && inputAt(text, above.end);
  if (!below) return [out + UNREADABLE, end];
  const whole = /(?<![\d.\p{L})\]^_])(\d+)\s*$/u.exec(out);
  if (whole && /^\d+$/.test(above.text.trim()) && /^\d+$/.test(below.text.trim())) {
    return [`${out.slice(0, whole.index)}(${whole[1]}+${above.text}/${below.text})`, below.end];
  }
  return [`${out} ((${convert(above.text, depth + 1)})/(${convert(below.text, depth + 1)}))`, below.end];
}

function binomial(text: string, end: number, out: string, depth: number): [string, number] {
  const above = inputAt(text, end);
  const below = above && inputAt(text, above.end);
  if (!below) return [out + UNREADABLE, end];
  return [`${out} binom(${convert(above.text, depth + 1)},${convert(below.text, depth + 1)})`, below.end];
}

function root(text: string, end: number, out: string, depth: number): [string, number] {
  const degree = /\s*\[([^\]]*)\]/y;
  degree.lastIndex = end;
  const found = degree.exec(text);
  const input = inputAt(text, end + (found?.[0].length ?? 0));
  if (!input) return [out + UNREADABLE, end];
  const inner = convert(input.text, depth + 1);
  return [`${out} ${found ? `root(${convert(found[1] ?? '', depth + 1)},${inner})` : `sqrt(${inner})`}`, input.end];
}

/** 0.1\overline{6} is (16 - 1)/90. */
function repeating(out: string, period: string): string {
  const start = /(?<![\d.])(\d*)\.(\d*)$/.exec(out);
  if (!start || !/^\d{1,30}$/.test(period)) return out + UNREADABLE;
  const [written, whole = '', fixed = ''] = start;
  const above = BigInt(whole + fixed + period) - BigInt(whole + fixed || '0');
  return `${out.slice(0, out.length - written.length)}(${above}/${10n ** BigInt(fixed.length) * (10n ** BigInt(period.length) - 1n)})`;
}
