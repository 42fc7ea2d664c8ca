import type { JSONSchema7 } from 'ai';

/**
 * A schema as the strict forms of OpenAI and those who follow it want it: every field is required, no other is allowed, and no default is named. With
 * less they refuse the whole request.
 */
export function strictSchema(schema: JSONSchema7): JSONSchema7 {
  const { default: _, $schema: __, properties, items, ...rest } = schema;
  const inner = (one: JSONSchema7 | boolean): JSONSchema7 | boolean => (typeof one === 'boolean' ? one : strictSchema(one));
  return {
    ...rest,
    ...(properties !== undefined && { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)])), required: Object.keys(properties), additionalProperties: false }),
    ...(items !== undefined && { items: Array.isArray(items) ? items.map(inner) : inner(items) }),
  };
}
