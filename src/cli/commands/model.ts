import type { Command } from 'commander';
import { z } from 'zod';
import { openCheckpoint } from '../../model/checkpoint.ts';
import { parameterCount, parameterSpecs } from '../../model/parameters.ts';
import { loadTokenizer, type Tokenizer } from '../../model/tokenizer.ts';
import { storedBytes, WEIGHT_FORMATS } from '../../model/weight-format.ts';
import { resolveModel } from '../../train/resolve-model.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { textTable } from '../text-table.ts';
import type { ModelConfig } from '../../model/config.ts';

const options = z.strictObject({ ...runsOption, ...jsonOption });

/** `r5 model check <model>`: what a model directory holds, as r5 reads it. */
export function registerModel(program: Command): void {
  const model = program.command('model').description('look at a model');
  const command = model.command('check').description('print what a model directory holds, and refuse what r5 cannot compute').argument('<model>', 'model directory, run, hub name, or r5-tiny');
  addOptions(command, options).action(async (name: string) => {
    const { runsDir, json } = readOptions(command, options);
    const directory = await resolveModel(name, runsDir);
    const { config } = await openCheckpoint(directory);
    const tokenizer = await loadTokenizer(directory, config);
    const output = new Output(json);
    const { raw: _, ...read } = config;
    output.result({ directory, parameters: parameterCount(config), tensors: parameterSpecs(config).length, ...read });
    if (!json) for (const line of reportLines(directory, config, tokenizer)) output.line(line);
  });
}

function reportLines(directory: string, config: ModelConfig, tokenizer: Tokenizer): string[] {
  const count = parameterCount(config);
  const gigabytes = WEIGHT_FORMATS.map((format) => `${format} ${(storedBytes(format, count) / 1e9).toFixed(2)} GB`);
  const ends = config.endTokens.map((id) => `${id} ${JSON.stringify(id < tokenizer.vocabularySize ? tokenizer.tokenText(id) : 'not in the tokenizer')}`);
  return textTable([
    ['model', directory],
    ['architecture', config.family],
    ['parameters', `${(count / 1e6).toFixed(1)} M in ${parameterSpecs(config).length} tensors, all there and of the right shape`],
    ['memory of the weights', gigabytes.join(', ')],
    ['layers', `${config.layers} of width ${config.hiddenSize}, feed-forward ${config.intermediateSize}`],
    ['attention', `${config.heads} heads of size ${config.headSize}, ${config.keyValueHeads} for keys and values`],
    ['rotary embedding', `theta ${config.ropeTheta}, scaling ${config.ropeScaling?.type ?? 'none'}`],
    ['context', `${config.contextLength} tokens`],
    ['vocabulary', `${config.vocabularySize} in the model, ${tokenizer.vocabularySize} in the tokenizer; output projection ${config.tieEmbeddings ? 'is the embedding' : 'of its own'}`],
    ['end tokens', ends.join(', ') || 'none'],
  ]);
}
