/** Options of the commands that do research. */
import { z } from 'zod';
import { depthNames } from '../research/loop/depth.ts';
import { loopNames } from '../research/loop/run-settings.ts';
import { unsupportedPolicies } from '../research/loop/research-context.ts';
import { SOURCE_NAMES } from '../research/sources/open-sources.ts';
import { embeddingOptions } from './open-embedder.ts';

const count = z.number().int().positive();

export const folderOption = { researchDir: z.string().min(1).default('research').describe('folder of the research runs') };

/** What may be other when a run goes on. */
export const changeable = {
  sources: z.array(z.string().min(1)).optional().describe(`where to search: ${SOURCE_NAMES.join(', ')}, a folder, or mcp:<server>; several with commas between (default: those that need no key, or whose key is there)`),
  ...embeddingOptions,
  allowHost: z.array(z.string().min(1)).optional().describe('host of a private network whose pages may be read, such as wiki.home:8080; may be given several times (default: none)'),
  budget: z.number().positive().optional().describe('most money, in US dollars'),
  budgetTokens: count.optional().describe('most tokens of models'),
  budgetSteps: count.optional().describe('most calls of models, searches and pages'),
  minutes: z.number().positive().optional().describe('most minutes of work'),
  writerModel: z.string().min(1).optional().describe('model that writes, where it is another one'),
  readerModel: z.string().min(1).optional().describe('model that reads pages'),
  plannerModel: z.string().min(1).optional().describe('model that plans'),
  fallbackModel: z.array(z.string().min(1)).optional().describe('model to turn to when another gives nothing of use; may be given several times'),
  entailmentModel: z.string().min(1).optional().describe('model that gives a second opinion on each verified sentence, told apart'),
  unsupported: z.enum(unsupportedPolicies).optional().describe('what becomes of a sentence that fails its check twice (default: cut)'),
  prices: z.string().min(1).optional().describe('file with prices by model (default: ~/.config/r5/prices.json)'),
};

/** How a run is made, from its beginning. */
export const manner = {
  model: z.string().min(1).optional().describe('openai:..., anthropic:..., an address such as http://localhost:11434/v1#qwen3:4b, or a model of r5; r5-tiny-research comes along and knows only the encyclopaedia'),
  documents: z.array(z.string().min(1)).optional().describe('folder of documents to search, as --sources <folder>'),
  depth: z.enum(depthNames).default('normal').describe('how far to go'),
  loop: z.enum(loopNames).optional().describe('plan: questions, notes, sections; agent: one model with tools (default: plan, but agent for a model of r5 that was trained for research)'),
  parallel: z.number().int().min(1).max(16).default(1).describe("agents that share the plan's questions"),
  pageCharacters: z.number().int().min(500).default(12_000).describe('most characters of a page that a model sees at once'),
};
