/**
 * An agent in a process of its own: takes rollouts from the server at its first argument, one after the other, until there is no server; with
 * `--wait` as the second it waits for one to begin.
 */
import { OpenAI } from 'openai';
import { z } from 'zod';

const [server = '', wait] = process.argv.slice(2);
let begun = wait === undefined;
const rollout = z.object({ base_url: z.string(), reward_url: z.string(), input: z.object({ ask: z.string() }) });

const post = (url: string, body: object): Promise<Response> => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

while (true) {
  const taken = await post(`${server}/episodes`, { take: true }).catch(() => undefined);
  if (!taken && !begun) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    continue;
  }
  if (!taken || taken.status >= 500) break;
  begun = true;
  if (taken.status === 204) continue;
  const { base_url: baseURL, reward_url: rewardUrl, input } = rollout.parse(await taken.json());
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: input.ask }];
  let said = '';
  for (const next of ['And?', '']) {
    const { choices } = await client.chat.completions.create({ model: 'elsewhere', messages, max_tokens: 10 });
    const content = choices[0]?.message.content ?? '';
    said += content;
    messages.push({ role: 'assistant', content }, { role: 'user', content: next });
  }
  await post(rewardUrl, { reward: (said.length % 17) / 17, parts: { length: said.length } });
}
