/**
 * Grammars that are enforced while sampling: what one asks of this room. A grammar is an expression; put together from texts, JSON schemas and
 * free text, it becomes a constraint on one completion.
 *
 *     const call = (tool) => sequence(`<tool_call>\n{"name": ${JSON.stringify(tool.name)}, "arguments": `, jsonSchemaGrammar(tool.parameters), '}\n</tool_call>');
 *     const grammar = choice(...tools.map(call));
 *     const constraint = grammarConstraint(grammar, tokenizer, { endTokens, maxTokens });
 */
export { EMPTY as emptyText, choice, literal, optional, repeat, sequence, specialToken, type Expression as Grammar } from './expression.ts';
export { anyText, textWithout } from './free-text.ts';
export { anyJsonObject, jsonSchemaGrammar, type JsonSchemaOptions } from './json-schema.ts';
export type { WhiteSpace } from './json-text.ts';
export { grammarConstraint, type GrammarConstraint, type GrammarConstraintOptions } from './token-constraint.ts';
