import { describe, expect, test } from 'vitest';
import { LocalEngine } from '../engine/local/local-engine.ts';
import { encodeChat, templateStability } from '../model/chat.ts';
import { loadTokenizer } from '../model/tokenizer.ts';
import { searchCorpus } from '../task/search/corpus.ts';
import { search } from '../task/search/search.ts';
import { carefulHabits } from '../task/search/traces.ts';
import type { ChatTool } from '../chat-message.ts';
import { bindToModel } from './bind-to-model.ts';
import { evaluate } from './evaluate.ts';
import { resolveModel } from './resolve-model.ts';

const directory = await resolveModel('r5-tiny-search', 'runs');
const tokenizer = await loadTokenizer(directory);
const tools: ChatTool[] = [{ type: 'function', function: { name: 'search' } }];

describe('the tokenizer and the template of r5-tiny-search', () => {
  test('leave earlier turns as they were, tool results included', () => {
    if (!tokenizer.chatTemplate) throw new Error('there is a template');
    expect(templateStability(tokenizer.chatTemplate)).toEqual({ userTurns: undefined, toolTurns: undefined });
  });

  test('write a call of the tool in two tokens around its query, which are text all the same', () => {
    const call = '<tool_call>\n{"name": "search", "arguments": {"query": "about Brakodan"}}\n</tool_call>';
    const tokens = tokenizer.encode(call);
    expect(tokenizer.tokenText(tokens[0] ?? -1)).toBe('<tool_call>\n{"name": "search", "arguments": {"query": "');
    expect(tokenizer.tokenText(tokens.at(-1) ?? -1)).toBe('"}}\n</tool_call>');
    expect(tokens.length).toBeLessThanOrEqual(6);
    expect(tokenizer.decode(tokens)).toBe(call);
  });

  test('keep worked conversations short', () => {
    const corpus = searchCorpus(5, carefulHabits);
    for (let i = 0; i < 50; i++) {
      const { chatTemplate } = tokenizer;
      if (!chatTemplate) throw new Error('there is a template');
      expect(encodeChat(corpus.next().value, chatTemplate, tokenizer, { tools }).tokens.length).toBeLessThan(260);
    }
  });
});

test('r5-tiny-search calls the tool, and answers seldom', async () => {
  const engine = await LocalEngine.open(directory, { frozen: true, threads: 1 });
  try {
    const playing = { maxTokens: search.maxTokens };
    const sampling = { maxTokens: search.maxTokens, temperature: 1, seed: 1 };
    const bound = await bindToModel(search, 'test', { engine, tokenizer, name: 'r5-tiny-search' }, playing);
    const { accuracy } = await evaluate(engine, bound, { rows: 96, sampling });
    expect(accuracy).toBeGreaterThan(0.06);
    expect(accuracy).toBeLessThan(0.4);
    const untooled = await bindToModel(search, 'test', { engine, tokenizer, name: 'r5-tiny-search' }, { ...playing, tools: 'off' });
    expect((await evaluate(engine, untooled, { rows: 32, sampling })).accuracy).toBeLessThan(0.05);
  } finally {
    await engine.release();
  }
}, 120_000);
