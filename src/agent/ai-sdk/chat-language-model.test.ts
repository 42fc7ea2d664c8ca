import { createProviderRegistry, customProvider, generateText, isStepCount, streamText, tool, ToolLoopAgent } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scriptedModel, type ScriptedModel } from '../../chat/chat-model.fixture.ts';
import type { FamilyName } from '../../chat/templates.fixture.ts';
import { trainingSequences } from '../../task/episode.ts';
import { RolloutModel } from '../rollout-model.ts';
import { ChatLanguageModel } from './chat-language-model.ts';

const call = (name: string, args: unknown): string => `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(args)}}\n</tool_call>`;

const lookUp = tool({
  description: 'Looks a word up.',
  inputSchema: z.object({ word: z.string(), language: z.string().default('en') }),
  execute: async ({ word, language }) => ({ [word]: `a tool (${language})` }),
});

async function languageModel(texts: readonly string[], family: FamilyName = 'hermes'): Promise<ScriptedModel & { languageModel: ChatLanguageModel }> {
  const scripted = await scriptedModel(family, texts);
  return { ...scripted, languageModel: new ChatLanguageModel('scripted', async () => scripted.model) };
}

describe('generateText', () => {
  it('runs a tool loop', async () => {
    const { languageModel: model } = await languageModel([call('look_up', { word: 'r5' }), 'r5 is a tool.']);
    const { text, steps, finishReason, usage } = await generateText({ model, prompt: 'What is r5?', tools: { look_up: lookUp }, stopWhen: isStepCount(5) });
    expect(text).toBe('r5 is a tool.');
    expect(finishReason).toBe('stop');
    expect(steps.map((step) => step.finishReason)).toEqual(['tool-calls', 'stop']);
    expect(steps[0]?.toolResults).toMatchObject([{ toolName: 'look_up', input: { word: 'r5', language: 'en' }, output: { r5: 'a tool (en)' } }]);
    expect(usage.outputTokens).toBeGreaterThan(10);
    expect(usage.inputTokens).toBeGreaterThan(100);
  });

  it('calls several tools at once, and goes on after one has failed', async () => {
    const fails = tool({ description: 'Fails.', inputSchema: z.object({}), execute: async (): Promise<string> => { throw new Error('no network'); } });
    const { languageModel: model, engine, tokenizer } = await languageModel([`${call('look_up', { word: 'a' })}\n${call('fails', {})}`, 'half an answer']);
    const { text, steps } = await generateText({ model, prompt: 'Both!', tools: { look_up: lookUp, fails }, stopWhen: isStepCount(5) });
    expect(text).toBe('half an answer');
    expect(steps[0]?.content.map(({ type }) => type)).toEqual(['tool-call', 'tool-call', 'tool-result', 'tool-error']);
    const seen = tokenizer.decode(engine.prompts[1] ?? [], { specialTokens: 'keep' });
    expect(seen).toContain('{"a":"a tool (en)"}');
    expect(seen).toContain('Error: no network');
  });

  it('goes on with the very tokens of earlier turns, though the SDK fills in defaults of the arguments', async () => {
    const scripted = await scriptedModel('hermes', [call('look_up', { word: 'r5' }), 'r5 is a tool.']);
    const rollout = new RolloutModel(scripted.model, { sampling: { maxTokens: 200, temperature: 1, seed: 3 }, signal: new AbortController().signal });
    await generateText({ model: new ChatLanguageModel('scripted', async () => rollout), prompt: 'What is r5?', tools: { look_up: lookUp }, stopWhen: isStepCount(5) });
    const { episode } = rollout;
    expect(episode.sequences.map(({ startedBecause }) => startedBecause)).toEqual([undefined]);
    expect(episode).toMatchObject({ end: 'answered', turns: [{}, {}], toolResults: [{ name: 'look_up', result: '{"r5":"a tool (en)"}' }] });
    const [sequence] = trainingSequences(episode);
    const seen = scripted.engine.prompts[1] ?? [];
    expect(sequence?.tokens.slice(0, seen.length)).toEqual(seen);
  });

  it('has what was thought apart from what is said', async () => {
    const { languageModel: model } = await languageModel(['<think>\nit is a tool\n</think>\n\nA tool.'], 'thinking');
    const { text, reasoningText } = await generateText({ model, prompt: 'What is r5?' });
    expect(text.trim()).toBe('A tool.');
    expect(reasoningText?.trim()).toBe('it is a tool');
  });

  it('says why an answer ended, and how it was drawn', async () => {
    const { languageModel: model } = await languageModel(['one two three four five six', 'one two three four five six']);
    const cut = await generateText({ model, prompt: 'Count.', maxOutputTokens: 3, seed: 5, providerOptions: { r5: { topLogprobs: 1 } } });
    expect(cut.finishReason).toBe('length');
    expect(cut.usage.outputTokens).toBe(3);
    expect(cut.providerMetadata?.r5).toMatchObject({ weightsVersion: 3, seed: 5, logprobs: [{ top: [{}] }, {}, {}] });
    const stopped = await generateText({ model, prompt: 'Count.', stopSequences: ['four'] });
    expect(stopped).toMatchObject({ finishReason: 'stop', rawFinishReason: 'stop string "four"', text: 'one two three ' });
  });

  it('ends when it is aborted', async () => {
    const { languageModel: model } = await languageModel(['a b c d e f g h i j k l m n o p q r s t u v w x y z']);
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(generateText({ model, prompt: 'Spell.', abortSignal: controller.signal })).rejects.toThrow(/abort/i);
  });

  it('passes on what a model refuses', async () => {
    const { languageModel: model } = await languageModel(['never'], 'hermes');
    const long = 'word '.repeat(6000);
    await expect(generateText({ model, prompt: long, maxRetries: 0 })).rejects.toThrow('Shorten the conversation');
  });
});

describe('streamText', () => {
  it('streams a tool loop with thoughts', async () => {
    const { languageModel: model } = await languageModel([`<think>\na tool knows\n</think>\n\n${call('look_up', { word: 'r5' })}`, '<think>\n\n</think>\n\nr5 is a tool.'], 'thinking');
    const result = streamText({ model, prompt: 'What is r5?', tools: { look_up: lookUp }, stopWhen: isStepCount(5) });
    const parts: string[] = [];
    let text = '';
    for await (const part of result.fullStream) {
      if (parts.at(-1) !== part.type) parts.push(part.type);
      if (part.type === 'text-delta') text += part.text;
    }
    expect(text.trim()).toBe('r5 is a tool.');
    expect(parts).toEqual([
      'start', 'start-step', 'reasoning-start', 'reasoning-delta', 'reasoning-end', 'tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result', 'finish-step',
      'start-step', 'text-start', 'text-delta', 'text-end', 'finish-step', 'finish',
    ]);
    const steps = await result.steps;
    expect(steps[0]?.reasoningText?.trim()).toBe('a tool knows');
    expect((await result.usage).outputTokens).toBeGreaterThan(10);
  });

  it('stops generating when it is aborted', async () => {
    const { languageModel: model } = await languageModel(['a b c d e f g h i j k l m n o p q r s t u v w x y z']);
    const controller = new AbortController();
    const result = streamText({ model, prompt: 'Spell.', abortSignal: controller.signal });
    const types: string[] = [];
    for await (const part of result.fullStream) {
      types.push(part.type);
      if (part.type === 'text-delta') controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    expect(types.filter((type) => type === 'text-delta').length).toBeLessThan(20);
  });
});

it('has a place in a registry of providers', async () => {
  const { languageModel: model } = await languageModel(['registered']);
  const registry = createProviderRegistry({ r5: customProvider({ languageModels: { tiny: model } }) });
  expect((await generateText({ model: registry.languageModel('r5:tiny'), prompt: 'Hello' })).text).toBe('registered');
});

it('ToolLoopAgent runs on it', async () => {
  const { languageModel: model, engine, tokenizer } = await languageModel([call('look_up', { word: 'r5' }), 'r5 is a tool.']);
  const agent = new ToolLoopAgent({ model, instructions: 'Be brief.', tools: { look_up: lookUp } });
  const { text } = await agent.generate({ prompt: 'What is r5?' });
  expect(text).toBe('r5 is a tool.');
  expect(tokenizer.decode(engine.prompts[0] ?? [], { specialTokens: 'keep' })).toContain('Be brief.');
});
