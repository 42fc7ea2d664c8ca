import { expect, onTestFinished, test } from 'vitest';
import { research } from '../research/loop/research.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { honestBrain, startWorld, worldModel, worldPages, worldSource } from '../research/loop/scripted-world.fixture.ts';
import { testFolder } from '../run/test-folder.ts';
import { lineWidth, printLine } from './live-view.ts';
import { ResearchState } from './research-state.ts';
import { renderResearch } from './research-view.ts';

/** The events of a run in a world whose model is busy at first. */
async function eventsOfRun(): Promise<NumberedEvent[]> {
  const world = await startWorld({ brain: honestBrain, disturb: (path, count) => (path.startsWith('/search') && count === 2 ? { status: 429, headers: { 'retry-after-ms': '1200' } } : undefined) });
  onTestFinished(() => world.close());
  const events: NumberedEvent[] = [];
  await research({
    question: 'When did the bridge open, and how high is it? 橋はいつ開通しましたか',
    model: worldModel(world.url), sources: [worldSource(world.url)], readPage: worldPages, directory: testFolder(), firstRetryMs: 1, prices: { scripted: { input: 10, output: 10 } },
    onEvent: (event) => events.push(event),
  });
  return events.map((event) => JSON.parse(JSON.stringify(event).replaceAll(world.url, 'https://bridge.example')) as NumberedEvent);
}

test('the live view says what is searched, read and written, for which question, and what it costs', async () => {
  const events = await eventsOfRun();
  const at = (last: (event: NumberedEvent) => boolean, columns = 100): string[] => {
    const state = new ResearchState({ money: 0.05, seconds: 600 });
    const end = events.findIndex(last);
    for (const event of events.slice(0, end < 0 ? undefined : end + 1)) state.add(event);
    const lines = renderResearch(state, { nowMs: Date.parse(events[0]?.time ?? '') + 72_000, columns, stopping: false });
    expect(lines.every((line) => lineWidth(line) <= columns)).toBe(true);
    return lines.map((line) => printLine(line, false));
  };
  const isFact = (name: string) => (event: NumberedEvent): boolean => event.type === 'fact' && event.name === name;
  const question = 'When did the bridge open, and how high is it? 橋はいつ開通しましたか';
  expect(at(isFact('plan')).slice(0, 4)).toEqual([question, '  ○ When did the bridge open?', '  ○ How high is the bridge?', 'models    planner  $0.0012   1 call, 100 tokens read, 20 written  world.chat:scripted']);
  const noted = at((event) => isFact('notes')(event) && JSON.stringify(event).includes('"question":"q1"') && JSON.stringify(event).includes('"found":1'));
  expect(noted[1]).toBe(`  ● When did the bridge open?${' '.repeat(64)}1 quote`);
  expect(at((event) => event.type === 'started' && event.kind === 'fetch').join('\n')).toMatch(/^(?:now)? +fetch https:\/\/bridge\.example\/\w+$/m);
  expect(at((event) => event.type === 'started' && event.kind === 'search')).toContain('now       search world: bridge opening date');
  expect(at((event) => event.type === 'retrying').join('\n')).toMatch(/^now {7}(?:search world|.*waiting 1 s)/m);
  expect(at(isFact('writing')).at(-1)).toBe('writing from 2 quotes; Ctrl-C stops, and the run can be gone on with');
  expect(at(isFact('writing'), 40)[1]).toBe('  ✓ When did the bridge open?    1 quote');
  const end = at(() => false);
  expect(end.slice(-3)).toEqual([expect.stringMatching(/^cost {6}\$0\.\d{4} of \$0\.05 {2}1,\d{3} tokens, \d+ steps$/), expect.stringMatching(/^time {6}\d+ s of 10 min 0 s$/), 'complete']);
  expect(end.slice(1, 3).every((line) => line.startsWith('  ✓ '))).toBe(true);
});

test('a journal gone on with by another process: what that one had begun is not going on any more, and its time counts', () => {
  const state = new ResearchState();
  const effect = { kind: 'search', key: 'k', occurrence: 0 };
  const events: NumberedEvent[] = [
    { type: 'run', time: '2026-01-01T00:00:00.000Z', number: 1, format: 1, id: 'abc', question: 'Why?', settings: {} },
    { type: 'opened', time: '2026-01-01T00:00:00.000Z', number: 2, settings: {} },
    { type: 'started', time: '2026-01-01T00:00:30.000Z', number: 3, ...effect, input: { source: 'world', query: 'why' } },
    { type: 'opened', time: '2026-01-02T00:00:00.000Z', number: 4, settings: {} },
  ];
  for (const event of events) state.add(event);
  expect(state.active.size).toBe(0);
  expect(state.secondsAt(Date.parse('2026-01-02T00:00:12.000Z'))).toBe(42);
});
