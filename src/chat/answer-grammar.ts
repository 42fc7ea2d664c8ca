/** What an answer must look like, as a grammar: JSON of a schema, calls of tools in the model's own format, behind its thoughts. */
import type { ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import { anyJsonObject, anyText, choice, emptyText, jsonSchemaGrammar, literal, optional, repeat, sequence, specialToken, textWithout, type Grammar } from '../grammar/grammar.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { ResponseFormat, ToolChoice } from './chat-request.ts';
import { firstMatch } from './partial-match.ts';
import { isRecord } from './parsed-json.ts';
import type { ThinkingMarks } from './thinking-marks.ts';
import { PROBE_ID, type ToolCallFormat } from './tool-call-format.ts';

export interface AnswerRules {
  toolChoice: ToolChoice;
  parallelToolCalls: boolean;
  responseFormat: ResponseFormat;
  /** The tools shown. */
  tools: readonly ChatTool[];
  format: ToolCallFormat | undefined;
  thinking: ThinkingMarks;
  /** `open`: the prompt has opened them. `may`: the model may open them. `none`: it has no thoughts to write. */
  thoughts: 'open' | 'may' | 'none';
}

/** Undefined where anything goes. Throws R5Error for what cannot be enforced. */
export function answerGrammar(rules: AnswerRules, tokenizer: Tokenizer): Grammar | undefined {
  const { toolChoice, responseFormat, tools } = rules;
  const content = responseFormat.type === 'text' ? undefined : responseFormat.type === 'json' ? anyJsonObject() : jsonSchemaGrammar(responseFormat.schema);
  const mustCall = toolChoice === 'required' || typeof toolChoice === 'object';
  if (!mustCall && !content) return undefined;
  const calls = mustCall || (tools.length > 0 && rules.format) ? callsGrammar(rules, tokenizer) : undefined;
  const said = mustCall || !content ? calls : calls ? choice(content, calls) : content;
  return said && withThoughts(said, rules, tokenizer);
}

function withThoughts(said: Grammar, { thinking, thoughts }: AnswerRules, tokenizer: Tokenizer): Grammar {
  if (thoughts === 'none') return said;
  const special = tokenizer.specialTokens.includes(thinking.close);
  const closed = sequence(special ? anyText : textWithout(thinking.close), spelled(thinking.close, tokenizer), repeat(literal('\n'), 0, 2));
  return thoughts === 'open' ? sequence(closed, said) : sequence(optional(sequence(spelled(thinking.open, tokenizer), closed)), said);
}

function callsGrammar({ toolChoice, parallelToolCalls, tools, format }: AnswerRules, tokenizer: Tokenizer): Grammar {
  if (!format) throw new R5Error("The model's chat template does not say how it calls tools, so a call cannot be required. Use the tool choice auto.");
  const callable = typeof toolChoice === 'object' ? tools.filter((tool) => tool.function.name === toolChoice.name) : tools;
  const { beforeName, afterArguments } = format.exact;
  const single = !parallelToolCalls || typeof toolChoice === 'object' || format.separator === undefined;
  const call = choice(...callable.map((tool) => callGrammar(tool, format, tokenizer)));
  const more = single ? emptyText : repeat(sequence(spelled(format.separator ?? '', tokenizer), call));
  return sequence(spelled(beforeName, tokenizer), call, more, spelled(afterArguments, tokenizer));
}

/** From the name to the arguments' end. */
function callGrammar({ function: { name, parameters } }: ChatTool, format: ToolCallFormat, tokenizer: Tokenizer): Grammar {
  if (format.tags) return sequence(name, tagsGrammar(parameters ?? {}, format.tags, tokenizer));
  return sequence(name, spelled(format.exact.betweenNameAndArguments, tokenizer), argumentsGrammar(parameters));
}

function argumentsGrammar(parameters: ChatTool['function']['parameters']): Grammar {
  return parameters === undefined || Object.keys(parameters).length === 0 ? anyJsonObject() : jsonSchemaGrammar({ type: 'object', ...parameters });
}

function tagsGrammar(parameters: Readonly<Record<string, unknown>>, { afterValue, exact }: NonNullable<ToolCallFormat['tags']>, tokenizer: Tokenizer): Grammar {
  const properties = isRecord(parameters.properties) ? Object.entries(parameters.properties) : [];
  const required = Array.isArray(parameters.required) ? parameters.required : [];
  // What closes a value and opens the next key, or all of it, is written as the template writes it.
  const shared = sharedStart(exact.beforeNextKey, exact.afterLastValue);
  const beforeKey = exact.beforeNextKey.slice(shared);
  const atStart = exact.beforeFirstKey.endsWith(beforeKey) ? exact.beforeFirstKey.slice(0, exact.beforeFirstKey.length - beforeKey.length) : undefined;
  if (atStart === undefined) throw new R5Error("The model's format of tool calls cannot be enforced. Use the tool choice auto.");
  const given = properties.map(([key, schema]) => {
    const value = isRecord(schema) && schema.type === 'string' && !schema.enum ? textWithout(afterValue) : valueGrammar(schema);
    const tag = sequence(spelled(beforeKey, tokenizer), key, spelled(exact.betweenKeyAndValue, tokenizer), value, spelled(exact.beforeNextKey.slice(0, shared), tokenizer));
    return required.includes(key) ? tag : optional(tag);
  });
  return sequence(spelled(atStart, tokenizer), ...given, spelled(exact.afterLastValue.slice(shared), tokenizer));
}

/** Texts of a list stand there plain, other values as JSON. */
function valueGrammar(schema: unknown): Grammar {
  if (isRecord(schema) && Array.isArray(schema.enum) && schema.enum.every((value) => typeof value === 'string')) return choice(...schema.enum.map(String));
  return jsonSchemaGrammar(isRecord(schema) || typeof schema === 'boolean' ? schema : true);
}

function sharedStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  while (at > 0 && !/[\s>\]]/.test(one.charAt(at - 1))) at--;
  return at;
}

const ID_CHARACTERS = choice(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');

/** A text in which special tokens are these tokens, and the id of the template's example any id. */
function spelled(text: string, tokenizer: Tokenizer): Grammar {
  const parts: Grammar[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = firstMatch(rest, [...tokenizer.specialTokens, PROBE_ID]);
    parts.push(literal(rest.slice(0, found?.at ?? rest.length)));
    const id = found && tokenizer.tokenId(found.target);
    if (found) parts.push(found.target === PROBE_ID ? repeat(ID_CHARACTERS, 9, 9) : id === undefined ? literal(found.target) : specialToken(id));
    rest = found ? rest.slice(found.at + found.target.length) : '';
  }
  return sequence(...parts);
}
