/** The evidence check as a reward: do the sentences hold, is the question answered by those that do, and is it said shortly. */
import { normalizeAnswer } from '../../task/reward/squad-normalization.ts';
import { rewards } from '../../task/reward/rewards.ts';
import type { Answer, Task } from '../../task/task.ts';
import { answerSentences } from '../agent/answer-sentences.ts';
import { verifySentences, type CitedSentence } from '../loop/sentence-check.ts';
import type { ResearchRow } from './research-row.ts';
import { shownEvidence } from './shown-evidence.ts';

/** Words that a sentence may have for each fact; whoever copies the source whole needs more. */
const WORDS_OF_FACT = 11;

interface CheckedAnswer {
  sentences: CitedSentence[];
  /** Of these, the ones that code has verified. */
  verified: CitedSentence[];
  problems: string[];
}

/**
 * Components: `verified`, the share of sentences that the verifier of reports accepts; `covered`, the share of the row's facts that a verified
 * sentence says; `brief`, less than 1 for more words than the facts need. `correct` is an answer that is wholly verified and covers everything.
 */
export function evidenceReward(): Task<ResearchRow>['score'] {
  const known = new WeakMap<Answer, CheckedAnswer>();
  const checked = (row: ResearchRow, answer: Answer): CheckedAnswer => {
    const found = known.get(answer) ?? check(row, answer);
    known.set(answer, found);
    return found;
  };
  return rewards<ResearchRow>({
    verified: [
      (row, answer) => {
        const { sentences, verified, problems } = checked(row, answer);
        if (answer.stopReason === 'length' || sentences.length === 0) return { reward: 0, verdict: 'unparsable' };
        const share = verified.length / sentences.length;
        return { reward: share, verdict: share === 1 ? 'correct' : 'wrong', ...(problems.length === 0 ? {} : { note: problems.join(' ') }) };
      },
      0.3,
    ],
    covered: [
      (row, answer) => {
        const share = coveredShare(row, checked(row, answer).verified);
        return { reward: share, verdict: share === 1 ? 'correct' : 'wrong' };
      },
      0.6,
    ],
    brief: [
      (row, answer) => {
        const { sentences, verified } = checked(row, answer);
        const words = sentences.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
        const needed = WORDS_OF_FACT * row.facts.length;
        // To say nothing of use shortly is worth nothing.
        const reward = coveredShare(row, verified) * Math.min(1, needed / Math.max(1, words));
        return { reward, verdict: words > needed ? 'wrong' : 'correct' };
      },
      0.1,
    ],
  });
}

function check({ question }: ResearchRow, { text, episode }: Answer): CheckedAnswer {
  const sentences = answerSentences(text);
  const evidence = shownEvidence(episode ?? { toolResults: [] });
  const problems = verifySentences(sentences, { evidence, question });
  return { sentences, verified: sentences.filter((_, index) => problems[index]?.length === 0), problems: problems.flat() };
}

/** A fact is covered where its words stand together in one verified sentence. */
function coveredShare({ facts }: ResearchRow, verified: readonly CitedSentence[]): number {
  const said = verified.map(({ text }) => ` ${normalizeAnswer(text)} `);
  const covered = facts.filter((words) => said.some((text) => words.every((word) => text.includes(` ${normalizeAnswer(word)} `))));
  return facts.length === 0 ? 0 : covered.length / facts.length;
}
