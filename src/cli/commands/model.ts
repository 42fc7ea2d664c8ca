import type { Command } from 'commander';
import { z } from 'zod';
import type { ChatTemplate } from '../../model/chat-template.ts';
import { describeDifference, templateStability, type TemplateDifference } from '../../model/chat.ts';
import { openCheckpoint } from '../../model/checkpoint.ts';
import { parameterCount, parameterSpecs } from '../../model/parameters.ts';
import { loadTokenizer, type Tokenizer } from '../../model/tokenizer.ts';
import { storedBytes, WEIGHT_FORMATS } from '../../model/weight-format.ts';
import { resolveModel } from '../../train/resolve-model.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { bytes } from '../format.ts';
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
    const chatTemplate = tokenizer.chatTemplate ? templateTurns(tokenizer.chatTemplate) : null;
    output.result({ directory, parameters: parameterCount(config), tensors: parameterSpecs(config).length, ...read, chatTemplate });
    if (!json) for (const line of textTable([...reportRows(directory, config, tokenizer), ...templateRows(chatTemplate)])) output.line(line);
  });
}

interface TemplateTurns {
  userTurns: string;
  toolTurns: string;
}

/** Whether an episode of many turns is one sequence under the template. */
function templateTurns(template: ChatTemplate): TemplateTurns {
  const { userTurns, toolTurns } = templateStability(template);
  const inWords = (difference: TemplateDifference | undefined): string =>
    difference === undefined ? 'earlier turns stay as they were' : `earlier turns are rewritten, so an episode is several sequences: ${describeDifference(difference)}`;
  return { userTurns: inWords(userTurns), toolTurns: inWords(toolTurns) };
}

const templateRows = (turns: TemplateTurns | null): [string, string][] =>
  turns === null ? [['chat template', 'none']] : [['template, user asks again', turns.userTurns], ['template, tool answers', turns.toolTurns]];

function reportRows(directory: string, config: ModelConfig, tokenizer: Tokenizer): [string, string][] {
  const count = parameterCount(config);
  const gigabytes = WEIGHT_FORMATS.map((format) => `${format} ${bytes(storedBytes(format, count))}`);
  const ends = config.endTokens.map((id) => `${id} ${JSON.stringify(id < tokenizer.vocabularySize ? tokenizer.tokenText(id) : 'not in the tokenizer')}`);
  return [
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
  ];
}
