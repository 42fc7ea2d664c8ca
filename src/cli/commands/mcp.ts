import type { Command } from 'commander';
import { Console } from 'node:console';
import { z } from 'zod';
import { watchForInterrupt } from '../interrupt.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { packageVersion } from '../package-version.ts';
import { serviceOptions, withResearchService } from '../research-service.ts';

const options = z.strictObject(serviceOptions);

/** `r5 mcp`: search, reading and research as tools of an MCP server, spoken to over stdin and stdout. */
export function registerMcp(program: Command): void {
  const command = program.command('mcp').description('an MCP server with the tools search, read and research, for the program that starts it');
  addOptions(command, options).action(async () => {
    const chosen = readOptions(command, options);
    // Stdout belongs to the protocol; a library that prints something must not break it.
    globalThis.console = new Console(process.stderr, process.stderr);
    const [{ researchMcpServer }, { StdioServerTransport }] = await Promise.all([import('../../research-server/mcp/mcp-server.ts'), import('@modelcontextprotocol/sdk/server/stdio.js')]);
    await withResearchService(chosen, new Output(true), async (service) => {
      const server = researchMcpServer({ service, version: packageVersion() });
      const closed = Promise.withResolvers<void>();
      // The only way in which it tells.
      // oxlint-disable-next-line prefer-add-event-listener
      server.server.onclose = () => closed.resolve();
      const close = (): void => void server.close();
      const interrupt = watchForInterrupt(close);
      // The program that started it is gone, or wants no more of it.
      process.stdin.once('end', close);
      process.stdout.once('error', close);
      await server.connect(new StdioServerTransport());
      await closed.promise;
      interrupt.release();
    });
  });
  command.addHelpText('after', '\nExamples:\n  r5 mcp --sources ./papers,wikipedia --model openai:gpt-4o-mini --budget 0.50\n  r5 mcp --sources ./contracts --model http://localhost:11434/v1#qwen3:4b\n');
}
