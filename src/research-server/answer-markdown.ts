import { reportMarkdown } from '../research/loop/report-markdown.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';

/** A result as clients get it: the report with its sources, or the account of what was tried. */
export const answerMarkdown = (result: ResearchResult): string => reportMarkdown(result);
