import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { familyTokenizer } from '../chat/chat-model.fixture.ts';
import { encodeSftData, loadSftData } from './sft-data.ts';

const words = fileURLToPath(new URL('../cli/words-task.fixture.ts', import.meta.url));

it('a task with tools is learned as conversations: the calls and the answers, not what the tools say', async () => {
  const data = await loadSftData(words);
  expect(data.texts[1]?.conversation).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'How many letters has three?' }, { role: 'assistant', tool_calls: [{ function: { name: 'look_up', arguments: { word: 'three' } } }] },
      { role: 'tool', content: 'three has 5 letters' }, { role: 'assistant', content: '5' },
    ],
    tools: [{ function: { name: 'look_up' } }],
  });
  const tokenizer = await familyTokenizer('hermes');
  const [example] = encodeSftData(data, tokenizer, tokenizer.endToken ?? 0, 1024);
  const learned = example?.completion.filter((_, i) => example.mask?.[i] === 1) ?? [];
  const text = tokenizer.decode(learned, { specialTokens: 'keep' });
  expect(text).toMatch(/^<tool_call>\n\{"name": "look_up", "arguments": \{"word": "one"\}\}\n<\/tool_call><\|im_end\|>3<\|im_end\|>$/);
});
