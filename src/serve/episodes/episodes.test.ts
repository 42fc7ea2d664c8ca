import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OpenAI } from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { trainingSequences, type Episode } from '../../task/episode.ts';
import { clientOf, post, scriptedServedModel, startServer, tinyModelForFile, until, writeTinyChatModel } from '../serve.fixture.ts';
import type { RunningServer } from '../http-server.ts';
import type { ServedModel } from '../served-model.ts';
import { EpisodeStore } from './episode-store.ts';
import { readEpisodes } from './episode-replay.ts';

const CHILD_TIMEOUT_MS = 120_000;
const tiny = tinyModelForFile();
const call = (word: string): string => `<tool_call>\n{"name": "look_up", "arguments": {"word": "${word}"}}\n</tool_call><|im_end|>`;

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'r5-episodes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(model: ServedModel, folder = testFolder()): Promise<{ server: RunningServer; store: EpisodeStore; folder: string }> {
  const episodes = await EpisodeStore.open(folder);
  const server = await startServer({ model, episodes });
  onTestFinished(async () => {
    await server.close({ graceMs: 0 });
    await episodes.close();
  });
  return { server, store: episodes, folder };
}

const agentFile = fileURLToPath(new URL('agent.fixture.ts', import.meta.url));
const played = z.object({ id: z.string(), row: z.number().nullable(), said: z.array(z.string()) });

/** Plays one episode in a process of its own. */
async function playInChild(url: string, api: 'chat' | 'responses', ...more: string[]): Promise<z.output<typeof played>> {
  const { stdout } = await promisify(execFile)(process.execPath, [agentFile, url, api, ...more]);
  return played.parse(JSON.parse(stdout));
}

/** Log-probabilities that the engine gives the tokens, read as whole sequences, are those that were recorded. */
async function expectTokenExact(episode: Episode): Promise<void> {
  for (const { tokens, mask, logprobs } of trainingSequences(episode)) {
    const [computed] = await tiny.engine.forward([{ tokens, inputs: {} }]);
    tokens.forEach((_, i) => {
      if (mask[i] === 1) expect(computed?.[i - 1]).toBeCloseTo(logprobs[i] ?? NaN, 3);
    });
  }
}

describe('an agent in another process, by OpenAI’s client, streaming', () => {
  test.each(['chat', 'responses'] as const)('%s: one sequence of many turns, token by token', async (api) => {
    const model = await scriptedServedModel('hermes', [`Let me see.\n${call('r5')}`, call('rl'), 'It is a library.<|im_end|>']);
    const { server, folder } = await start({ ...model, name: 'any' });
    const { id, row, said } = await playInChild(server.url, api);
    expect([row, said]).toEqual([7, [expect.stringContaining('Let me see.'), '', 'It is a library.']]);
    const [recorded, ...others] = await readEpisodes(folder);
    expect(others).toEqual([]);
    expect(recorded).toMatchObject({ id, row: 7, status: 'rewarded', reward: 0.3, parts: { turns: 3 } });
    const { episode } = recorded ?? {};
    expect(episode?.turns).toHaveLength(3);
    expect(episode?.sequences).toHaveLength(1);
    expect(episode?.sequences[0]?.segments.map(({ source }) => source)).toEqual(['prompt', 'model', 'tool', 'model', 'tool', 'model']);
    const texts = episode?.sequences[0]?.segments.flatMap((segment) => (segment.source === 'model' ? [model.tokenizer.decode(segment.tokens, { specialTokens: 'keep' })] : []));
    expect(texts).toEqual([`Let me see.\n${call('r5')}`, call('rl'), 'It is a library.<|im_end|>']);
    expect(episode?.toolResults).toMatchObject([{ name: 'look_up', arguments: { word: 'r5' } }, { name: 'look_up', arguments: { word: 'rl' } }]);
    expect(episode?.messages.at(-1)).toMatchObject({ role: 'assistant', content: 'It is a library.' });
  }, CHILD_TIMEOUT_MS);

  test('takes the rollouts that a trainer announces, and draws as the trainer wants', async () => {
    const { server, store } = await start({ ...tiny.model, name: 'any' });
    const sampling = { maxTokens: 12, temperature: 0.7, seed: 5 };
    const wanted = [3, 4].map((row) => store.announce({ row, sampling }, AbortSignal.timeout(30_000)));
    const agents = await Promise.all([playInChild(server.url, 'chat', '--take'), playInChild(server.url, 'responses', '--take')]);
    const rewarded = await Promise.all(wanted);
    expect(rewarded.map(({ row }) => row)).toEqual([3, 4]);
    expect(agents.map(({ row }) => row).toSorted()).toEqual([3, 4]);
    for (const { episode, id, reward } of rewarded) {
      expect(reward).toBe((agents.find((agent) => agent.id === id)?.said.length ?? 0) / 10);
      const written = episode.sequences.flatMap(({ segments }) => segments.flatMap((segment) => (segment.source === 'model' ? [...segment.tokens] : [])));
      expect(written.length).toBeLessThanOrEqual(12);
      const [sequence] = trainingSequences(episode);
      const [computed] = await tiny.engine.forward([{ tokens: sequence?.tokens ?? [], inputs: {} }], { temperature: 0.7 });
      sequence?.tokens.forEach((_, i) => {
        if (sequence.mask[i] === 1) expect(computed?.[i - 1]).toBeCloseTo(sequence.logprobs[i] ?? NaN, 3);
      });
    }
  }, CHILD_TIMEOUT_MS);
});

describe('episodes', () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }];

  test('many at once do not mix, and are token-exact', async () => {
    const { server, folder } = await start(tiny.model);
    const play = async (i: number): Promise<string[]> => {
      const client = new OpenAI({ baseURL: `${server.url}/episodes/agent-${i}/v1`, apiKey: 'none', maxRetries: 0 });
      const said: string[] = [];
      const conversation: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: `I am agent ${i}.` }];
      for (let turn = 0; turn < 3; turn++) {
        const { choices } = await client.chat.completions.create({ model: 'tiny', messages: conversation, max_tokens: 6 + (i % 4), seed: i });
        const content = choices[0]?.message.content ?? '';
        said.push(content);
        conversation.push({ role: 'assistant', content }, { role: 'user', content: `And ${turn}?` });
      }
      expect(await post(`${server.url}/episodes/agent-${i}/reward`, { reward: i })).toMatchObject({ status: 200, body: { status: 'rewarded', calls: 3, reward: i } });
      return said;
    };
    const said = await Promise.all(Array.from({ length: 16 }, (_, i) => play(i)));
    const recorded = await readEpisodes(folder);
    expect(recorded).toHaveLength(16);
    for (const { id, reward, episode } of recorded) {
      expect(id).toBe(`agent-${reward}`);
      expect(episode.messages[0]?.content).toBe(`I am agent ${reward}.`);
      expect(episode.turns.map(({ message }) => message.content)).toEqual(said[reward ?? -1]);
      await expectTokenExact(episode);
    }
  });

  test('calls of one episode at the same time are sequences of their own', async () => {
    const { server, folder } = await start(tiny.model);
    const ask = (content: string, max_tokens: number): Promise<unknown> =>
      post(`${server.url}/v1/chat/completions`, { messages: [{ role: 'user', content }], max_tokens, temperature: 0 }, { 'x-r5-episode': 'forked' });
    await Promise.all([ask('First, and long.', 40), ask('Second.', 3), ask('Third.', 9)]);
    await ask('Fourth.', 2);
    await post(`${server.url}/episodes/forked/reward`, { reward: 1 });
    const [recorded] = await readEpisodes(folder);
    expect(recorded?.episode.turns).toHaveLength(4);
    expect(recorded?.episode.sequences).toHaveLength(4);
    for (const { sequence, segment, message } of recorded?.episode.turns ?? []) {
      const written = recorded?.episode.sequences[sequence]?.segments[segment];
      expect(tiny.model.tokenizer.decode(written?.tokens ?? [])).toBe(message.content);
    }
    if (recorded) await expectTokenExact(recorded.episode);
  });

  test('what cannot be', async () => {
    const { server } = await start(tiny.model);
    const { url } = server;
    expect(await post(`${url}/episodes/none/reward`, { reward: 1 })).toMatchObject({ status: 404, body: { error: { code: 'episode_not_found' } } });
    expect(await post(`${url}/episodes`, { id: 'a/b' })).toMatchObject({ status: 400, body: { error: { param: 'id' } } });
    expect(await post(`${url}/episodes`, { id: 'mine', row: 2 })).toMatchObject({ status: 201, body: { id: 'mine', row: 2, base_url: `${url}/episodes/mine/v1` } });
    expect(await post(`${url}/episodes`, { id: 'mine' })).toMatchObject({ status: 409, body: { error: { code: 'episode_exists' } } });
    expect(await post(`${url}/episodes/mine/v1/chat/completions`, { messages, n: 2 })).toMatchObject({ status: 400, body: { error: { param: 'n' } } });
    expect(await post(`${url}/episodes/mine/v1/completions`, { prompt: 'a' })).toMatchObject({ status: 400, body: { error: { code: 'not_recorded' } } });
    expect(await post(`${url}/episodes/mine/reward`, { reward: 'much' })).toMatchObject({ status: 400, body: { error: { param: 'reward' } } });
    expect(await post(`${url}/episodes/mine/reward`, { reward: 0.5 })).toMatchObject({ status: 200 });
    expect(await post(`${url}/episodes/mine/reward`, { reward: 0.5 })).toMatchObject({ status: 409, body: { error: { code: 'episode_closed' } } });
    expect(await post(`${url}/episodes/mine/v1/chat/completions`, { messages })).toMatchObject({ status: 409 });
    expect(await post(`${url}/episodes`, { id: 'other' })).toMatchObject({ status: 201 });
    expect(await post(`${url}/episodes/other/lost`, { reason: 'the browser crashed' })).toMatchObject({ status: 200, body: { status: 'lost' } });
    expect((await fetch(`${url}/episodes`, { method: 'POST', body: '{"take":true,"wait_seconds":0}', headers: { 'content-type': 'application/json' } })).status).toBe(204);
    const plain = await startServer({ model: tiny.model });
    expect(await post(`${plain.url}/episodes/mine/v1/chat/completions`, { messages })).toMatchObject({ status: 404, body: { error: { code: 'not_recording' } } });
  });

  test('a client that hangs up leaves what was written until then', async () => {
    const { server, store, folder } = await start(tiny.model);
    const client = new OpenAI({ baseURL: `${server.url}/episodes/cut/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'tiny', messages, stream: true, temperature: 0 });
    for await (const _ of stream) break;
    await until(() => store.state('cut').calls === 1, 'the call is recorded');
    await post(`${server.url}/episodes/cut/reward`, { reward: 0 });
    const [recorded] = await readEpisodes(folder);
    expect(recorded?.episode).toMatchObject({ turns: [{ stopReason: 'aborted' }], end: 'aborted' });
    if (recorded) await expectTokenExact(recorded.episode);
  });

  test('a trainer that gives up wants the rollout no more', async () => {
    const { server, store, folder } = await start(tiny.model);
    const sampling = { maxTokens: 12, seed: 5 };
    await expect(store.announce({ row: 1, sampling }, AbortSignal.timeout(50))).rejects.toThrow('No agent ended the rollout of row 1 in time; none took it.');
    const taken = store.announce({ row: 2, sampling }, AbortSignal.timeout(400)).catch((error: unknown) => error);
    const { body } = await post(`${server.url}/episodes`, { take: true });
    const { id } = z.object({ id: z.string(), row: z.literal(2) }).parse(body);
    expect(await taken).toMatchObject({ message: expect.stringContaining(id) });
    expect(await post(`${server.url}/episodes/${id}/v1/chat/completions`, { messages })).toMatchObject({ status: 409 });
    await until(async () => (await readEpisodes(folder))[0]?.status === 'lost', 'it is recorded as lost');
  });
});

test('a rollout that was taken by nobody goes to the next agent', async () => {
  const { store, folder } = await start(tiny.model);
  const wanted = store.announce({ row: 1, sampling: { maxTokens: 12, seed: 5 } }, AbortSignal.timeout(10_000));
  const first = await store.take(AbortSignal.timeout(1000));
  store.giveBack(first?.episode.id ?? '');
  const second = await store.take(AbortSignal.timeout(1000));
  expect(second?.episode.id).not.toBe(first?.episode.id);
  await store.reward(second?.episode.id ?? '', { reward: 1 });
  expect(await wanted).toMatchObject({ id: second?.episode.id, row: 1, reward: 1 });
  expect((await readEpisodes(folder)).map(({ status }) => status)).toEqual(['lost', 'rewarded']);
});

describe('what was recorded', () => {
  test('outlives a killed server, which goes on with the open episodes', async () => {
    const folder = testFolder();
    await writeTinyChatModel(join(folder, 'model'));
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
    const serving = async (): Promise<{ url: string; kill: () => Promise<void> }> => {
      const child = spawn(process.execPath, [main, 'serve', './model', '--port', '0', '--threads', '1', '--json', '--record', 'recorded'], { cwd: folder });
      const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
      const { url } = z.object({ url: z.string() }).parse(JSON.parse(z.string().parse(line)));
      return {
        url,
        kill: async () => {
          child.kill('SIGKILL');
          await once(child, 'exit');
        },
      };
    };
    const ask = async (url: string, conversation: object[]): Promise<string> => {
      const { body } = await post(`${url}/episodes/mine/v1/chat/completions`, { messages: conversation, max_tokens: 5, temperature: 0 });
      return z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) }).parse(body).choices[0].message.content;
    };
    const first = await serving();
    const conversation: object[] = [{ role: 'user', content: 'Hello' }];
    const said = [await ask(first.url, conversation)];
    conversation.push({ role: 'assistant', content: said[0] }, { role: 'user', content: 'And?' });
    said.push(await ask(first.url, conversation));
    await first.kill();
    const [open] = await readEpisodes(join(folder, 'recorded'));
    expect(open).toMatchObject({ id: 'mine', status: 'open', episode: { sequences: { length: 1 }, turns: said.map((content) => ({ message: { content } })) } });
    // A line that the kill has cut off was confirmed to nobody.
    appendFileSync(join(folder, 'recorded', 'episodes.jsonl'), '{"type":"call","episode":"mi');
    const second = await serving();
    expect(readFileSync(join(folder, 'recorded', 'episodes.jsonl.partial'), 'utf8')).toContain('"mi');
    conversation.push({ role: 'assistant', content: said[1] }, { role: 'user', content: 'So?' });
    said.push(await ask(second.url, conversation));
    expect(await post(`${second.url}/episodes/mine/reward`, { reward: 1 })).toMatchObject({ status: 200, body: { calls: 3 } });
    await second.kill();
    const [whole] = await readEpisodes(join(folder, 'recorded'));
    expect(whole).toMatchObject({ status: 'rewarded', reward: 1, episode: { turns: said.map((content) => ({ message: { content } })), sequences: [{}, { startedBecause: expect.stringContaining('server was started anew') }] } });
    expect(whole?.episode.messages).toHaveLength(6);
  }, CHILD_TIMEOUT_MS);

  test('two servers do not write one folder, and a run keeps them apart from its own files', async () => {
    const folder = testFolder();
    const { store } = await start(tiny.model, folder);
    await expect(EpisodeStore.open(folder)).rejects.toThrow(/is being written by process/);
    expect(existsSync(join(store.folder, 'episodes.jsonl'))).toBe(true);
  });

  test('a damaged line is named', async () => {
    const folder = testFolder();
    appendFileSync(join(folder, 'episodes.jsonl'), 'nonsense\n');
    await expect(EpisodeStore.open(folder)).rejects.toThrow(/episodes\.jsonl, line 1: no JSON/);
    await expect(readEpisodes(folder)).rejects.toThrow(/line 1/);
  });
});

test('without an episode nothing is recorded', async () => {
  const { server, folder } = await start(tiny.model);
  await clientOf(server).chat.completions.create({ model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 2 });
  expect(await readEpisodes(folder)).toEqual([]);
});
