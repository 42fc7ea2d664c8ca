import type { Command } from 'commander';
import { z } from 'zod';
import { BENCH_SHAPES } from '../../bench/models.ts';
import { runBench, type BenchReport } from '../../bench/throughput.ts';
import { jsonOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { textTable } from '../text-table.ts';

const options = z.strictObject({
  size: z.array(z.string()).default([]).describe(`only this size, can be repeated: ${BENCH_SHAPES.map(({ label }) => label).join(', ')}`),
  threads: z.number().int().positive().optional().describe('processor threads (default: all)'),
  ...jsonOption,
});

/** `r5 bench`: how fast this machine trains and decodes, as shares of its matrix-product peak. */
export function registerBench(program: Command): void {
  const command = program.command('bench').description("measure this machine: matrix-product peak, training and decoding speed, memory");
  addOptions(command, options).action(async () => {
    const { size, threads, json } = readOptions(command, options);
    const output = new Output(json);
    const report = await runBench({
      ...(size.length === 0 ? {} : { sizes: size }),
      ...(threads === undefined ? {} : { threads }),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    output.result(report);
    if (!json) for (const line of reportLines(report)) output.line(line);
  });
}

function reportLines({ peakGflops, threads, train, decode, memoryMb }: BenchReport): string[] {
  const millions = (parameters: number) => `${(parameters / 1e6).toFixed(1)} M`;
  const share = (value: number) => `${Math.round(100 * value)} %`;
  return [
    `matrix products: ${peakGflops.toFixed(0)} GFLOP/s on ${threads} threads; memory ${memoryMb.toFixed(0)} MB`,
    ...textTable([
      ['parameters', 'work', 'batch', 'tokens/s', 'of the peak'],
      ...train.map((row) => [millions(row.parameters), 'training', String(row.batch), row.tokensPerSecond.toFixed(0), share(row.share)]),
      ...decode.map((row) => [millions(row.parameters), 'decoding', String(row.batch), row.tokensPerSecond.toFixed(0), share(row.share)]),
    ]),
  ];
}
