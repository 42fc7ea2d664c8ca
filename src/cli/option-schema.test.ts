import { Command } from 'commander';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { trainSettingsSchema } from '../train/settings.ts';
import { makeProgram } from './program.ts';
import { addOptions, readOptions } from './option-schema.ts';

const schema = z.strictObject({
  groupSize: z.number().int().min(2).default(8).describe('completions a prompt'),
  clipLow: z.number().min(0).max(1).optional().describe('lower bound'),
  loss: z.enum(['ppo', 'cispo']).default('ppo').describe('policy loss'),
  greedy: z.boolean().default(false).describe('likeliest token'),
  stop: z.array(z.string()).optional().describe('ends a completion'),
});

function parse(...words: string[]): z.output<typeof schema> {
  const command = addOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }), schema);
  command.parse(words, { from: 'user' });
  return readOptions(command, schema);
}

test('fields are flags with the schema’s defaults, types and bounds', () => {
  expect(parse()).toEqual({ groupSize: 8, loss: 'ppo', greedy: false });
  expect(parse('--group-size', '4', '--clip-low', '0.5', '--loss', 'cispo', '--greedy', '--stop', 'a', '--stop', 'b')).toEqual({
    groupSize: 4, clipLow: 0.5, loss: 'cispo', greedy: true, stop: ['a', 'b'],
  });
  expect(() => parse('--group-size', '1')).toThrow('It must be a whole number of at least 2.');
  expect(() => parse('--group-size', '4x')).toThrow('It must be a whole number of at least 2.');
  expect(() => parse('--clip-low', '')).toThrow('It must be a number from 0 to 1.');
  expect(() => parse('--loss', 'dpo')).toThrow('Allowed choices are ppo, cispo.');
});

test('defaults that are given go before the schema’s, and what is typed before both', () => {
  const command = addOptions(new Command(), schema).parse(['--loss', 'ppo'], { from: 'user' });
  expect(readOptions(command, schema, { groupSize: 4, loss: 'cispo' })).toEqual({ groupSize: 4, loss: 'ppo', greedy: false });
});

test('a field that has no default and is not optional is a flag that must be given', () => {
  const command = addOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }), schema.extend({ to: z.string().describe('where to') }));
  expect(() => command.parse([], { from: 'user' })).toThrow("required option '--to <text>' not specified");
});

test('every setting of a training run is a flag of r5 train, with its description', () => {
  const train = makeProgram().commands.find((command) => command.name() === 'train');
  const help = train?.helpInformation().replaceAll(/\s+/g, ' ') ?? '';
  for (const [name, field] of Object.entries(trainSettingsSchema.shape)) {
    if (name === 'task') continue;
    expect(help).toContain(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} `);
    expect(help).toContain(field.description);
  }
});

test('every command has --json, one line of help and a name of its own', () => {
  const { commands } = makeProgram();
  expect(commands.map((command) => command.name())).toEqual(expect.arrayContaining(['start', 'train', 'eval', 'sample', 'sft', 'validate', 'resume', 'runs']));
  // A command that only holds others takes no options itself.
  for (const command of commands.flatMap((each) => (each.commands.length > 0 ? each.commands : [each]))) {
    // What r5 mcp writes on stdout is all for machines: the protocol.
    if (command.name() !== 'mcp') expect(command.options.map(({ long }) => long)).toContain('--json');
    expect(command.description()).not.toBe('');
  }
});
