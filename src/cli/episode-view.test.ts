import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { EpisodeEvent } from '../run/event.ts';
import { renderEpisode, type EpisodeView } from './episode-view.ts';
import { printSpans } from './ink.ts';
import { columnsOf, printable } from './printable.ts';

const episode: EpisodeEvent = {
  type: 'episode', time: '2026-11-26T09:00:00.000Z', step: 3, row: 17, rollout: 2, prompt: 'Say hello.', completion: 'Hello you', reward: 0.75, advantage: -0.25, verdict: 'wrong',
  rewardParts: { correct: 0, style: 0.5 }, rewardNotes: { style: 'short, but kind' }, audit: 0, tokens: 3, stopReason: 'stop', turns: 1, end: 'answered',
  segments: [
    { source: 'prompt', text: '<user>Say hello.</user>' },
    { source: 'model', text: 'Hello\nyou', tokenEnds: [5, 6, 9], logprobs: [Math.log(0.9), Math.log(0.3), Math.log(0.002)] },
  ],
  toolResults: [{ name: 'greet', arguments: { whom: 'you' }, result: 'greeted', seconds: 0.25 }, { name: 'greet', arguments: {}, result: 'whom?', error: 'bad-arguments', seconds: 0 }],
};
const plain: EpisodeView = { columns: 100, depth: 'none', by: 'logprob', full: false, scale: 0.25 };

const show = (change: Partial<EpisodeEvent> = {}, view: Partial<EpisodeView> = {}): string[] => {
  const chosen = { ...plain, ...view };
  return renderEpisode({ ...episode, ...change }, chosen).map((line) => printSpans(line, chosen.depth).trimEnd());
};

describe('an episode on a terminal', () => {
  test('without colours says everything in words', () => {
    const lines = show({ dropped: 'lost', dropReason: 'the judge did not answer' });
    expect(lines).toEqual([
      'step 3, row 17, rollout 2  lost  advantage -0.250  3 tokens in 1 turn  surprise 2.51',
      'parts   correct 0  style 0.500',
      'says    style: short, but kind',
      'audit   0',
      'dropped lost: it could not be finished or scored (the judge did not answer)',
      'rare    "you" at 0.0020  "\\n" at 0.30',
      'prompt    <user>Say hello.</user>',
      'model   ▌ Hello',
      '        ▌ you',
      'call    greet({"whom":"you"}) after 0.25 s',
      '        greeted',
      'call    greet({}) bad-arguments after 0.00 s',
      '        whom?',
    ]);
  });

  test('gives the reward and the verdict of one that was scored', () => {
    expect(show()[0]).toBe('step 3, row 17, rollout 2  wrong  reward 0.750  advantage -0.250  3 tokens in 1 turn  surprise 2.51');
  });

  test('shades each token by its probability, a line end as a sign', () => {
    const lines = show({}, { depth: 'rich' });
    expect(lines.find((line) => line.includes('Hello\x1b') || line.includes('Hello↵') || line.includes(' Hello'))).toContain('Hello\x1b[38;5;16;48;5;222m↵\x1b[0m');
    expect(lines.join('\n')).toContain('\x1b[38;5;16;48;5;203myou\x1b[0m');
  });

  test('or by advantage: the sign is the colour, nothing learned is dim', () => {
    const inkOf = (advantage: number, depth: 'rich' | 'basic'): string | undefined => show({ advantage }, { depth, by: 'advantage' }).join('\n').split('mHello')[0]?.split('\x1b[').at(-1);
    expect(inkOf(-0.25, 'rich')).toBe('38;5;196');
    expect(inkOf(0.25, 'rich')).toBe('38;5;40');
    expect(inkOf(0.05, 'rich')).toBe('38;5;71');
    expect(inkOf(0, 'rich')).toBe('2');
    expect(inkOf(0.25, 'basic')).toBe('32');
  });

  test.each([24, 40, 79])('fits %d columns, wide characters too', (columns) => {
    for (const line of show({ segments: [{ source: 'model', text: `${'long words and 漢字の列 '.repeat(12)}${'x'.repeat(200)}` }] }, { columns, full: true })) {
      expect([...line].reduce((width, character) => width + columnsOf(character), 0)).toBeLessThanOrEqual(columns);
    }
  });

  test('leaves out the middle of a long text, unless all of it is wanted', () => {
    const text = Array.from({ length: 60 }, (_, i) => `line ${i}`).join('\n');
    const short = show({ segments: [{ source: 'model', text }] });
    expect(short.filter((line) => line.includes('▌')).length).toBe(24);
    expect(short.join('\n')).toContain('lines left out; --full shows them');
    expect(show({ segments: [{ source: 'model', text }] }, { full: true }).filter((line) => line.includes('▌'))).toHaveLength(60);
  });

  test('shows the prompt and the completion where the log has no tokens', () => {
    const { segments: _, ...old } = episode;
    const lines = renderEpisode(old, plain).map((line) => printSpans(line, 'none').trimEnd());
    expect(lines).toContain('prompt    Say hello.');
    expect(lines).toContain('model   ▌ Hello you');
  });
});

test('a text of the model cannot steer the terminal', () => {
  const nasty = 'a\x1b[2J\x07\x9b31m\u202eb\tc\r\nd';
  expect(printable(nasty)).toBe('a␛[2J␇\ufffd31m\ufffdb    c\nd');
  const shown = show({ segments: [{ source: 'model', text: nasty, tokenEnds: [nasty.length], logprobs: [-9] }] }, { depth: 'rich' }).join('\n');
  expect(stripVTControlCharacters(shown)).not.toMatch(/(?!\n)\p{Cc}/u);
});
