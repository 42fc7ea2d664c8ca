/** The weights of "The Probabilistic Relevance Framework: BM25 and Beyond", S. Robertson and H. Zaragoza, 2009. */

/** How slowly a word's repetitions stop counting, and how much longer passages are marked down. Chosen as the title's weight was. */
const K1 = 2;
const B = 0.6;

/** What a word tells that stands in `count` of `total` passages. */
export const idf = (count: number, total: number): number => Math.log(1 + (Math.max(0, total - count) + 0.5) / (count + 0.5));

/** By what a passage's length slows its words down; lengths are weighted word counts. */
export const lengthNorm = (length: number, mean: number): number => K1 * (1 - B + (B * length) / mean);

/** How far a word's weight in a passage goes, from 0 to K1 + 1. */
export const saturate = (weight: number, norm: number): number => ((K1 + 1) * weight) / (weight + norm);
