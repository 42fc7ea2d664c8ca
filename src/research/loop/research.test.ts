import { readFileSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../run/test-folder.ts';
import { citesSomething } from './cites-something.fixture.ts';
import type { NumberedEvent } from './journal-event.ts';
import { readJournal } from './journal-file.ts';
import { replayResearch, research, resumeResearch, type NewResearch } from './research.ts';
import { forkResearchRun, journalPath, planPath, readResearchRun, steeringPath } from './run-folder.ts';
import { formOf, honestBrain, startWorld, worldModel, worldPages, worldSource, type World, type WorldOptions } from './scripted-world.fixture.ts';

async function world(options: Partial<WorldOptions> = {}): Promise<World> {
  const started = await startWorld({ brain: honestBrain, ...options });
  onTestFinished(() => started.close());
  return started;
}

const askIn = ({ url }: World, options: Partial<NewResearch> = {}): NewResearch => ({
  question: 'When did the bridge open, and how high is it?',
  model: worldModel(url),
  sources: [worldSource(url)],
  readPage: worldPages,
  check: citesSomething,
  directory: testFolder(),
  firstRetryMs: 1,
  ...options,
});

const facts = (events: readonly NumberedEvent[], name: string) => events.flatMap((event) => (event.type === 'fact' && event.name === name ? [event.data] : []));

test('a question in, a report out whose sentences cite evidence; replay needs nothing and comes to the same', async () => {
  const here = await world();
  const result = await research(askIn(here));
  expect(result.outcome).toBe('complete');
  expect(result.evidence.map(({ id, quote }) => [id, quote])).toEqual([
    ['e1', 'The Sydney Harbour Bridge opened on 19 March 1932.'],
    ['e2', 'The top of the arch of the Sydney Harbour Bridge is 134 metres above sea level.'],
  ]);
  expect(result.report?.sections.map(({ sentences }) => sentences)).toEqual([
    [{ text: 'The Sydney Harbour Bridge opened on 19 March 1932.', evidence: ['e1'] }],
    [{ text: 'The top of the arch of the Sydney Harbour Bridge is 134 metres above sea level.', evidence: ['e2'] }],
  ]);
  expect(result.counts).toEqual({ sentences: 4, cited: 4, verified: 4, repaired: 0, removed: 0, marked: 0 });
  expect(result.cost.tokens).toBe(here.prompts.length * 120);
  expect(here.paths.filter((path) => path === '/bridge')).toHaveLength(1);
  await here.close();
  const run = readResearchRun(result.directory);
  const before = readFileSync(journalPath(run));
  expect(await replayResearch(run, { check: citesSomething })).toEqual(result);
  expect(readFileSync(journalPath(run))).toEqual(before);
  const markdown = readFileSync(join(result.directory, 'report.md'), 'utf8');
  expect(markdown).toContain('# The bridge\n\nQuestion: When did the bridge open, and how high is it?\n\nComplete\n\nThe Sydney Harbour Bridge opened on 19 March 1932 [1].');
  expect(markdown).toContain('4 sentences, 4 cited, 4 verified, 0 removed. Verified means');
  expect(readFileSync(join(result.directory, 'report.html'), 'utf8')).toContain('<mark>The Sydney Harbour Bridge opened on 19 March 1932.</mark>');
  expect(JSON.parse(readFileSync(join(result.directory, 'report.json'), 'utf8'))).toMatchObject({ precision: result.counts, createdAt: result.finishedAt, sources: [{ number: 1 }, { number: 2 }] });
  expect(readFileSync(join(result.directory, 'report.bib'), 'utf8').match(/^@/gm)).toHaveLength(2);
});

test('several agents share the questions and number their evidence together', async () => {
  const result = await research(askIn(await world(), { parallel: 2 }));
  expect(result.outcome).toBe('complete');
  expect(result.evidence.map(({ id }) => id)).toEqual(['e1', 'e2']);
  expect(result.report?.sections).toHaveLength(2);
});

test('a server that is busy is waited for, as long as it says, and the journal tells', async () => {
  const here = await world({ disturb: (path, count) => (path === '/v1/chat/completions' && count < 3 ? { status: 429, headers: { 'retry-after-ms': '20' } } : undefined) });
  const result = await research(askIn(here));
  expect(result.outcome).toBe('complete');
  const retries = readJournal(journalPath(result)).filter((event) => event.type === 'retrying');
  expect(retries.map((event) => event.type === 'retrying' && [event.failure.kind, event.waitMs >= 20])).toEqual([['rate-limited', true], ['rate-limited', true]]);
});

test('no source answers: blocked, and no report', async () => {
  const result = await research(askIn(await world({ disturb: (path) => (path.startsWith('/search') ? { status: 503 } : undefined) })));
  expect(result).toMatchObject({ outcome: 'blocked', evidence: [] });
  expect(result.report).toBeUndefined();
  expect(result.tried.failures.every(({ kind }) => kind === 'unavailable')).toBe(true);
  expect(readFileSync(join(result.directory, 'report.md'), 'utf8')).toMatch(/^# No report/);
});

test('pages that say nothing about it: no evidence, and no report', async () => {
  const result = await research(askIn(await world({ pages: { '/x': 'Bananas are yellow. They are sweet.' } })));
  expect(result.outcome).toBe('no-evidence');
  expect(result.report).toBeUndefined();
  expect(result.reasons[0]).toMatch(/pages were read, and none held anything/);
});

test('a question that stays open makes it partial, with its name', async () => {
  const result = await research(askIn(await world({ pages: { '/bridge': 'The Sydney Harbour Bridge opened on 19 March 1932.' } })));
  expect(result.outcome).toBe('partial');
  expect(result.reasons).toContain('Not covered by evidence: How high is the bridge?');
});

test('a model that cannot be reached: blocked; resumed with one that can, it goes on', async () => {
  let down = true;
  const here = await world({ disturb: (path) => (down && path.startsWith('/v1') ? { status: 401 } : undefined) });
  const options = askIn(here);
  const result = await research(options);
  expect(result).toMatchObject({ outcome: 'blocked' });
  expect(result.reasons[0]).toMatch(/API key/);
  down = false;
  expect((await resumeResearch(readResearchRun(result.directory), options)).outcome).toBe('complete');
});

test('a budget is never gone over, and what was found is still written; with more of it the run goes on', async () => {
  const here = await world();
  const prices = { scripted: { input: 10, output: 10 } };
  const options = askIn(here, { prices, budget: { money: 0.05 }, pageCharacters: 2000 });
  const result = await research(options);
  expect(result.outcome).toBe('over-budget');
  expect(result.cost.money).toBeLessThanOrEqual(0.05);
  expect(result.reasons[0]).toMatch(/budget of \$0.05/);
  const paid = here.prompts.length;
  const more = await resumeResearch(readResearchRun(result.directory), { ...options, budget: { money: 5 } });
  expect(more.outcome).toBe('complete');
  expect(more.cost.tokens).toBe(here.prompts.length * 120);
  expect(paid).toBeLessThan(here.prompts.length);
  await expect(research({ ...options, prices: {}, model: { ...worldModel(here.url), local: false } })).rejects.toThrow(/price/);
});

test('the plan may be edited, and a word be left, while it runs', async () => {
  const here = await world();
  let edited = false;
  const result = await research(
    askIn(here, {
      onEvent: (event) => {
        if (edited || event.type !== 'fact' || event.name !== 'plan') return;
        edited = true;
        const path = planPath({ directory: directoryOf(here) });
        writeFileSync(path, readFileSync(path, 'utf8').replace(/.*q2.*\n/, '- [ ] What colour is the bridge?\n'));
        appendFileSync(steeringPath({ directory: directoryOf(here) }), 'Only official sources.\n');
      },
      approvePlan: async (_plan, path) => {
        folders.set(here, join(path, '..'));
      },
    }),
  );
  expect(result.plan.filter(({ status }) => status !== 'dropped').map(({ question, from }) => [question, from])).toEqual([['When did the bridge open?', 'planner'], ['What colour is the bridge?', 'user']]);
  expect(here.prompts.some(({ user }) => user.includes('The user also said: Only official sources.'))).toBe(true);
  expect(here.prompts.findLast(({ user }) => formOf(user) === 'sentences')?.user).toContain('The user also said: Only official sources.');
  expect(facts(readJournal(journalPath(result)), 'steering')).toHaveLength(1);
});

test('a line under the plan is an edit like any other', async () => {
  const here = await world();
  const added = 'What colour is the bridge?';
  const result = await research(askIn(here, { approvePlan: async (_plan, path) => appendFileSync(path, `- ${added}\n`) }));
  expect(result.plan.map(({ question }) => question)).toContain(added);
});
const folders = new Map<World, string>();
const directoryOf = (here: World): string => folders.get(here) ?? '';

test('queries are not repeated, and a run without progress ends', async () => {
  const stubborn = await world({ pages: { '/x': 'Nothing to see.' }, brain: (prompt) => (formOf(prompt.user) === 'gaps' ? JSON.stringify({ covered: false, queries: ['the bridge, opening: date', 'bridge height'] }) : honestBrain(prompt)) });
  const result = await research(askIn(stubborn));
  expect(result.tried.queries).toEqual(['bridge opening date', 'bridge history', 'bridge height']);
  expect(facts(readJournal(journalPath(result)), 'query-repeated').length).toBeGreaterThan(0);
});

test('quotes that are not in the page are no evidence, however often they are claimed', async () => {
  const liar = await world({ brain: (prompt) => (formOf(prompt.user) === 'notes' ? JSON.stringify({ notes: [{ quote: 'The bridge opened in 1899.', note: '' }], answers: 'fully' }) : formOf(prompt.user) === 'quotes' ? JSON.stringify({ quotes: ['It is 12 km high.'] }) : honestBrain(prompt)) });
  const result = await research(askIn(liar));
  expect(result.outcome).toBe('no-evidence');
  expect(facts(readJournal(journalPath(result)), 'quote-refused').length).toBeGreaterThan(1);
});

test('a sentence that does not hold is repaired once, then left out', async () => {
  const sloppy = await world({
    brain: (prompt) => {
      const form = formOf(prompt.user);
      if (form === 'sentences') return JSON.stringify({ title: 't', sentences: [{ text: 'The bridge opened in 1933.', evidence: ['e1'] }, { text: 'It is grey.', evidence: ['e99'] }] });
      if (form === 'repair') return JSON.stringify({ sentences: [{ number: 1, text: 'The Sydney Harbour Bridge opened on 19 March 1932.', evidence: ['e1'] }, { number: 2, text: 'It is blue.', evidence: ['e1'] }] });
      return honestBrain(prompt);
    },
  });
  const result = await research(askIn(sloppy));
  expect(result.report?.sections[0]?.sentences).toEqual([{ text: 'The Sydney Harbour Bridge opened on 19 March 1932.', evidence: ['e1'] }]);
  expect(result.counts.removed).toBeGreaterThan(0);
  expect(result.removed.map(({ text }) => text)).toContain('It is grey.');
});

test('where the user wants it so, such a sentence stays and is marked in every rendering', async () => {
  const sloppy = await world({
    brain: (prompt) => {
      const form = formOf(prompt.user);
      const sentences = [{ number: 1, text: 'The Sydney Harbour Bridge opened on 19 March 1932.', evidence: ['e1'] }, { number: 2, text: 'It is grey.', evidence: ['e1', 'e99'] }];
      return form === 'sentences' ? JSON.stringify({ title: 'It opened in 1901', sentences }) : form === 'repair' ? JSON.stringify({ sentences: [] }) : honestBrain(prompt);
    },
  });
  const result = await research(askIn(sloppy, { unsupported: 'mark', question: 'Wann wurde die Brücke eröffnet, und wie hoch ist sie?' }));
  expect(result.report?.sections[0]?.sentences).toMatchObject([{ evidence: ['e1'] }, { text: 'It is grey.', evidence: ['e1'], problems: ['it cites evidence that is not there'] }]);
  expect(result.counts).toEqual({ sentences: 6, cited: 6, verified: 3, repaired: 0, removed: 0, marked: 3 });
  // What does not hold is no finding that the answer could rest on.
  const answered = sloppy.prompts.filter(({ user }) => user.includes('findings that were checked') && formOf(user) === 'sentences');
  expect(answered).toHaveLength(1);
  expect(answered[0]?.user).not.toContain('It is grey.');
  const read = (name: string): string => readFileSync(join(result.directory, name), 'utf8');
  // In the language of the question; a title with a year that nothing says is not shown.
  expect(read('report.md')).toMatch(/^# Wann wurde die Brücke[^\n]*\n\nVollständig\n\nThe Sydney[^\n]* It is grey \[1\]\. \(nicht belegt\)/);
  expect(read('report.md')).toContain('6 Sätze, 6 mit Beleg, 3 geprüft, 0 entfernt, 3 als nicht belegt gekennzeichnet');
  expect(read('report.html')).toMatch(/It is grey.*<span class="unsupported">nicht belegt<\/span>/);
  expect(JSON.parse(read('report.json'))).toMatchObject({ language: 'de', precision: { marked: 3 }, markdown: expect.stringContaining('It is grey [e1]. [unsupported]') });
  expect(await replayResearch(readResearchRun(result.directory), { check: citesSomething })).toEqual(result);
});

test('another model gives a second opinion, which is told apart and changes nothing', async () => {
  const here = await world();
  const judge = await world({ brain: ({ user }) => (user.includes('Sentence: The top') ? 'They do not say which arch: NOT_STATED' : '<think>SUPPORTED or CONTRADICTED?</think> SUPPORTED') });
  const alone = await research(askIn(here));
  const result = await research(askIn(here, { entailment: worldModel(judge.url, 'judge') }));
  expect(result.counts).toEqual(alone.counts);
  expect(result.entailment).toEqual({ model: 'world.chat:judge', sentences: 2, supported: 1, contradicted: 0, notStated: 1, unreadable: 0 });
  expect(result.report?.answer.map(({ entailment }) => entailment)).toEqual(['supported', 'not-stated']);
  expect(judge.prompts).toHaveLength(2);
  expect(result.cost.models.map(({ role }) => role)).toContain('judge');
  const markdown = readFileSync(join(result.directory, 'report.md'), 'utf8');
  expect(markdown).toContain('4 verified, 0 removed, 1 of 2 judged supported by world.chat:judge.');
  expect(markdown).toMatch(/Not judged supported:\n\n- The top of the arch/);
  expect(await replayResearch(readResearchRun(result.directory), { check: citesSomething })).toEqual(result);

  const dead = await world({ disturb: () => ({ status: 401 }) });
  const without = await research(askIn(here, { entailment: worldModel(dead.url, 'judge') }));
  expect(without).toMatchObject({ outcome: 'complete', counts: alone.counts, entailment: { sentences: 0, failure: expect.stringContaining('API key') } });
  expect(without.reasons.join()).toMatch(/Not all sentences were judged/);
});

test('a page that does not answer may lead on, within its own site and without a query', async () => {
  const here = await world({ pages: { '/height': 'The top of the arch of the Sydney Harbour Bridge is 134 metres above sea level.', '/secret': 'x', '/other': 'Nothing here.' } });
  const links = [
    `[How high the bridge is](${here.url}/height)`, `![bridge](${here.url}/pixel)`, `[the bridge, high](${here.url}/secret?is=out)`, '[the high bridge](https://elsewhere.example/bridge)', `[the bridge](${here.url.replace('//', '//user@')}/high)`, `[imprint](${here.url}/other)`, '[high bridge](file:///etc/passwd)',
  ];
  const read: string[] = [];
  const result = await research(askIn(here, {
    question: 'How high is the bridge?',
    model: worldModel(here.url),
    sources: [{ name: 'one page', search: async () => ({ hits: [{ url: `${here.url}/contents`, title: 'Contents', snippet: '', source: 'one page', origin: 'web' as const }] }) }],
    readPage: async (hit, options) => {
      read.push(hit.url.slice(here.url.length));
      if (!hit.url.endsWith('/contents')) return worldPages(hit, options);
      const contents = { text: 'Contents. The bridge and its height.', markdown: links.join('\n'), title: 'Contents', passages: [] };
      return { ...contents, url: hit.url, finalUrl: hit.url, retrievedAt: '2026-01-01T00:00:00.000Z', contentHash: '0', mediaType: 'text/html', origin: 'web' };
    },
  }));
  expect(result.evidence.map(({ quote }) => quote)).toEqual(['The top of the arch of the Sydney Harbour Bridge is 134 metres above sea level.']);
  expect(read).toEqual(['/contents', '/height']);
  await here.close();
  expect(await replayResearch(readResearchRun(result.directory), { check: citesSomething })).toEqual(result);
});

test('a weak model is told what was wrong, asked for less, and then another is asked', async () => {
  const weak = await world({ brain: ({ user }) => (formOf(user) === 'plan' ? 'I would rather not.' : 'Hmm.') });
  const strong = await world();
  const result = await research(askIn(strong, { model: worldModel(weak.url, 'weak'), fallbacks: [worldModel(strong.url, 'strong')] }));
  expect(result.outcome).toBe('complete');
  expect(weak.prompts.slice(0, 4).map(({ user }) => [formOf(user), user.includes('could not be used')])).toEqual([['plan', false], ['plan', true], ['other', true], ['other', true]]);
  expect(result.cost.models.map(({ model }) => model)).toEqual(expect.arrayContaining(['world.chat:strong', 'world.chat:weak']));
  expect(facts(readJournal(journalPath(result)), 'unusable-answer').length).toBeGreaterThan(0);
});

test('a fork keeps what was done before its event and nothing after it', async () => {
  const here = await world();
  const options = askIn(here);
  const result = await research(options);
  const events = readJournal(journalPath(result));
  const writing = events.find((event) => event.type === 'fact' && event.name === 'writing')?.number ?? 0;
  const before = here.prompts.length;
  const written = here.prompts.filter(({ user }) => formOf(user) === 'sentences').length;
  const fork = forkResearchRun(readResearchRun(result.directory), writing);
  rmSync(result.directory, { recursive: true });
  const other = await resumeResearch(fork, options);
  expect(other.report).toEqual(result.report);
  expect(here.prompts.length - before).toBe(written);
});

test('a fork has heard what was said before its event, hears what is said to it, and nothing that its original heard later', async () => {
  const here = await world();
  const options = askIn(here, { approvePlan: async (_plan, path) => appendFileSync(steeringPath({ directory: join(path, '..') }), 'Only official sources, please.\n') });
  const result = await research(options);
  appendFileSync(steeringPath(result), 'Only old ones.\n');
  const writing = readJournal(journalPath(result)).find((event) => event.type === 'fact' && event.name === 'round')?.number ?? 0;
  const fork = forkResearchRun(readResearchRun(result.directory), writing);
  const before = here.prompts.length;
  const other = await resumeResearch(fork, {
    ...options,
    onEvent: (event) => {
      if (event.type === 'opened') appendFileSync(steeringPath(fork), 'Only new ones.\n');
    },
  });
  expect(other.outcome).toBe('complete');
  const said = here.prompts.slice(before).map(({ user }) => user).join();
  expect([said.includes('Only official sources, please.'), said.includes('Only new ones.'), said.includes('Only old ones.')]).toEqual([true, true, false]);
});

test('a run whose model broke off in the middle of its writing replays to the same end', async () => {
  let isWriting = false;
  const chunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices: [{ index: 0, delta: { role: 'assistant', content: '{"title": "The' }, finish_reason: null }] };
  const body = [chunk, { error: { message: 'out of memory' } }].map((part) => `data: ${JSON.stringify(part)}\n\n`).join('');
  const here = await world({ disturb: (path) => (isWriting && path.startsWith('/v1') ? { status: 200, headers: { 'content-type': 'text/event-stream' }, body } : undefined) });
  const onEvent = (event: NumberedEvent): void => {
    if (event.type === 'fact' && event.name === 'writing') isWriting = true;
  };
  const result = await research(askIn(here, { onEvent }));
  expect(result.reasons[0]).toContain('out of memory');
  expect(result.report?.sections).toHaveLength(2);
  expect(await replayResearch(readResearchRun(result.directory), { check: citesSomething })).toEqual(result);
});

test('a page that two searches give by two addresses is one page, whichever came first', async () => {
  const here = await world();
  const hit = (url: string) => ({ url, title: 'Bridge', snippet: '', source: 'slow', origin: 'web' as const });
  const slow: NewResearch['sources'][number] = {
    name: 'slow',
    search: async ({ query }) => {
      if (query.includes('height')) return { hits: [hit(`${here.url}/bridge`)] };
      await sleep(100);
      return { hits: [hit(`${here.url}/bridge?utm_source=here`)] };
    },
  };
  const result = await research(askIn(here, { sources: [slow], depth: 'quick' }));
  expect(here.paths.filter((path) => path.startsWith('/bridge'))).toEqual(['/bridge']);
  // A replay waits for nothing, so the other question comes first.
  expect(await replayResearch(readResearchRun(result.directory), { check: citesSomething })).toEqual(result);
});
