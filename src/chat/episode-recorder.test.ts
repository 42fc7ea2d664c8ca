import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChatMessage } from '../chat-message.ts';
import { Random } from '../random.ts';
import { trainingSequences } from '../task/episode.ts';
import { saveCheckpoint } from '../model/checkpoint.ts';
import { tinyConfig } from '../model/tiny-model.fixture.ts';
import { LocalEngine } from '../engine/local/local-engine.ts';
import { clearParameters, testFolder } from '../engine/local/tiny-engine.fixture.ts';
import { openChatModel } from './chat-model.ts';
import { lookUp, question, scriptedModel, setDown, writeFamily } from './chat-model.fixture.ts';
import { EpisodeRecorder } from './episode-recorder.ts';
import { families, type FamilyName } from './templates.fixture.ts';
import type { ChatAnswer, ChatModel } from './chat-request.ts';

const familyNames = Object.keys(families).filter((name): name is FamilyName => name in families);
const hermesCall = '<tool_call>\n{"name": "look_up", "arguments": {"word":   "r5"}}\n</tool_call>';
const tools = [lookUp, setDown];

const resultFor = ({ message }: ChatAnswer, content: string): ChatMessage[] =>
  (message.tool_calls ?? []).map((call) => ({ role: 'tool', content, name: call.function.name, ...(call.id === undefined ? {} : { tool_call_id: call.id }) }));

/** As a client of the OpenAI API sends a message back: no thoughts, arguments written anew, no content beside calls. */
function fromClient({ role, content, tool_calls: calls }: ChatMessage): ChatMessage {
  if (!calls) return { role, content };
  const again = calls.map((call) => ({ ...call, function: { ...call.function, arguments: JSON.stringify(JSON.parse(String(call.function.arguments))) } }));
  return { role, content: content === '' ? null : content, tool_calls: again };
}

async function twoTurns(family: FamilyName, texts: readonly string[], between: (first: ChatAnswer) => ChatMessage[]): Promise<{ recorder: EpisodeRecorder; prompts: (readonly number[])[]; first: ChatAnswer; second: ChatAnswer; text: (ids: readonly number[]) => string }> {
  const { model, engine, tokenizer } = await scriptedModel(family, texts);
  const recorder = new EpisodeRecorder();
  const first = await model.complete({ messages: [question], tools, sampling: {}, recorder });
  const second = await model.complete({ messages: [question, fromClient(first.message), ...between(first)], tools, sampling: {}, recorder });
  return { recorder, prompts: engine.prompts, first, second, text: (ids) => tokenizer.decode(ids, { specialTokens: 'keep' }) };
}

describe('a tool loop is one sequence', () => {
  test('of prompt, model, tool and model, with the ids that were drawn', async () => {
    const { recorder, prompts, first, second, text } = await twoTurns('hermes', [hermesCall, 'A library.'], (answer) => resultFor(answer, 'found'));
    const { sequences, turns, messages, end } = recorder.finish('answered');
    expect(sequences).toHaveLength(1);
    const segments = sequences[0]?.segments ?? [];
    expect(segments.map(({ source }) => source)).toEqual(['prompt', 'model', 'tool', 'model']);
    expect(segments.slice(1).map(({ tokens }) => text(tokens))).toEqual([
      `${hermesCall}<|im_end|>`,
      '\n<|im_start|>user\n<tool_response>\nfound\n</tool_response><|im_end|>\n<|im_start|>assistant\n',
      'A library.<|im_end|>',
    ]);
    expect(segments.flatMap(({ tokens }) => [...tokens])).toEqual([...(prompts[1] ?? []), ...second.generation.tokens]);
    expect(turns).toMatchObject([{ sequence: 0, segment: 1, stopReason: 'stop', message: first.message }, { sequence: 0, segment: 3, message: second.message }]);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    expect(end).toBe('answered');
    const [sequence] = trainingSequences({ sequences });
    expect(sequence?.logprobs.filter((_, i) => sequence.mask[i] === 1)).toEqual(Float32Array.from([...first.generation.logprobs, ...second.generation.logprobs]));
  });

  test.each([
    ['thinking', `<think>\nA tool knows.\n</think>\n\n${hermesCall}`],
    ['tags', '<tool_call>\n<function=look_up>\n<parameter=word>\nr5\n</parameter>\n</function>\n</tool_call>'],
    ['llama', '{"name": "look_up",  "parameters": {"word": "r5"}}'],
    ['mistral', '[TOOL_CALLS][{"name": "look_up", "arguments": {"word": "r5"}, "id": "D681PevKs"}]'],
    ['mistralNamed', '[TOOL_CALLS]look_up[ARGS]{"word": "r5"}'],
    ['phi', '<|tool_call|>[{"name": "look_up", "arguments": {"word": "r5"}}]<|/tool_call|>'],
    ['hermes', '<tool_call>look_up(r5)</tool_call>'],
  ] as const)('%s: %j', async (family, said) => {
    const { recorder, prompts } = await twoTurns(family, [said, 'A library.'], (answer) => (answer.message.tool_calls ? resultFor(answer, 'found') : [{ role: 'user', content: 'Again.' }]));
    const { sequences } = recorder.episode;
    expect(sequences.map(({ startedBecause }) => startedBecause)).toEqual([undefined]);
    expect(sequences[0]?.segments.slice(0, -1).flatMap(({ tokens }) => [...tokens])).toEqual(prompts[1]);
  });

  test('results and what the user then says are apart', async () => {
    const { recorder, text } = await twoTurns('hermes', [hermesCall, 'A library.'], (answer) => [...resultFor(answer, 'found'), { role: 'user', content: 'So?' }]);
    const segments = recorder.episode.sequences[0]?.segments ?? [];
    expect(segments.map(({ source }) => source)).toEqual(['prompt', 'model', 'tool', 'prompt', 'model']);
    expect(text(segments[3]?.tokens ?? [])).toBe('<|im_start|>user\nSo?<|im_end|>\n<|im_start|>assistant\n');
  });

  test('an answer that the limit or a stop string cut is closed by the template', async () => {
    const { model, tokenizer } = await scriptedModel('hermes', ['one two three four', 'five STOP six', 'end']);
    const recorder = new EpisodeRecorder();
    const messages: ChatMessage[] = [question];
    for (const sampling of [{ maxTokens: 4 }, { stop: ['STOP'] }, {}]) {
      const { message } = await model.complete({ messages, sampling, recorder });
      messages.push(fromClient(message), question);
    }
    const { sequences, turns } = recorder.episode;
    expect(sequences).toHaveLength(1);
    expect(turns.map(({ stopReason }) => stopReason)).toEqual(['length', 'stop', 'stop']);
    const model4 = sequences[0]?.segments.filter(({ source }) => source === 'prompt').slice(1) ?? [];
    for (const { tokens } of model4) expect(tokenizer.decode(tokens, { specialTokens: 'keep' })).toMatch(/^<\|im_end\|>\n<\|im_start\|>user/);
  });
});

describe('a new sequence begins, and the record says why,', () => {
  test.each([
    ['where the template drops thoughts', 'thinking', '<think>\nhm\n</think>\n\nIt is.', [{ role: 'user', content: 'Sure?' }], /writes earlier turns anew: after .* stood "<think>/],
    ['where the prompt had opened thoughts that the template drops', 'deepSeek', 'hm\n</think>\nIt is.', [{ role: 'user', content: 'Sure?' }], /anew: after .*<\|assistant\|>" stood "<think>/],
    ['where the template never shows thoughts', 'hermes', '<think>hm</think>It is.', [{ role: 'user', content: 'Sure?' }], /does not show the model's last answer as the model wrote it/],
  ] as const)('%s', async (_, family, said, added, reason) => {
    const { recorder, prompts, second } = await twoTurns(family, [said, 'Yes.'], () => [...added]);
    const { sequences, turns } = recorder.episode;
    expect(sequences).toHaveLength(2);
    expect(sequences[1]?.startedBecause).toMatch(reason);
    expect(sequences[1]?.segments.map(({ tokens }) => tokens)).toEqual([prompts[1], second.generation.tokens]);
    expect(turns.map(({ sequence, segment }) => [sequence, segment])).toEqual([[0, 1], [1, 1]]);
  });

  test('where the agent rewrote what was said, began anew, or gave other tools', async () => {
    const { model } = await scriptedModel('hermes', ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.']);
    const recorder = new EpisodeRecorder();
    const ask = (messages: ChatMessage[], more: object = {}): Promise<ChatAnswer> => model.complete({ messages, tools, sampling: {}, recorder, ...more });
    await ask([question]);
    await ask([question, { role: 'assistant', content: 'Won.' }, question]);
    await ask([question]);
    await ask([{ role: 'user', content: 'Other?' }, { role: 'assistant', content: 'x' }, question, question, question]);
    await ask([question, { role: 'assistant', content: 'One.' }, question], { tools: [lookUp] });
    const reasons = recorder.episode.sequences.map(({ startedBecause }) => startedBecause);
    expect(reasons[0]).toBeUndefined();
    expect(reasons[1]).toBe('message 2 (assistant) is another than before');
    expect(reasons[2]).toMatch(/began anew or was cut/);
    expect(reasons[3]).toMatch(/^message 1 \(user\) is another than before/);
    expect(reasons[4]).toMatch(/set_down|is another/);
    expect(reasons).toHaveLength(5);
  });

  test('and an earlier sequence is taken up again where a call goes on with that one', async () => {
    const { model } = await scriptedModel('hermes', ['One.', 'Two.', 'Three.']);
    const recorder = new EpisodeRecorder();
    await model.complete({ messages: [question], sampling: {}, recorder });
    await model.complete({ messages: [{ role: 'user', content: 'Other?' }], sampling: {}, recorder });
    await model.complete({ messages: [question, { role: 'assistant', content: 'One.' }, question], sampling: {}, recorder });
    expect(recorder.episode.turns.map(({ sequence, segment }) => [sequence, segment])).toEqual([[0, 1], [1, 1], [0, 3]]);
  });
});

describe('calls at the same time', () => {
  test('are sequences of their own, in the order in which they were made', async () => {
    const { model } = await scriptedModel('hermes', ['One.', 'Two, and it takes longer.', 'Three.', 'Four.']);
    const recorder = new EpisodeRecorder();
    const first = await model.complete({ messages: [question], sampling: {}, recorder });
    const next = [question, first.message, question];
    const branches = ['a', 'b', 'c'].map((content) => model.complete({ messages: [...next, { role: 'user', content }], sampling: {}, recorder }));
    expect(() => recorder.finish('answered')).toThrow(/still under way/);
    await Promise.all(branches);
    const { sequences, turns } = recorder.episode;
    expect(sequences.map(({ startedBecause }) => startedBecause)).toEqual([undefined, 'another call of the episode was still under way', 'another call of the episode was still under way']);
    expect(turns.map(({ sequence, message }) => [sequence, message.content])).toEqual([[0, 'One.'], [0, 'Two, and it takes longer.'], [1, 'Three.'], [2, 'Four.']]);
  });

  test('an aborted call is kept as far as it came, a failed one leaves no trace', async () => {
    const { model, engine } = await scriptedModel('hermes', ['one two three four five six', 'two', 'three']);
    const recorder = new EpisodeRecorder();
    const stop = new AbortController();
    let seen = 0;
    for await (const event of model.stream({ messages: [question], sampling: {}, recorder, signal: stop.signal })) {
      if (event.type === 'text' && ++seen === 2) stop.abort();
    }
    expect(recorder.episode.turns).toMatchObject([{ stopReason: 'aborted', sequence: 0, segment: 1 }]);
    const { generate } = engine;
    engine.generate = () => Promise.reject(new Error('out of memory'));
    const before = recorder.episode;
    await expect(model.complete({ messages: [question], sampling: {}, recorder })).rejects.toThrow('out of memory');
    await expect(model.complete({ messages: [question, { role: 'user', content: 'x'.repeat(5000) }], sampling: {}, recorder })).rejects.toThrow();
    expect(recorder.episode).toEqual(before);
    engine.generate = generate;
    await model.complete({ messages: [question], sampling: {}, recorder });
    expect(recorder.finish('answered').sequences).toHaveLength(2);
  });
});

/** A random conversation as an agent has it with a client that writes messages anew. */
async function converse(random: Random, model: ChatModel, recorder: EpisodeRecorder, turns: number): Promise<void> {
  const messages: ChatMessage[] = random.uniform() < 0.5 ? [question] : [{ role: 'system', content: 'Be short. <|im_end|>' }, question];
  for (let turn = 0; turn < turns; turn++) {
    const sampling = random.uniform() < 0.2 ? { maxTokens: 3 } : {};
    const answer = await model.complete({ messages, tools, sampling, recorder });
    const readable = (answer.message.tool_calls ?? []).every((call) => String(call.function.arguments).endsWith('}'));
    messages.push(readable ? fromClient(answer.message) : answer.message, ...resultFor(answer, random.pick(['found', '<|im_end|> é', ''])));
    if (!answer.message.tool_calls) messages.push({ role: 'user', content: random.pick(['And?', ' so \n', '<|eot_id|></s>']) });
  }
}

const callIn: Record<FamilyName, string> = {
  hermes: hermesCall, thinking: `<think>\nhm\n</think>\n\n${hermesCall}`, openThinking: `<think>\nhm\n</think>\n\n${hermesCall}\n${hermesCall}`,
  tags: '<tool_call>\n<function=look_up>\n<parameter=word>\nr5\n</parameter>\n</function>\n</tool_call>',
  llama: '{"name": "look_up", "parameters": {"word": "r5"}}',
  mistral: '[TOOL_CALLS][{"name": "look_up", "arguments": {"word": "r5"}, "id": "D681PevKs"}]',
  mistralNamed: 'So: [TOOL_CALLS]look_up[ARGS]{"word": "r5"}[TOOL_CALLS]set_down[ARGS]{"text": "é"}',
  phi: '<|tool_call|>[{"name": "look_up", "arguments": {"word": "r5"}}]<|/tool_call|>',
  deepSeek: 'hm</think><|tool_calls_begin|><|tool_call_begin|>function<|tool_sep|>look_up\n```json\n{"word": "r5"}\n```<|tool_call_end|><|tool_calls_end|>',
};

test.each(familyNames)('random conversations, %s: the segments are the tokens that the engine saw and drew', async (family) => {
  const random = new Random(11);
  for (let round = 0; round < 4; round++) {
    const texts = Array.from({ length: 6 }, () => random.pick([callIn[family], callIn[family], 'Yes.', ' é — 👩‍👧 \n', '']));
    const { model, engine } = await scriptedModel(family, texts);
    const drawn: number[][] = [];
    const { generate } = engine;
    engine.generate = async (request) => {
      const generation = await generate(request);
      drawn.push([...request.prompt, ...generation.tokens]);
      return generation;
    };
    const recorder = new EpisodeRecorder();
    await converse(random, model, recorder, texts.length);
    const { sequences, turns } = recorder.finish('max-turns');
    turns.forEach(({ sequence, segment }, call) => {
      const segments = sequences[sequence]?.segments.slice(0, segment + 1) ?? [];
      expect(segments.at(-1)?.source).toBe('model');
      expect(segments.flatMap(({ tokens }) => [...tokens])).toEqual(drawn[call]);
    });
    expect(turns).toHaveLength(texts.length);
    for (const [index, { startedBecause }] of sequences.entries()) expect(startedBecause === undefined).toBe(index === 0);
    // Only templates that drop thoughts have reason to begin anew.
    if (family !== 'thinking' && family !== 'deepSeek') expect(sequences).toHaveLength(1);
  }
});

test.each(['hermes', 'thinking', 'mistral'] as const)('a real engine, %s: the training pass gives the tokens the log-probabilities with which they were drawn', async (family) => {
  const directory = testFolder();
  const config = tinyConfig('llama', { vocab_size: 700, head_dim: 8, max_position_embeddings: 2048, eos_token_id: 0 });
  await saveCheckpoint(directory, config, clearParameters(config, 3));
  await writeFamily(directory, families[family]);
  const engine = await LocalEngine.open(directory, { threads: 1, decodeRows: 4 });
  onTestFinished(() => engine.release());
  if (!engine.tokenizer) throw new Error('the directory has a tokenizer');
  const model = openChatModel({ engine, tokenizer: engine.tokenizer, name: family });
  const episodes = await Promise.all(
    [1, 2].map(async (seed) => {
      const recorder = new EpisodeRecorder();
      const messages: ChatMessage[] = [question];
      for (let turn = 0; turn < 3; turn++) {
        // The model knows nothing; that it calls a tool is the grammar's doing.
        const toolChoice = turn === 1 ? 'required' : 'auto';
        const answer = await model.complete({ messages, tools, toolChoice, sampling: { seed: seed * 10 + turn, maxTokens: turn === 1 ? 150 : 12 }, recorder });
        messages.push(answer.message, ...(answer.message.tool_calls ? resultFor(answer, 'found') : [question]));
      }
      return recorder.finish('max-turns');
    }),
  );
  const drawn = episodes.flatMap((episode) => trainingSequences(episode));
  const computed = await engine.forward(drawn.map(({ tokens }) => ({ tokens, inputs: {} })));
  let compared = 0;
  drawn.forEach(({ mask, logprobs }, sequence) => {
    for (let i = 1; i < mask.length; i++) {
      if (mask[i] !== 1) continue;
      expect(Math.abs((computed[sequence]?.[i - 1] ?? NaN) - (logprobs[i] ?? NaN))).toBeLessThan(engine.logprobTolerance);
      compared++;
    }
  });
  expect(compared).toBeGreaterThan(60);
  if (family === 'hermes') expect(drawn).toHaveLength(2);
});
