import { UnsupportedFunctionalityError } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { promptMessages } from './prompt-messages.ts';
import { toolCallMetadata } from './tool-call-metadata.ts';

describe('a prompt of the AI SDK', () => {
  it('becomes messages', () => {
    expect(promptMessages([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Look at this:' }, { type: 'file', mediaType: 'text/plain', data: { type: 'data', data: Buffer.from('a page').toString('base64') } }] },
      { role: 'assistant', content: [{ type: 'reasoning', text: 'a tool knows' }, { type: 'tool-call', toolCallId: 'c1', toolName: 'search', input: { query: 'r5' } }] },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'search', output: { type: 'json', value: { found: 1 } } }] },
      { role: 'assistant', content: [{ type: 'text', text: 'one' }] },
    ])).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Look at this:\na page' },
      { role: 'assistant', content: null, reasoning_content: 'a tool knows', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{"query":"r5"}' } }] },
      { role: 'tool', content: '{"found":1}', tool_call_id: 'c1', name: 'search' },
      { role: 'assistant', content: 'one' },
    ]);
  });

  it('has the arguments as the model wrote them, whatever a schema made of them', () => {
    const written = '{ "query": "r5", "extra": 1 }';
    const [message] = promptMessages([
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'search', input: { query: 'r5', count: 10 }, providerOptions: toolCallMetadata(written) }] },
    ]);
    expect(message?.tool_calls?.[0]?.function.arguments).toBe(written);
  });

  it('has errors of tools in the words of our own', () => {
    const result = (output: Parameters<typeof promptMessages>[0][number] & { role: 'tool' }) => promptMessages([output])[0]?.content;
    const part = { type: 'tool-result', toolCallId: 'c1', toolName: 'search' } as const;
    expect(result({ role: 'tool', content: [{ ...part, output: { type: 'error-text', value: 'no network' } }] })).toBe('Error: no network');
    expect(result({ role: 'tool', content: [{ ...part, output: { type: 'execution-denied' } }] })).toBe('Error: the call was not allowed');
    expect(result({ role: 'tool', content: [{ ...part, output: { type: 'content', value: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] } }] })).toBe('a\nb');
  });

  it('is refused where it has pictures', () => {
    const picture = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array(1) } } as const;
    expect(() => promptMessages([{ role: 'user', content: [picture] }])).toThrow(UnsupportedFunctionalityError);
    expect(() => promptMessages([{ role: 'user', content: [picture] }])).toThrow('image/png');
  });
});
