import type { Command } from 'commander';
import { z } from 'zod';
import { openRun, runNames } from '../../run/run-folder.ts';
import { EXPORT_FORMATS, EXPORT_TYPES, exportModel } from '../../train/export-run.ts';
import { resolveModel } from '../../train/resolve-model.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';

const options = z.strictObject({
  to: z.string().min(1).describe('folder, or for GGUF the file, to write'),
  format: z.enum(EXPORT_FORMATS).default('safetensors').describe('merged weights, adapter alone, or a file for llama.cpp'),
  type: z.enum(EXPORT_TYPES).optional().describe('element type (default: f32; for GGUF f16)'),
  adapter: z.string().min(1).optional().describe('adapter in the form of PEFT to merge in first'),
  base: z.string().min(1).optional().describe("for PEFT: the model that the adapter belongs on (default: the run's)"),
  anyWords: z.boolean().default(false).describe('GGUF: also for a tokenizer that llama.cpp does not have; texts would be cut differently'),
  ...runsOption,
  ...jsonOption,
});

/** `r5 export <model>`: files that other programs read. */
export function registerExport(program: Command): void {
  const command = program.command('export').description('write a model for other programs: safetensors, PEFT adapter, GGUF').argument('<model>', 'model directory, run, hub name, or r5-tiny');
  addOptions(command, options).action(async (name: string) => {
    const chosen = readOptions(command, options);
    const source = await resolveModel(name, chosen.runsDir);
    const output = new Output(chosen.json);
    const written = await exportModel(source, chosen.to, { ...chosen, base: chosen.base ?? baseOf(name, chosen.runsDir) });
    output.line(`written: ${written}`);
    output.result({ model: source, format: chosen.format, written });
  });
  command.addHelpText('after', '\nExamples:\n  r5 export 3fa2c1 --to ./my-model\n  r5 export 3fa2c1 --format gguf --type q8_0 --to my-model.gguf\n  r5 export 3fa2c1 --format peft --to ./adapter\n');
}

/** The model that a run started from. */
function baseOf(name: string, runsDirectory: string): string | undefined {
  if (!runNames(runsDirectory).some((run) => run === name || run.includes(name))) return undefined;
  const { model } = z.looseObject({ model: z.string().optional() }).parse(openRun(name, runsDirectory).config);
  return model;
}
