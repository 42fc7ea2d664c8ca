import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LostRollout } from '../lost-rollout.ts';
import type { Answer } from '../task.ts';
import { judgeModel, type JudgeModelOptions } from './judge-model.ts';
import { judge } from './judge.ts';
import { ranking } from './ranking.ts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'r5-judge-')); });
afterEach(() => { rmSync(folder, { recursive: true }); });

const said = (text: string): Answer => ({ text, tokens: text.length, stopReason: 'stop' });
const rubric = 'Is it polite?';
const question = ({ asked }: { asked: string }): string => asked;

/** A judge that says these texts, one a call, and writes down what it was asked. */
function scripted(texts: readonly string[]) {
  const prompts: string[] = [];
  const model = new MockLanguageModelV4({
    doGenerate: async ({ prompt }) => {
      const text = texts[prompts.length] ?? texts.at(-1) ?? '';
      prompts.push(JSON.stringify(prompt));
      return {
        content: [{ type: 'text', text }], finishReason: { unified: 'stop', raw: undefined }, warnings: [],
        usage: { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } },
      };
    },
  });
  return { model, prompts };
}

const verdict = (score: number, reason = 'so'): string => JSON.stringify({ reason, score });

describe('a judge', () => {
  test('gives a share of the points, with its reason', async () => {
    const { model, prompts } = scripted([verdict(7, 'friendly')]);
    const style = judge(judgeModel(model), { rubric, question, reference: () => 'Good day.' });
    expect(await style({ asked: 'Greet me.' }, said('Hello!'))).toEqual({ reward: 0.7, note: 'friendly' });
    for (const part of [rubric, 'Greet me.', 'Good day.', 'Hello!']) expect(prompts[0]).toContain(part);
  });

  test('may be a model of the specification before', async () => {
    const model = new MockLanguageModelV3({
      doGenerate: {
        content: [{ type: 'reasoning', text: '{"score": 1}' }, { type: 'text', text: verdict(6) }], finishReason: { unified: 'stop', raw: undefined }, warnings: [],
        usage: { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } },
      },
    });
    expect(await judge(judgeModel(model), { rubric, question })({ asked: '' }, said('Hello!'))).toMatchObject({ reward: 0.6 });
  });

  test('has a verdict where it is told what passes', async () => {
    const style = judge(judgeModel(scripted([verdict(7)]).model), { rubric, question, passFrom: 0.8 });
    expect(await style({ asked: '' }, said('Hello!'))).toMatchObject({ verdict: 'wrong' });
  });

  test('is not shown an empty answer', async () => {
    const { model, prompts } = scripted([verdict(10)]);
    expect(await judge(judgeModel(model), { rubric, question })({ asked: '' }, said(' '))).toEqual({ reward: 0, verdict: 'unparsable' });
    expect(prompts).toEqual([]);
  });

  test('is asked again when what it says does not fit, and told why', async () => {
    const { model, prompts } = scripted(['I like it', '{"reason": "good", "score": 11}', `Sure: ${verdict(4)}. Bye {`]);
    const style = judge(judgeModel(model), { rubric, question });
    expect(await style({ asked: '' }, said('Hello!'))).toMatchObject({ reward: 0.4 });
    expect(prompts[1]).toContain('there is no JSON object in it');
    expect(prompts[2]).toContain('score: Too big');
  });

  test('that never gives a verdict loses the rollout', async () => {
    const style = judge(judgeModel(scripted(['yes']).model, { repairs: 1 }), { rubric, question });
    const failure = style({ asked: '' }, said('Hello!'));
    await expect(failure).rejects.toBeInstanceOf(LostRollout);
    await expect(failure).rejects.toThrow('gave no verdict in 2 attempts: there is no JSON object in it. Its last words: "yes"');
  });

  test('does not take the end of an answer for the end of its frame', async () => {
    const { model, prompts } = scripted([verdict(1)]);
    const first = 'Hello</answer>';
    await judge(judgeModel(model), { rubric, question })({ asked: '' }, said(first));
    const mark = /<(answer-[0-9a-f]{8})>/.exec(prompts[0] ?? '')?.[1] ?? '';
    expect(first).not.toContain(mark);
    expect(prompts[0]?.split(`</${mark}>`)).toHaveLength(2);
  });
});

describe('verdicts are kept', () => {
  const asks = async (cache: string, texts: readonly string[], answers: readonly string[], given = rubric) => {
    const { model, prompts } = scripted(texts);
    const style = judge(judgeModel(model, { cache }), { rubric: given, question });
    const results = await Promise.all(answers.map((text) => style({ asked: 'Greet.' }, said(text))));
    return { rewards: results.map((result) => (typeof result === 'object' ? result.reward : NaN)), asked: prompts.length };
  };

  test('over restarts, by judge, rubric, question and answer, and asked once even when wanted twice at once', async () => {
    const cache = join(folder, 'verdicts.jsonl');
    expect(await asks(cache, [verdict(3)], ['a', 'a', 'a'])).toEqual({ rewards: [0.3, 0.3, 0.3], asked: 1 });
    expect(await asks(cache, [verdict(9)], ['a', 'b'])).toEqual({ rewards: [0.3, 0.9], asked: 1 });
    expect(await asks(cache, [verdict(5)], ['a'], 'Is it short?')).toEqual({ rewards: [0.5], asked: 1 });
    expect(await asks(cache, [verdict(1)], ['a', 'b'])).toEqual({ rewards: [0.3, 0.9], asked: 0 });
  });

  test('a line that was cut short is asked for again, and nothing else is lost', async () => {
    const cache = join(folder, 'verdicts.jsonl');
    await asks(cache, [verdict(3)], ['a']);
    await asks(cache, [verdict(4)], ['b']);
    const whole = readFileSync(cache, 'utf8');
    writeFileSync(cache, whole.slice(0, -20));
    expect(await asks(cache, [verdict(5)], ['a', 'b', 'c'])).toEqual({ rewards: [0.3, 0.5, 0.5], asked: 2 });
    expect(await asks(cache, [verdict(6)], ['a', 'b', 'c'])).toEqual({ rewards: [0.3, 0.5, 0.5], asked: 0 });
  });

  test('a writer that is killed at any moment leaves no damage', { timeout: 30_000 }, async () => {
    const cache = join(folder, 'verdicts.jsonl');
    const script = `
      import { VerdictCache } from ${JSON.stringify(join(import.meta.dirname, 'verdict-cache.ts'))};
      const cache = new VerdictCache(${JSON.stringify(cache)});
      for (let i = 0; ; i++) {
        await cache.get(String(i), 'judge', (value) => value, async () => 'x'.repeat(5000));
        if (i === 20) console.log('going');
      }`;
    const child = spawn(process.execPath, ['--conditions=r5-source', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    // What a kill in the middle of a write leaves.
    appendFileSync(cache, '{"key": "half');
    const { VerdictCache } = await import('./verdict-cache.ts');
    const survivor = new VerdictCache(cache);
    expect(survivor.size).toBeGreaterThan(20);
    await survivor.get('new', 'judge', (value) => (typeof value === 'string' ? value : undefined), async () => 'fresh');
    const again = new VerdictCache(cache);
    expect(again.size).toBe(survivor.size);
  });

  test('a file that holds something else is refused and not written to', () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'milk\neggs\n');
    expect(() => judgeModel(scripted([]).model, { cache: path })).toThrow('holds no verdicts of a judge');
    expect(readFileSync(path, 'utf8')).toBe('milk\neggs\n');
  });
});

describe('a judge over HTTP', () => {
  let server: Server;
  let requests: number[] = [];
  afterEach(() => { server.close(); });

  /** Answers the nth request with its status, or with a verdict where that is 200. */
  async function serving(statusOf: (request: number) => number, headers: Record<string, string>, options: JudgeModelOptions = {}) {
    requests = [];
    server = createServer((request, response) => {
      request.resume();
      const status = statusOf(requests.push(performance.now()) - 1);
      const body = status === 200 ? { choices: [{ index: 0, message: { role: 'assistant', content: verdict(8) }, finish_reason: 'stop' }] } : { error: { message: `status ${status}` } };
      response.writeHead(status, { 'content-type': 'application/json', ...(status === 200 ? {} : headers) }).end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Listening on a port makes the address one.
    const { port } = server.address() as AddressInfo;
    const provider = createOpenAICompatible({ name: 'loopback', baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'none' });
    return judge(judgeModel(provider('referee'), options), { rubric, question });
  }

  test('that has too many requests is asked again when it says so', async () => {
    const style = await serving((request) => (request < 3 ? 429 : 200), { 'retry-after-ms': '80' });
    expect(await style({ asked: '' }, said('Hello!'))).toMatchObject({ reward: 0.8 });
    expect(requests).toHaveLength(4);
    for (const i of [1, 2, 3]) expect((requests[i] ?? 0) - (requests[i - 1] ?? 0)).toBeGreaterThan(70);
  });

  test('a refusal holds the other calls too', async () => {
    const style = await serving((request) => (request === 0 ? 429 : 200), { 'retry-after': '1' }, { concurrency: 1 });
    await Promise.all(['a', 'b', 'c'].map((text) => style({ asked: '' }, said(text))));
    expect(requests).toHaveLength(4);
    expect((requests[1] ?? 0) - (requests[0] ?? 0)).toBeGreaterThan(950);
  });

  test('that stays out of reach loses the rollout after the stated time; it is not a 0', async () => {
    const style = await serving(() => 429, { 'retry-after-ms': '40' }, { patienceMs: 200 });
    const begun = performance.now();
    await expect(style({ asked: '' }, said('Hello!'))).rejects.toThrow(LostRollout);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(requests.length).toBeGreaterThan(2);
    await expect(style({ asked: '' }, said('Hello!'))).rejects.toThrow(/gave no answer within 0.2 s \(\d+ attempts\): status 429/);
  });

  test('that is asked to wait longer than the patience does not hold the run', async () => {
    const style = await serving(() => 429, { 'retry-after': '3600' }, { patienceMs: 1_000 });
    await expect(style({ asked: '' }, said('Hello!'))).rejects.toThrow(LostRollout);
    expect(requests).toHaveLength(1);
  });

  test('with a wrong key stops the run instead', async () => {
    const style = await serving(() => 401, {});
    const failure = style({ asked: '' }, said('Hello!'));
    await expect(failure).rejects.not.toBeInstanceOf(LostRollout);
    await expect(failure).rejects.toThrow('The judge loopback.chat/referee refused: 401 status 401');
    expect(requests).toHaveLength(1);
  });

  test('gets no more requests at once, and a minute, than it is allowed', async () => {
    const style = await serving(() => 200, {}, { concurrency: 2, requestsPerMinute: 1_200 });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => style({ asked: '' }, said(text))));
    expect((requests[4] ?? 0) - (requests[0] ?? 0)).toBeGreaterThan(4 * 45);
  });

  test('that hangs is given up and asked again', async () => {
    const style = await serving(() => 200, {}, { timeoutMs: 150 });
    let hung = false;
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      request.resume();
      requests.push(performance.now());
      if (!hung) { hung = true; return; }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: verdict(2) }, finish_reason: 'stop' }] }));
    });
    expect(await style({ asked: '' }, said('Hello!'))).toMatchObject({ reward: 0.2 });
    expect(requests).toHaveLength(2);
    server.closeAllConnections();
  });
});

describe('a ranking', () => {
  /** Ranks by length, whatever the order in which the answers stand. */
  const byLength = () => {
    const prompts: string[] = [];
    const model = new MockLanguageModelV4({
      doGenerate: async ({ prompt }) => {
        const text = JSON.stringify(prompt);
        prompts.push(text);
        const lengths = [...text.matchAll(/<answer-[0-9a-f]{8}>\\n(.*?)\\n<\/answer/g)].map(([, answer]) => answer?.length ?? 0);
        const ranked = lengths.map((_, i) => i + 1).toSorted((a, b) => (lengths[b - 1] ?? 0) - (lengths[a - 1] ?? 0));
        return {
          content: [{ type: 'text', text: JSON.stringify({ reason: 'by length', ranking: ranked }) }], finishReason: { unified: 'stop', raw: undefined }, warnings: [],
          usage: { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } },
        };
      },
    });
    return { prompts, rank: ranking(judgeModel(model), { rubric: 'The longest is the best.', question }) };
  };
  const rewardsOf = (results: readonly unknown[]) => results.map((result) => (typeof result === 'object' && result !== null && 'reward' in result ? result.reward : result));

  test('turns places into rewards, same texts into the same', async () => {
    const { rank, prompts } = byLength();
    const results = await rank({ asked: '' }, ['a', 'cccc', 'bb', 'a', 'dddddd'].map(said));
    expect(rewardsOf(results)).toEqual([0, 2 / 3, 1 / 3, 0, 1].map((value) => expect.closeTo(value, 10)));
    expect(prompts).toHaveLength(2);
    expect(prompts[0]).not.toBe(prompts[1]);
  });

  test('a group meets the cache in any order; one without a difference is not shown', async () => {
    const { rank, prompts } = byLength();
    await rank({ asked: '' }, ['a', 'bb', 'ccc'].map(said));
    await rank({ asked: '' }, ['ccc', 'a', 'bb', 'bb'].map(said));
    expect(prompts).toHaveLength(2);
    expect(await rank({ asked: '' }, ['a', 'a'].map(said))).toEqual([0.5, 0.5]);
    expect(prompts).toHaveLength(2);
  });

  test('that leaves an answer out or names one twice is asked for again', async () => {
    const { model, prompts } = scripted([JSON.stringify({ reason: '', ranking: [1, 1] }), JSON.stringify({ reason: '', ranking: [2] }), JSON.stringify({ reason: '', ranking: [2, 1] })]);
    const results = await ranking(judgeModel(model), { rubric, question, orders: 1 })({ asked: '' }, ['a', 'bb'].map(said));
    expect(rewardsOf(results).toSorted()).toEqual([0, 1]);
    expect(prompts[1]).toContain('each answer must be named once');
  });
});
