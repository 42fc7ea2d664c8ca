import { expect, it } from 'vitest';
import { testFolder, writeTinyModel } from '../engine/local/tiny-engine.fixture.ts';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import type { Episode } from '../task/episode.ts';
import { loggedEpisode } from './logged-episode.ts';

async function tinyTokenizer(): Promise<Tokenizer> {
  const directory = testFolder();
  await writeTinyModel(directory);
  return loadTokenizer(directory);
}

it('shows a single completion as its prompt and its tokens', async () => {
  const tokenizer = await tinyTokenizer();
  const prompt = tokenizer.encode('2+2=');
  const written = [...tokenizer.encode('the é'), tokenizer.tokenId('<|end|>') ?? 0];
  const tokens = [...prompt, ...written];
  const mask = new Uint8Array(tokens.length).fill(1, prompt.length);
  const logprobs = Float32Array.from(tokens, (_, i) => (i < prompt.length ? 0 : -i / 8));
  const { segments = [], ...rest } = loggedEpisode({ sequences: [{ tokens, mask, logprobs, weightsVersion: 0 }] }, tokenizer);
  expect(segments).toMatchObject([{ source: 'prompt', text: '2+2=' }, { source: 'model', text: 'the é<|end|>' }]);
  // The two bytes of é are two tokens: the first of them completes nothing.
  expect(segments[1]?.tokenEnds).toEqual([3, 4, 4, 5, 12]);
  expect(segments[1]?.logprobs).toEqual([...logprobs.subarray(prompt.length)]);
  expect(rest).toEqual({});
});

it('shows the sequences of an episode, and why each began', async () => {
  const tokenizer = await tinyTokenizer();
  const model = { source: 'model', tokens: [65], logprobs: [-0.123456789], weightsVersion: 3 } as const;
  const episode: Episode = {
    sequences: [{ segments: [{ source: 'prompt', tokens: [66] }, model, { source: 'tool', tokens: [67] }] }, { startedBecause: 'rewritten', segments: [{ source: 'prompt', tokens: [66] }, model] }],
    turns: [],
    toolResults: [{ name: 'look', arguments: undefined, result: 'Error: no', error: 'threw', seconds: 0.5 }],
    messages: [],
    end: 'max-turns',
    seconds: 1,
  };
  const logged = loggedEpisode({ sequences: [], episode }, tokenizer);
  expect(logged).toMatchObject({ end: 'max-turns', turns: 0, toolResults: [{ name: 'look', arguments: 'undefined', error: 'threw' }] });
  expect(logged.segments?.map(({ source, sequence, startedBecause }) => [source, sequence, startedBecause])).toEqual([
    ['prompt', undefined, undefined], ['model', undefined, undefined], ['tool', undefined, undefined], ['prompt', 1, 'rewritten'], ['model', 1, undefined],
  ]);
  expect(logged.segments?.[1]?.logprobs).toEqual([-0.12346]);
});
