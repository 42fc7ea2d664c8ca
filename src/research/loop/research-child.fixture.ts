/**
 * A research run in a process of its own, which kills itself after some events. Arguments: folder of the run or '', folder of the runs, the world's
 * address, the number of events (0: never).
 */
import { worldModel, worldPages, worldSource } from './scripted-world.fixture.ts';
import { readJournal } from './journal-file.ts';
import { createResearchRun, journalPath, readResearchRun } from './run-folder.ts';
import { resumeResearch } from './research.ts';
import { citesSomething } from './cites-something.fixture.ts';

const [directory = '', parent = '', url = '', events = '0'] = process.argv.slice(2);
const run = directory === '' ? createResearchRun(parent, 'When did the bridge open, and how high is it?', { depth: 'quick' }) : readResearchRun(directory);
process.stdout.write(`${run.directory}\n`);
const before = readJournal(journalPath(run)).length;
const result = await resumeResearch(run, {
  model: worldModel(url),
  sources: [worldSource(url)],
  readPage: worldPages,
  check: citesSomething,
  firstRetryMs: 1,
  onEvent: ({ number }) => {
    if (events !== '0' && number >= before + Number(events)) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`${result.outcome}\n`);
