/** What `r5 serve` says once it listens: what is served, and how to call it. */
import type { RunningServer } from '../serve/http-server.ts';
import { isLoopback } from '../serve/own-names.ts';
import { takesMessages, type ServedModel } from '../serve/served-model.ts';
import { whole } from './format.ts';
import type { Output } from './output.ts';

export interface ServeScreen {
  server: Pick<RunningServer, 'url'>;
  model: ServedModel;
  directory: string;
  parameters: number;
  weights: string;
  rows: number;
  host: string;
  /** Number of API keys. */
  keys: number;
  /** Where episodes are recorded. */
  recorded: string | undefined;
}

export function serveScreen({ server: { url }, model, directory, parameters, weights, rows, host, keys, recorded }: ServeScreen, output: Pick<Output, 'style'>): string {
  const line = (name: string, value: string): string => `  ${output.style('dim', name.padEnd(9))} ${value}`;
  const open = keys === 0 && !isLoopback(host);
  return [
    `${output.style('bold', model.name)} is served at ${output.style('bold', `${url}/v1`)}`,
    line('model', `${directory} (${(parameters / 1e6).toPrecision(3)} M parameters, ${weights})`),
    line('context', `${whole(model.engine.contextLength)} tokens; ${rows} answers at the same time`),
    line('answers', takesMessages(model) ? '/v1/chat/completions, /v1/responses, /v1/completions' : '/v1/completions (the model has no chat template, so it takes no messages)'),
    line('keys', keys === 0 ? 'none needed' : `${keys}, sent as 'Authorization: Bearer KEY'`),
    line('watch', `${url}/health, ${url}/metrics`),
    ...(recorded === undefined ? [] : [line('records', `${recorded}: calls to ${url}/episodes/NAME/v1`)]),
    ...(open ? [output.style('yellow', '  Everyone who reaches this machine can use it; --api-key keeps others out.')] : []),
    '',
    `  ${curlLine(url, model, keys > 0)}`,
    '',
    '  Ctrl-C stops.',
  ].join('\n');
}

function curlLine(url: string, model: ServedModel, key: boolean): string {
  const chat = takesMessages(model);
  const body = chat ? { messages: [{ role: 'user', content: 'Hello!' }], stream: true } : { prompt: 'Once upon a time', max_tokens: 64 };
  const headers = `-H 'Content-Type: application/json'${key ? ` -H "Authorization: Bearer $KEY"` : ''}`;
  return `curl ${chat ? '-N ' : ''}${url}/v1/${chat ? 'chat/completions' : 'completions'} ${headers} -d '${JSON.stringify(body)}'`;
}
