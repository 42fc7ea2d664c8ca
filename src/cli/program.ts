/** The command `r5` and its commands. A new one is a file in commands/ and a line in the list below. */
import { Command } from 'commander';
import { registerBench } from './commands/bench.ts';
import { registerEval } from './commands/eval.ts';
import { registerExport } from './commands/export.ts';
import { registerIndexDocuments } from './commands/index-documents.ts';
import { registerInspect } from './commands/inspect.ts';
import { registerMcp } from './commands/mcp.ts';
import { registerModel } from './commands/model.ts';
import { registerPlan } from './commands/plan.ts';
import { registerResearch } from './commands/research.ts';
import { registerResume } from './commands/resume.ts';
import { registerRuns } from './commands/runs.ts';
import { registerSample } from './commands/sample.ts';
import { registerServe } from './commands/serve.ts';
import { registerSft } from './commands/sft.ts';
import { registerStart } from './commands/start.ts';
import { registerTrainAgent } from './commands/train-agent.ts';
import { registerTrain } from './commands/train.ts';
import { registerValidate } from './commands/validate.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { packageVersion } from './package-version.ts';

const registrations: readonly ((program: Command) => void)[] = [
  registerStart, registerTrain, registerEval, registerSample, registerSft, registerValidate, registerResume, registerRuns, registerBench, registerModel, registerPlan, registerExport, registerServe, registerTrainAgent, registerInspect, registerIndexDocuments, registerResearch, registerMcp,
];

const examples = `Examples:
  r5 start                              the embedded model learns the embedded task
  r5 train countdown --steps 100        the same with your own settings
  r5 train ./my-task.ts --model ./model your task, your model
  r5 eval countdown --model r5-tiny     accuracy on held-out rows
  r5 runs                               what has been trained
  r5 research "..." --model <name>       a report whose every citation was checked (r5 research --help)`;

/** A fresh program; errors of usage throw CommanderError instead of ending the process. */
export function makeProgram(): Command {
  const program = new Command('r5')
    .description('Reinforcement learning for language models, on your own machine, for your own task.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    // What stands after a command's name is the command's, and that of a command within it.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', `\n${examples}\n\n${exitCodesHelp}`);
  for (const register of registrations) register(program);
  for (const command of program.commands) hintAt(command, `r5 ${command.name()}`);
  program.showHelpAfterError('(r5 --help lists the commands)');
  return program;
}

/** After an error of usage, a command and those within it say where their help is. */
function hintAt(command: Command, typed: string): void {
  command.showHelpAfterError(`(${typed} --help lists what it takes)`);
  for (const within of command.commands) hintAt(within, `${typed} ${within.name()}`);
}
