import type { Command } from 'commander';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { eventLine, logLine } from '../../research/loop/event-line.ts';
import { readJournal } from '../../research/loop/journal-file.ts';
import { replayResearch, research } from '../../research/loop/research.ts';
import { runConversation } from '../../research/loop/run-conversation.ts';
import { forkResearchRun, journalPath, openResearchRun } from '../../research/loop/run-folder.ts';
import { REPORT_FORMATS } from '../../research/report/report-files.ts';
import { atTerminal } from '../ask-at-terminal.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { openResearch } from '../open-research.ts';
import { addOptions, flagOf, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { changeable, folderOption, manner } from '../research-options.ts';
import { runOnTerminal, showResult } from '../research-run.ts';
import { keptSettings, typedSettings } from '../research-settings.ts';
import { sourceNames } from '../research-sources.ts';
import { goOnWithResearch } from '../resume-research.ts';
import { watchResearch } from '../watch-research.ts';
import { registerResearchServe } from './research-serve.ts';

const count = z.number().int().positive();

const options = z.strictObject({
  ...manner,
  clarify: z.boolean().default(false).describe('ask back before the work begins'),
  approvePlan: z.boolean().default(false).describe('wait until you have agreed to the plan'),
  ...changeable,
  ...folderOption,
  ...runsOption,
  ...jsonOption,
});

const resumeOptions = z.strictObject({
  model: z.string().min(1).optional().describe('another model for what is still to be done'),
  fork: count.optional().describe('event from which to go another way, in a run of its own'),
  replay: z.boolean().default(false).describe('go through it again without network and models'),
  ...changeable,
  ...folderOption,
  ...jsonOption,
});

/** `r5 research "question"`, and what can be done with its runs. */
export function registerResearch(program: Command): void {
  const command = program
    .command('research')
    .description('answer a question from sources, with citations that code has checked')
    .argument('<question>', 'what you want to know')
    // The same options mean the run's after the name of a command of its own.
    .enablePositionalOptions();
  addOptions(command, options).action(async (question: string) => {
    const { json, researchDir, parallel, clarify, approvePlan, ...typed } = readOptions(command, options);
    if (question.trim() === '') throw new R5Error('The question is empty.');
    const settings = typedSettings({ ...typed, sources: sourceNames(typed) });
    const output = new Output(json);
    if (typed.sources === undefined && typed.documents === undefined) output.line(`searching ${settings.sources.join(', ')}; name others, or folders, by --sources`);
    await runOnTerminal(settings, { output, researchDir }, (given, progress) =>
      research({
        ...given,
        question,
        parallel,
        depth: settings.depth,
        loop: settings.loop,
        pageCharacters: settings.pageCharacters,
        unsupported: settings.unsupported,
        directory: researchDir,
        settings: keptSettings(settings),
        ...(clarify ? { clarify: atTerminal(progress).clarify } : {}),
        ...(approvePlan ? { approvePlan: atTerminal(progress).approvePlan } : {}),
      }),
    );
  });
  registerResumption(command);
  registerLooks(command);
  registerResearchServe(command);
  command.addHelpText('after', '\nExamples:\n  r5 research "What does the contract say about notice?" --sources ./contracts --model http://localhost:11434/v1#qwen3:4b\n  r5 research "What limits the range of heat pumps?" --sources wikipedia,arxiv,./papers --model openai:gpt-4o-mini --budget 0.50\n  r5 research resume 3fa2c1\n  r5 research resume 3fa2c1 --fork 40 --model openai:gpt-4o-mini\n');
}

function registerResumption(parent: Command): void {
  const command = parent.command('resume').description('go on with a run; no call that had finished is made again').argument('<run>', "the run's folder, name or id");
  addOptions(command, resumeOptions).action(async (wanted: string) => {
    const { json, researchDir, fork, replay, ...changes } = readOptions(command, resumeOptions);
    const run = openResearchRun(wanted, researchDir);
    const output = new Output(json);
    if (replay) {
      refuseChanges({ fork, ...changes });
      return showResult(await replayResearch(run, { onEvent: showEvent(output) }), output);
    }
    await goOnWithResearch(fork === undefined ? run : forkResearchRun(run, fork), changes, output);
  });
}

/** A replay asks nobody and writes nothing, so no setting could change it. */
function refuseChanges(changes: Readonly<Record<string, unknown>>): void {
  const typed = Object.keys(changes).filter((name) => changes[name] !== undefined);
  if (typed.length > 0) throw new R5Error(`--replay goes through the run as it was, so nothing can be changed with it. Leave out ${typed.map(flagOf).join(', ')}, or --replay.`);
}

function registerLooks(parent: Command): void {
  const looks = z.strictObject({ ...folderOption, ...jsonOption });
  const opening = z.strictObject({
    format: z.enum(REPORT_FORMATS).optional().describe('which form of the report is opened (default: html)'),
    print: z.boolean().default(false).describe('as Markdown in the terminal'),
    ...folderOption,
    ...jsonOption,
  });
  const open = parent.command('open').description('open the report of a run in the browser, or in what else shows its form').argument('<run>', "the run's folder, name or id");
  addOptions(open, opening).action(async (wanted: string) => {
    const { json, researchDir, ...how } = readOptions(open, opening);
    await openResearch(openResearchRun(wanted, researchDir), how, new Output(json));
  });
  const watch = parent.command('watch').description('follow a run that another process works on').argument('<run>', "the run's folder, name or id");
  addOptions(watch, looks).action(async (wanted: string) => {
    const { json, researchDir } = readOptions(watch, looks);
    await watchResearch(openResearchRun(wanted, researchDir), new Output(json));
  });
  const log = parent.command('log').description('list the events of a run, with the numbers to fork at').argument('<run>', "the run's folder, name or id");
  const logging = z.strictObject({ conversation: z.boolean().default(false).describe("instead, a complete agent's run as a line of what r5 sft learns from"), ...folderOption, ...jsonOption });
  addOptions(log, logging).action((wanted: string) => {
    const { json, researchDir, conversation } = readOptions(log, logging);
    const output = new Output(json);
    const events = readJournal(journalPath(openResearchRun(wanted, researchDir)));
    if (conversation) return void process.stdout.write(`${JSON.stringify(runConversation(events))}\n`);
    for (const event of events) output.line(`${String(event.number).padStart(4)} ${event.time.slice(11, 19)} ${printable(logLine(event))}`);
    output.result({ events });
  });
}

const showEvent = (output: Output) => (event: Parameters<typeof eventLine>[0]): void => {
  const line = eventLine(event);
  if (line !== undefined) output.line(printable(line));
};
