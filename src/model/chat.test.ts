import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeChat, encodeChatPrompt, templateStability } from './chat.ts';
import { loadChatTemplate, type ChatTemplate } from './chat-template.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { ChatMessage } from '../chat-message.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'r5-chat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function templateOf(source: string, tokens: Readonly<Record<string, unknown>> = {}): Promise<ChatTemplate> {
  const template = await loadChatTemplate(folderWith({ 'tokenizer_config.json': JSON.stringify({ chat_template: source, ...tokens }) }));
  if (!template) throw new Error('the folder has a template');
  return template;
}

/** In the style of Qwen's: tools in the system message, thoughts of the last turn only when `drops`. */
const marked = (drops: boolean): string => `{%- if tools %}
{{- '<|im_start|>system\\n# Tools\\n' }}
{%- for tool in tools %}
{{- tool | tojson }}{{- '\\n' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=-1) %}
{%- for message in messages %}{%- if message.role == 'user' %}{%- set ns.last = loop.index0 %}{%- endif %}{%- endfor %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' and message.reasoning_content ${drops ? 'and loop.index0 > ns.last' : ''} %}
{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n' }}
{%- endif %}
{{- message.content }}
{%- if message.tool_calls %}
{%- for call in message.tool_calls %}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}`;

const question: ChatMessage = { role: 'user', content: 'Is 5 > 3?' };

describe('templates', () => {
  test('special tokens, blocks and tojson come out as in Python', async () => {
    const template = await templateOf(
      "{{ bos_token }}{% for m in messages %}\n  {% if m.role == 'user' %}\n[INST] {{ m.content }} [/INST]\n  {% endif %}\n{% endfor %}{{ {'a': 1, 'b': ['é', true, none]} | tojson }}{{ eos_token }}",
      { bos_token: '<s>', eos_token: { content: '</s>' } },
    );
    expect(template.render([question])).toBe('<s>[INST] Is 5 > 3? [/INST]\n{"a": 1, "b": ["é", true, null]}</s>');
  });

  test.each([
    // Python strips the characters that it is told to strip, and has its own idea of white space.
    ["{{ messages[0].content.strip('\\n') }}|{{ messages[0].content.lstrip('\\n') }}|", '\n  two \n', '  two |  two \n|'],
    ['{{ messages[0].content | trim }}|{{ messages[0].content.rstrip() }}|', '\u001f\u0085mark\ufeff \u001c', 'mark\ufeff|\u001f\u0085mark\ufeff|'],
    ["{{ 'a-]^b'.strip('^a-]') }}", '', 'b'],
    // Loops over what is not there.
    ['{% for call in messages[0].tool_calls %}x{% endfor %}{% for m in nothing if m.role %}x{% else %}none{% endfor %}', '', 'none'],
    // JSON and texts as Python writes them.
    ["{{ {'b': [1, {}], 'a': 'é'} | tojson(indent=2, sort_keys=true, ensure_ascii=true) }}", '', '{\n  "a": "\\u00e9",\n  "b": [\n    1,\n    {}\n  ]\n}'],
    ["{{ [1, 2] | tojson(separators=(',', ':')) }}", '', '[1,2]'],
    ["{{ none | string }} {{ {'a': [true, \"it's\"]} | string }} {{ ['x'] | upper }}", '', "None {'a': [True, \"it's\"]} ['X']"],
    // Tools that are not given are none and not undefined.
    ['{{ tools is defined }} {{ tools is none }} {{ documents is none }}', '', 'true true true'],
    ['one\r\ntwo', '', 'one\ntwo'],
  ])('%j comes out as in Python', async (source, content, expected) => {
    expect((await templateOf(source)).render([{ role: 'user', content }])).toBe(expected);
  });

  test('numbers are written as Python writes them', async () => {
    const variables = { x: { a: 0.00001, b: 2.5e-7, c: 1e22, d: 3, e: null, f: [true, 'é\n\\"'], g: 1234567.5 } };
    expect((await templateOf('{{ x | tojson }}')).render([], { variables })).toBe(
      '{"a": 1e-05, "b": 2.5e-07, "c": 1e+22, "d": 3, "e": null, "f": [true, "é\\n\\\\\\""], "g": 1234567.5}',
    );
  });

  test('undefined is no JSON', async () => {
    const template = await templateOf('{{ nothing | tojson }}');
    expect(() => template.render([question])).toThrow(/Undefined is not JSON serializable/);
  });

  test('the last message can be left open', async () => {
    const messages: ChatMessage[] = [question, { role: 'assistant', content: 'Yes, because ' }];
    const kept = await templateOf('{% for m in messages %}<{{ m.content }}>{% endfor %}');
    expect(kept.render(messages, { continueFinalMessage: true })).toBe('<Is 5 > 3?><Yes, because ');
    const trimmed = await templateOf('{% for m in messages %}<{{ m.content | trim }}>{% endfor %}');
    expect(trimmed.render(messages, { continueFinalMessage: true })).toBe('<Is 5 > 3?><Yes, because');
    const hidden = await templateOf('{{ messages[0].content }}');
    expect(() => hidden.render(messages, { continueFinalMessage: true })).toThrow(/cannot be continued/);
  });

  test('thoughts go by the name that some templates have for them', async () => {
    expect((await templateOf('{{ messages[0].thinking }}')).render([{ role: 'assistant', content: '', reasoning_content: 'hm' }])).toBe('hm');
  });

  test('a template that refuses says why', async () => {
    const template = await templateOf("{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}");
    expect(() => template.render([{ role: 'system', content: 'x' }])).toThrow(/System role not supported/);
    await expect(templateOf('{% if %}')).rejects.toThrow(/tokenizer_config.json cannot be read/);
  });

  test('chat_template.jinja comes before what the config holds, and tools may have a template of their own', async () => {
    const named = [{ name: 'default', template: 'plain' }, { name: 'tool_use', template: 'with tools' }];
    const both = await loadChatTemplate(folderWith({ 'tokenizer_config.json': JSON.stringify({ chat_template: named }) }));
    expect([both?.render([]), both?.render([], { tools: [] })]).toEqual(['plain', 'with tools']);
    const file = await loadChatTemplate(folderWith({ 'chat_template.jinja': 'from the file', 'tokenizer_config.json': JSON.stringify({ chat_template: 'from the config' }) }));
    expect(file?.render([])).toBe('from the file');
    expect(await loadChatTemplate(folderWith({}))).toBeUndefined();
  });

  test('arguments of tool calls may be JSON text', async () => {
    const template = await templateOf(marked(false));
    const call = (given: string | Record<string, unknown>): ChatMessage => ({ role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: given } }] });
    expect(template.render([question, call('{"x": 1}')])).toBe(template.render([question, call({ x: 1 })]));
    expect(template.render([question, call({ x: 1 })])).toContain('{"name": "f", "arguments": {"x": 1}}');
  });
});

describe('stability across turns', () => {
  test('a template that leaves earlier turns alone is stable', async () => {
    expect(templateStability(await templateOf(marked(false)))).toEqual({ userTurns: undefined, toolTurns: undefined });
  });

  test('one that drops earlier thoughts is stable within a tool loop and not across user turns, and says where', async () => {
    const { userTurns, toolTurns } = templateStability(await templateOf(marked(true)));
    expect(toolTurns).toBeUndefined();
    expect(userTurns).toMatchObject({ turn: 2, was: expect.stringContaining('<think>') });
  });
});

const qwen = join(import.meta.dirname, '../../../shared/data/qwen2-tokenizer');

describe.skipIf(!existsSync(qwen))('the Qwen2 tokenizer (needs shared/data)', () => {
  test('46 cases come out id for id, from vocab.json and merges.txt', async () => {
    const tokenizer = await loadTokenizer(qwen);
    const texts = readFileSync(join(qwen, 'ggml-vocab-qwen2.gguf.inp'), 'utf8').split('\n__ggml_vocab_test__\n');
    const expected = readFileSync(join(qwen, 'ggml-vocab-qwen2.gguf.out'), 'utf8').split('\n');
    expect(texts.length).toBeGreaterThanOrEqual(46);
    texts.slice(0, 46).forEach((text, i) => {
      const ids = (expected[i] ?? '').trim().split(' ').filter((id) => id !== '').map(Number);
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
    });
  });

  test('a conversation becomes tokens once, with a mask of what the model wrote', async () => {
    const tokenizer = await loadTokenizer(qwen);
    const template = await templateOf(marked(false));
    const messages: ChatMessage[] = [question, { role: 'assistant', content: 'Yes.' }, { role: 'user', content: 'Sure?' }, { role: 'assistant', content: 'Sure.' }];
    const { tokens, mask } = encodeChat(messages, template, tokenizer);
    expect(tokenizer.decode(tokens, { specialTokens: 'keep' })).toBe(template.render(messages));
    expect(tokenizer.decode(tokens.filter((_, i) => mask[i] === 1), { specialTokens: 'keep' })).toBe('Yes.<|im_end|>Sure.<|im_end|>');
    const prompt = encodeChatPrompt(messages.slice(0, 3), template, tokenizer);
    expect(tokens.slice(0, prompt.length)).toEqual(prompt);
    expect(() => encodeChat([question, { role: 'assistant', content: 'Yes.', reasoning_content: 'hm' }, question, { role: 'assistant', content: 'Yes.' }], { ...template, render: (m, o) => template.render(m.slice(-1), o) }, tokenizer)).toThrow(
      /not prefix-stable/,
    );
  });
});
