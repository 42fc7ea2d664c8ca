import type { Command } from 'commander';
import { z } from 'zod';
import { jsonOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { serviceOptions, withResearchService } from '../research-service.ts';
import { accessOptions, addressOptions, graceOption, keysOf } from '../server-options.ts';
import { untilStopped } from '../until-stopped.ts';

const whole = z.number().int();

const options = z.strictObject({
  ...serviceOptions,
  ...addressOptions,
  name: z.string().min(1).default('r5-research').describe('name by which clients ask for it, as for a model'),
  ...accessOptions,
  runs: whole.positive().default(4).describe('runs at the same time'),
  queue: whole.nonnegative().default(16).describe('requests that may wait; beyond that they get the status 429'),
  ...graceOption,
  ...jsonOption,
});

/** `r5 research serve`: research as a model that OpenAI's clients can call. */
export function registerResearchServe(parent: Command): void {
  const command = parent.command('serve').description("answer the clients of OpenAI: each question is a run, told of as the model's reasoning");
  addOptions(command, options).action(async () => {
    const chosen = readOptions(command, options);
    const { host, port, name, cors = [], runs, queue, grace, budget } = chosen;
    const apiKeys = await keysOf(chosen);
    const output = new Output(chosen.json);
    // Only this command needs it, and it takes a while to load.
    const { serveResearch } = await import('../../research-server/serve-research.ts');
    await withResearchService(chosen, output, async (service) => {
      const server = await serveResearch({ service, name, host, port, apiKeys, corsOrigins: cors, limits: { concurrent: runs, queue } });
      output.line(`${output.style('bold', name)} is served at ${output.style('bold', `${server.url}/v1`)}; it searches ${service.sourceNames.join(', ')}`);
      output.line(budget === undefined ? '  A run may cost what it takes; --budget limits it.' : `  A run costs at most $${budget.toFixed(2)}.`);
      const key = apiKeys.length > 0 ? ` -H "Authorization: Bearer $KEY"` : '';
      output.line(`\n  curl -N ${server.url}/v1/chat/completions -H 'Content-Type: application/json'${key} -d '${JSON.stringify({ messages: [{ role: 'user', content: 'Your question?' }], stream: true })}'\n\n  Ctrl-C stops.`);
      output.result({ url: server.url, model: name });
      await untilStopped(server, grace, output);
    });
  });
  command.addHelpText('after', '\nExamples:\n  r5 research serve --model openai:gpt-4o-mini --sources wikipedia,./papers --budget 0.50\n  r5 research serve --model http://localhost:11434/v1#qwen3:4b --host 0.0.0.0 --api-key-file keys.txt\n');
}
