import { expect, it } from 'vitest';
import { conversationLines } from './conversation-lines.ts';

it('shows who says, thinks and calls what', () => {
  const lines = conversationLines([
    { role: 'user', content: 'What is r5?\nIn one word.' },
    { role: 'assistant', content: null, reasoning_content: 'a tool knows', tool_calls: [{ function: { name: 'look_up', arguments: '{"word":"r5"}' } }] },
    { role: 'tool', content: 'a tool', name: 'look_up' },
    { role: 'assistant', content: 'Tool.' },
  ]);
  expect(lines).toEqual([
    { line: 'user: What is r5?\n  In one word.', said: false },
    { line: 'assistant: (thinking) a tool knows\n  -> look_up({"word":"r5"})', said: true },
    { line: 'tool look_up: a tool', said: false },
    { line: 'assistant: Tool.', said: true },
  ]);
});
