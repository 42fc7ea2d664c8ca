/** JSON values as types and schemas, and how a schema's complaint is put to a person. */
import { z } from 'zod';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** What can go into a JSON file and come back as it was: NaN, infinities, dates, functions and `undefined` are refused. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** The first complaint of a schema on one line, with the place: `files.0.size: expected number, received string`. */
export function describeProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'not as expected';
  const message = issue.message.replace(/^Invalid input: /, '');
  return issue.path.length === 0 ? message : `${issue.path.map(String).join('.')}: ${message}`;
}
