import { Ajv2020 } from 'ajv/dist/2020.js';
import { R5Error } from '../../error.ts';
import { messageOf } from '../rows.ts';
import { wholeText, type Component } from './component.ts';
import { jsonAnswer } from './json-in-text.ts';

/**
 * 1 for an answer that is JSON and valid by the schema (draft 2020-12), else 0; the note says what does not fit. The answer is the whole text, or
 * its last block of code. `unparsable` when it is no JSON, and when the limit cut it off.
 * @throws R5Error for a schema that is none, here and not later.
 */
export function validJson<Row>(schema: Readonly<Record<string, unknown>> | ((row: Row) => Readonly<Record<string, unknown>>)): Component<Row> {
  const compiled = new Map<string, Validate>();
  const validatorOf = (wanted: Readonly<Record<string, unknown>>): Validate => {
    const key = JSON.stringify(wanted);
    const validate = compiled.get(key) ?? compile(wanted);
    if (compiled.size > MOST_SCHEMAS) compiled.clear();
    compiled.set(key, validate);
    return validate;
  };
  if (typeof schema !== 'function') validatorOf(schema);
  return (row, answer) => {
    const text = wholeText(answer);
    const found = text === undefined ? undefined : jsonAnswer(text);
    if (!found) return { reward: 0, verdict: 'unparsable' };
    const problem = validatorOf(typeof schema === 'function' ? schema(row) : schema)(found.value);
    return problem === undefined ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong', note: problem };
  };
}

/** Compiled schemas that are kept, for schemas that differ from row to row. */
const MOST_SCHEMAS = 256;

/** What does not fit, or undefined. */
type Validate = (value: unknown) => string | undefined;

function compile(schema: Readonly<Record<string, unknown>>): Validate {
  // Formats are notes to the reader in this draft; unknown keywords are allowed by it.
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  try {
    const validate = ajv.compile(schema);
    return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'answer' }));
  } catch (cause) {
    throw new R5Error(`validJson: ${JSON.stringify(schema).slice(0, 160)} is no JSON schema: ${messageOf(cause)}`, { cause });
  }
}
