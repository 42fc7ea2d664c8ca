/** A task with a judge that is scripted: it likes digits, and ranks by length. */
import { MockLanguageModelV4 } from 'ai/test';
import { judge } from '../task/reward/judge.ts';
import { judgeModel } from '../task/reward/judge-model.ts';
import { ranking } from '../task/reward/ranking.ts';
import { groupRewards, rewards } from '../task/reward/rewards.ts';
import { defineTask } from '../task/task.ts';

const model = new MockLanguageModelV4({
  doGenerate: async ({ prompt }) => {
    const text = prompt.flatMap(({ role, content }) => (role === 'user' ? content.flatMap((part) => (part.type === 'text' ? part.text : [])) : [])).join('');
    const answers = [...text.matchAll(/<(answer-[0-9a-f]+)>\n([\s\S]*?)\n<\/\1>/g)].map(([, , answer]) => answer ?? '');
    const order = answers.map((_, i) => i + 1).toSorted((a, b) => (answers[b - 1]?.length ?? 0) - (answers[a - 1]?.length ?? 0));
    const digits = Math.min(10, (answers[0]?.match(/\d/g) ?? []).length);
    return {
      content: [{ type: 'text', text: JSON.stringify(answers.length > 1 ? { reason: 'by length', ranking: order } : { reason: `${digits} digits`, score: digits }) }],
      finishReason: { unified: 'stop', raw: undefined }, warnings: [],
      usage: { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } },
    };
  },
});
const referee = judgeModel(model);
const question = (row: number): string => `Make ${row} from 3 4 5.\n`;

export default defineTask<number>({
  name: 'judged',
  description: 'Write digits.',
  train: () => [12, 17, 23, 35],
  test: () => [60],
  prompt: question,
  maxTokens: 24,
  score: rewards({
    written: [(_row, { text }) => ({ reward: text.trim() === '' ? 0 : 1, verdict: text.trim() === '' ? 'unparsable' : 'correct' }), 1],
    digits: [judge(referee, { rubric: 'Many digits.', question }), 1],
  }),
  scoreGroup: groupRewards({ longest: [ranking(referee, { rubric: 'The longest.', question }), 2] }),
});
