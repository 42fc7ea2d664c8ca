import { expect, test } from 'vitest';
import { clientOf, metric, startServer, tinyModelForFile, until } from './serve.fixture.ts';

const tiny = tinyModelForFile({ decodeRows: 64 });

interface Told {
  text: string;
  ends: number;
  completionTokens: number | undefined;
}

test('200 streams at once: each is whole, and is the answer that a request alone gets', async () => {
  const server = await startServer({ model: tiny.model });
  const client = clientOf(server);
  const request = (i: number) => ({
    model: 'tiny',
    messages: [{ role: 'user' as const, content: `Question ${i}: what is the answer ${'and then '.repeat(i % 7)}?` }],
    // Half of them greedily, the others from a seed of their own.
    ...(i % 2 === 0 ? { temperature: 0 } : { seed: i }),
    max_tokens: 8 + (i % 25),
  });
  const told = await Promise.all(
    Array.from({ length: 200 }, async (_, i): Promise<Told> => {
      const stream = await client.chat.completions.create({ ...request(i), stream: true, stream_options: { include_usage: true } });
      const one: Told = { text: '', ends: 0, completionTokens: undefined };
      for await (const { choices, usage } of stream) {
        one.text += choices[0]?.delta.content ?? '';
        if (choices[0]?.finish_reason) one.ends++;
        if (usage) one.completionTokens = usage.completion_tokens;
      }
      return one;
    }),
  );
  expect(told.map(({ ends }) => ends)).toEqual(told.map(() => 1));
  await until(async () => (await metric(server, 'r5_rows_busy')) === 0, 'all rows are free');
  expect(await metric(server, 'r5_queue_length')).toBe(0);
  expect(await metric(server, 'r5_completion_tokens_total')).toBe(told.reduce((total, { completionTokens = NaN }) => total + completionTokens, 0));
  for (let i = 0; i < 200; i += 9) {
    const alone = await client.chat.completions.create(request(i));
    expect([i, told[i]?.text, told[i]?.completionTokens]).toEqual([i, alone.choices[0]?.message.content, alone.usage?.completion_tokens]);
  }
});
