/** Whether a sentence and its spans have anything to do with each other. */
import { blanked } from './blanked.ts';
import { idList, type CitedSpan } from './cited-span.ts';
import { folded } from './language.ts';
import type { Reason } from './verify-sentence.ts';

export interface Relation {
  hits: ReadonlyMap<string, number>;
  strong: number;
  sameLanguage: boolean;
  blank: readonly { start: number; end: number }[];
}

const STOP_WORDS = new Set('about above after again also among because been before being between both came could does doing down during each even from further have having here into itself just like made make many more most much must only other over same should some such than that their them then there these they this those through under until upon very were what when where which while will with within without would your aber auch alle beim dass dem den der des die diese dieser durch eine einem einen einer eines haben ihre oder sein seine sich sind über unter wird wurde wurden dans avec cette comme elle leur mais plus pour sans sont sous tout être para como esta este pero sobre entre desde hasta della delle dalla nella sono anche come dalle degli questo pela pelo seus suas foram mais voor door naar heeft werd werden deze zijn niet'.split(' '));

const stems = (text: string): Set<string> => new Set([...text.matchAll(/\p{L}[\p{L}\p{M}]{3,}/gu)].map(([word]) => folded(word)).filter((word) => !STOP_WORDS.has(word)).map((word) => word.slice(0, 5)));

/** A cited span that has nothing to do with the sentence, or a sentence that its spans do not touch. */
export function unrelatedSpans(text: string, spans: readonly CitedSpan[], { hits, strong, sameLanguage, blank }: Relation): Reason[] {
  const claimed = stems(blanked(text, blank));
  const shared = (span: CitedSpan): number => {
    const held = stems(`${span.quote} ${span.title}`);
    return [...claimed].filter((stem) => held.has(stem)).length;
  };
  const idle = spans.filter((span) => (hits.get(span.id) ?? 0) === 0 && (!sameLanguage || shared(span) < Math.max(1, Math.ceil(claimed.size / 5))));
  const [first] = idle;
  if (first !== undefined) return [{ code: 'unrelated', found: first.id, message: `${first.id} holds no number, name or quotation of the sentence and hardly a word of it.` }];
  if (strong >= 1 || !sameLanguage) return [];
  const held = stems(spans.map(({ quote, title }) => `${quote} ${title}`).join(' '));
  const inSpan = stems(spans.map(({ quote }) => quote).join(' '));
  const words = [...claimed];
  const overlap = words.filter((word) => held.has(word)).length;
  const lower = [...stems(blanked(text, blank).replace(/\p{Lu}[\p{L}\p{M}]*/gu, ' '))];
  const lowerShared = lower.filter((word) => inSpan.has(word)).length;
  if (overlap >= Math.ceil(words.length / 4) && (lower.length === 0 || lowerShared >= 1 || overlap >= Math.max(3, words.length * 0.6))) return [];
  return [{ code: 'unrelated', found: spans.map(({ id }) => id).join(', '), message: `The sentence shares no number, date or quotation and too few words with ${idList(spans)} to be checked. Stay nearer to the words of the source.` }];
}
