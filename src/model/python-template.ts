/**
 * Where the library's Jinja differs from Python's in ways that chat templates rely on, the parsed template is changed so that our own functions
 * do the work: stripping with characters, Python's idea of white space, JSON as `json.dumps` writes it, `str`, and loops over nothing.
 */
import { Template } from '@huggingface/jinja';
import { pythonJson, pythonText } from './python-json.ts';

/** White space for Python's `str.strip`, in a class of a regular expression. */
const SPACE = '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** Names that no template has. What a filter is applied to comes in a list, where the library keeps `none` and undefined apart. */
const FUNCTIONS = {
  r5_tojson: (value: unknown, ...options: readonly unknown[]): string => pythonJson(list(value)[0], options.find((option) => option instanceof Map)),
  r5_string: (value: unknown): string => pythonText(list(value)[0]),
  r5_upper: (value: unknown): string => pythonText(list(value)[0]).toUpperCase(),
  r5_lower: (value: unknown): string => pythonText(list(value)[0]).toLowerCase(),
  r5_trim: (value: unknown, characters?: unknown): string => stripped(pythonText(list(value)[0]), characters, 'both'),
  r5_strip: (value: unknown, characters?: unknown): string => stripped(value, characters, 'both'),
  r5_lstrip: (value: unknown, characters?: unknown): string => stripped(value, characters, 'start'),
  r5_rstrip: (value: unknown, characters?: unknown): string => stripped(value, characters, 'end'),
};

const FILTERS: readonly string[] = ['tojson', 'string', 'upper', 'lower', 'trim'];
const METHODS: readonly string[] = ['strip', 'lstrip', 'rstrip'];

/** Throws what the library throws for a text that is no template. */
export function pythonTemplate(text: string): { render: (variables: Readonly<Record<string, unknown>>) => string } {
  // As Jinja reads its sources.
  const template = new Template(text.replace(/\r\n?/g, '\n'));
  rewrite(template.parsed);
  return { render: (variables) => template.render({ ...variables, ...FUNCTIONS }) };
}

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const isOf = (value: unknown, type: string): value is Node => isNode(value) && value.type === type;
const call = (name: string, args: readonly unknown[]): Node => ({ type: 'CallExpression', callee: { type: 'Identifier', value: name }, args });
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Changes a syntax tree in place. */
function rewrite(node: unknown): void {
  if (!isNode(node)) return;
  for (const [key, child] of Object.entries(node)) {
    rewrite(child);
    node[key] = replaced(child);
  }
  if (!isOf(node, 'For')) return;
  // Python's Undefined is empty where a loop goes over it.
  if (isOf(node.iterable, 'SelectExpression')) node.iterable.lhs = orEmpty(node.iterable.lhs);
  else node.iterable = orEmpty(node.iterable);
}

function orEmpty(iterable: unknown): Node {
  return { type: 'FilterExpression', operand: iterable, filter: call('default', [{ type: 'ArrayLiteral', value: [] }]) };
}

function replaced(node: unknown): unknown {
  if (isOf(node, 'FilterExpression')) {
    const { filter } = node;
    const named = isOf(filter, 'CallExpression') ? filter.callee : filter;
    const name = isOf(named, 'Identifier') && typeof named.value === 'string' ? named.value : '';
    if (FILTERS.includes(name)) return call(`r5_${name}`, [{ type: 'ArrayLiteral', value: [node.operand] }, ...list(isOf(filter, 'CallExpression') ? filter.args : [])]);
  }
  if (isOf(node, 'CallExpression') && isOf(node.callee, 'MemberExpression') && node.callee.computed !== true) {
    const { object, property } = node.callee;
    const name = isOf(property, 'Identifier') && typeof property.value === 'string' ? property.value : '';
    if (METHODS.includes(name)) return call(`r5_${name}`, [object, ...list(node.args)]);
  }
  return node;
}

function stripped(value: unknown, characters: unknown, where: 'both' | 'start' | 'end'): string {
  if (typeof value !== 'string') throw new Error(`only a text can be stripped, and this is ${pythonText(value)}`);
  const set = typeof characters === 'string' ? characters.replace(/[\\\]^-]/g, '\\$&') : SPACE;
  if (set === '') return value;
  const start = new RegExp(`^[${set}]+`, 'u');
  const end = new RegExp(`[${set}]+$`, 'u');
  const begun = where === 'end' ? value : value.replace(start, '');
  return where === 'start' ? begun : begun.replace(end, '');
}
