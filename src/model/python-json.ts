/** Values of the template library as Python writes them: `json.dumps`, and `str`. */

/** What the library's values hold: maps, lists, and plain values, those within maps and lists wrapped once more. */
function inner(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Map || !('type' in value && 'value' in value)) return value;
  return value.type === 'NullValue' ? null : value.value;
}

interface Layout {
  ascii: boolean;
  indent: number | undefined;
  separators: readonly [string, string];
  sort: boolean;
}

/** `options` are the keyword arguments of `tojson`. */
export function pythonJson(value: unknown, options: unknown): string {
  const given = options instanceof Map ? options : new Map<string, unknown>();
  const option = (name: string): unknown => inner(given.get(name));
  const indent = option('indent');
  const separators = option('separators');
  const pair = Array.isArray(separators) ? separators.map((part) => String(inner(part))) : [indent === undefined || indent === null ? ', ' : ',', ': '];
  const layout: Layout = {
    ascii: option('ensure_ascii') === true,
    indent: typeof indent === 'number' ? indent : undefined,
    separators: [pair[0] ?? ', ', pair[1] ?? ': '],
    sort: option('sort_keys') === true,
  };
  return json(value, layout, 1);
}

function json(wrapped: unknown, layout: Layout, depth: number): string {
  const value = inner(wrapped);
  if (value === undefined || typeof value === 'function') throw new Error('Object of type Undefined is not JSON serializable');
  if (typeof value === 'string') return quoted(value, layout.ascii);
  if (typeof value === 'number') return pythonNumber(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return bracketed('[]', value.map((item) => json(item, layout, depth + 1)), layout, depth);
  if (!(value instanceof Map)) return String(value);
  const entries = [...value].map(([key, item]: [unknown, unknown]) => [String(key), item] as const);
  if (layout.sort) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const items = entries.map(([key, item]) => `${quoted(key, layout.ascii)}${layout.separators[1]}${json(item, layout, depth + 1)}`);
  return bracketed('{}', items, layout, depth);
}

function bracketed(brackets: '[]' | '{}', items: readonly string[], { indent, separators }: Layout, depth: number): string {
  const [open, close] = brackets;
  if (items.length === 0) return brackets;
  if (indent === undefined) return `${open}${items.join(separators[0])}${close}`;
  const line = (level: number): string => `\n${' '.repeat(indent * level)}`;
  return `${open}${line(depth)}${items.join(`${separators[0]}${line(depth)}`)}${line(depth - 1)}${close}`;
}

const FIRST_PRINTABLE = 0x20;
const SHORT: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' };
const escaped = (unit: string): string => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function quoted(text: string, ascii: boolean): string {
  let out = '"';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at);
    const code = text.charCodeAt(at);
    out += unit === '"' || unit === '\\' || code < FIRST_PRINTABLE || (ascii && code > 0x7f) ? escaped(unit) : unit;
  }
  return `${out}"`;
}

/** As `repr` writes a number: exponents below 1e-4 and from 1e16 on, with two digits. */
export function pythonNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return String(value);
}

/** As `str` writes a value. */
export function pythonText(wrapped: unknown): string {
  const value = inner(wrapped);
  return typeof value === 'string' ? value : value === undefined ? '' : shown(value);
}

/** As `repr`. */
function shown(wrapped: unknown): string {
  const value = inner(wrapped);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return pythonNumber(value);
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const text = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
    return `${quote}${quote === "'" ? text.replaceAll("'", "\\'") : text}${quote}`;
  }
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]: [unknown, unknown]) => `${shown(key)}: ${shown(item)}`).join(', ')}}`;
  return String(value);
}
