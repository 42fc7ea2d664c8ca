/**
 * An agent in a process of its own, as anyone might have written it: OpenAI's client, a tool, several turns, and a reward posted in the end.
 * node agent.fixture.ts <url of the server> <chat|responses> [--take]
 * Prints what it saw as one line of JSON.
 */
import { OpenAI } from 'openai';
import { z } from 'zod';

const [server = '', api = '', take] = process.argv.slice(2);
const post = async (url: string, body: object): Promise<unknown> => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (response.status === 204) process.exit(3);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};
const begun = z.object({ id: z.string(), row: z.number().nullable(), base_url: z.string(), reward_url: z.string() });
const episode = begun.parse(await post(`${server}/episodes`, take === undefined ? { row: 7 } : { take: true, wait_seconds: 10 }));
const client = new OpenAI({ baseURL: episode.base_url, apiKey: 'none', maxRetries: 0 });
const parameters = { type: 'object', properties: { word: { type: 'string' } } };
const description = 'Looks a word up.';
const question = 'What is r5?';
const said: string[] = [];
const MOST_TURNS = 4;

async function chat(): Promise<void> {
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: question }];
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const stream = client.chat.completions.stream({ model: 'any', messages, tools: [{ type: 'function', function: { name: 'look_up', description, parameters } }] });
    const { choices } = await stream.finalChatCompletion();
    const message = choices[0]?.message;
    if (!message) throw new Error('an answer has a choice');
    messages.push(message);
    said.push(message.content ?? '');
    if (!message.tool_calls?.length) return;
    for (const { id } of message.tool_calls) messages.push({ role: 'tool', tool_call_id: id, content: `result of ${id.length > 0 ? 'a call' : 'nothing'}` });
  }
}

async function responses(): Promise<void> {
  let input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: question }];
  let previous: string | null = null;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const tools: OpenAI.Responses.Tool[] = [{ type: 'function', name: 'look_up', description, parameters, strict: false }];
    const answer: OpenAI.Responses.Response = await client.responses.stream({ model: 'any', input, previous_response_id: previous, tools }).finalResponse();
    const { id, output, output_text: text } = answer;
    said.push(text);
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
    if (calls.length === 0) return;
    previous = id;
    input = calls.map((call_id) => ({ type: 'function_call_output', call_id, output: 'result of a call' }));
  }
}

await (api === 'chat' ? chat() : responses());
await post(episode.reward_url, { reward: said.length / 10, parts: { turns: said.length } });
console.log(JSON.stringify({ id: episode.id, row: episode.row, said }));
