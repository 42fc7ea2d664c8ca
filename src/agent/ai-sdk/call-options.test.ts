import { InvalidArgumentError } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { chatRequest } from './call-options.ts';

const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hello' }] }];

describe('the options of a call', () => {
  it('become a chat request', () => {
    const { request, warnings } = chatRequest({
      prompt, maxOutputTokens: 20, temperature: 0.5, topP: 0.9, topK: 5, seed: 7, stopSequences: ['\n'],
      tools: [{ type: 'function', name: 'search', description: 'Searches.', inputSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' } }],
      toolChoice: { type: 'tool', toolName: 'search' },
      responseFormat: { type: 'json', schema: { type: 'object' } },
      reasoning: 'none',
      providerOptions: { r5: { minP: 0.1, parallelToolCalls: false, templateVariables: { date: 'today' } } },
    });
    expect(request).toEqual({
      messages: [{ role: 'user', content: 'hello' }],
      sampling: { maxTokens: 20, temperature: 0.5, topP: 0.9, topK: 5, minP: 0.1, seed: 7, stop: ['\n'] },
      tools: [{ type: 'function', function: { name: 'search', description: 'Searches.', parameters: { type: 'object' } } }],
      toolChoice: { name: 'search' },
      parallelToolCalls: false,
      responseFormat: { type: 'json-schema', schema: { type: 'object' } },
      templateVariables: { enable_thinking: false, date: 'today' },
    });
    expect(warnings).toEqual([]);
  });

  it('are drawn differently each time without a seed', () => {
    const seeds = new Set(Array.from({ length: 8 }, () => chatRequest({ prompt }).request.sampling.seed));
    expect(seeds.size).toBeGreaterThan(1);
  });

  it('that mean nothing here are warned of', () => {
    const { request, warnings } = chatRequest({
      prompt, presencePenalty: 1, frequencyPenalty: 0, reasoning: 'high', tools: [{ type: 'provider', id: 'openai.web_search', name: 'web_search', args: {} }],
    });
    expect(warnings).toMatchObject([
      { type: 'unsupported', feature: 'provider-defined tool openai.web_search' }, { type: 'unsupported', feature: 'presencePenalty' }, { type: 'compatibility', feature: 'reasoning' },
    ]);
    expect(request).not.toHaveProperty('tools');
  });

  it('are refused where r5 does not know them', () => {
    expect(() => chatRequest({ prompt, providerOptions: { r5: { minp: 0.1 } } })).toThrow(InvalidArgumentError);
  });
});
