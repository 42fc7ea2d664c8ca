/**
 * Command-line options from a zod schema: one flag a field, so that names, defaults, help and checks have one source. A field becomes
 * `--its-name`; its description is its help; numbers, choices and lists are checked as they are typed.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';

/** What of a field's JSON schema makes a flag. */
const fieldSchema = z.looseObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
  description: z.string(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Field = z.output<typeof fieldSchema>;
const objectSchema = z.looseObject({ properties: z.record(z.string(), fieldSchema), required: z.array(z.string()).default([]) });

/** Adds one option a field of the schema to the command. */
export function addOptions(command: Command, schema: z.ZodObject): Command {
  const { properties, required } = objectSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  for (const [name, field] of Object.entries(properties)) {
    command.addOption(optionOf(name, field, schema.shape[name]).makeOptionMandatory(required.includes(name)));
  }
  return command;
}

/** The options as typed, checked and with defaults: first `defaults`, then the schema's. */
export function readOptions<Schema extends z.ZodObject>(command: Command, schema: Schema, defaults: Partial<z.input<Schema>> = {}): z.output<Schema> {
  const typed = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
  return schema.parse({ ...defaults, ...Object.fromEntries(typed) });
}

/** A field's name as it is typed: `--its-name`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function optionOf(name: string, field: Field, check: z.core.$ZodType | undefined): Option {
  const flag = flagOf(name);
  // What is on unless it is switched off gets the flag that does that.
  if (field.type === 'boolean') return new Option(field.default === true ? flag.replace('--', '--no-') : flag, field.description);
  const option = new Option(`${flag} ${placeholder(field)}`, field.description);
  if (field.default !== undefined && field.type !== 'array') option.default(field.default);
  if (field.enum) return option.choices(field.enum);
  if (field.type === 'array') return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option.argParser((text: string): string | number => {
    const value = field.type === 'string' ? text : parseNumber(text);
    if (check && !z.safeParse(check, value).success) throw new InvalidArgumentError(`It must be ${expectation(field)}.`);
    return value;
  });
}

function placeholder({ type, enum: choices }: Field): string {
  if (choices) return '<name>';
  return type === 'integer' ? '<n>' : type === 'number' ? '<x>' : '<text>';
}

/** Number('') is 0; an option without a value must not be. */
const parseNumber = (text: string): number => (text.trim() === '' ? NaN : Number(text));

/** What a field wants, in words: `a whole number of at least 1`. */
function expectation({ type, minimum, exclusiveMinimum, maximum }: Field): string {
  if (type === 'string') return 'a text that is not empty';
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && bounded) return `${kind} from ${minimum} to ${maximum}`;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) return `${kind} of at least ${minimum}`;
  if (exclusiveMinimum !== undefined) return type === 'integer' ? `a whole number of at least ${exclusiveMinimum + 1}` : `a number above ${exclusiveMinimum}`;
  return kind;
}
