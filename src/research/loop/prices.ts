/** What models cost, from a file that the user can edit. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { describeProblem } from '../../run/json.ts';
import { fileError } from '../../run/file-error.ts';
import type { ResearchModel } from './research-model.ts';

const priceSchema = z.strictObject({
  /** US dollars a million tokens. */
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
});
export type Price = z.infer<typeof priceSchema>;

const priceFile = z.record(z.string(), priceSchema);

/** Prices by model: its name, which may have a date or another mark of a version after it, or with `*` at the end all that begin so. */
export type Prices = Readonly<Record<string, Price>>;

/**
 * List prices without discounts, of November 2026 where the model is still sold: Anthropic's from platform.claude.com/docs (overviews of the models), OpenAI's
 * as its pricing page and several price lists of others agree on them. Models whose price depends on the length of the prompt, or that lists disagree
 * on, are left out. Providers change prices; the file is there to put them right.
 */
const builtIn: Prices = {
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
  'gpt-4.1': { input: 2, output: 8 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4 },
  'gpt-5': { input: 1.25, output: 10 },
  'gpt-5-mini': { input: 0.25, output: 2 },
  'gpt-5-nano': { input: 0.05, output: 0.4 },
  'gpt-5.1': { input: 1.25, output: 10 },
  'gpt-5.2': { input: 1.75, output: 14 },
  'gpt-5.4': { input: 2.5, output: 15 },
  'gpt-5.4-mini': { input: 0.75, output: 4.5 },
  'gpt-5.5': { input: 5, output: 30 },
  o3: { input: 2, output: 8 },
  'o4-mini': { input: 1.1, output: 4.4 },
  'claude-3-5-haiku': { input: 0.8, output: 4 },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'claude-sonnet-4': { input: 3, output: 15 },
  'claude-sonnet-4-5': { input: 3, output: 15 },
  'claude-sonnet-4-6': { input: 3, output: 15 },
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-opus-4': { input: 15, output: 75 },
  'claude-opus-4-1': { input: 15, output: 75 },
  'claude-opus-4-5': { input: 5, output: 25 },
  'claude-opus-4-6': { input: 5, output: 25 },
  'claude-opus-4-7': { input: 5, output: 25 },
  'claude-opus-4-8': { input: 5, output: 25 },
  'claude-opus-5': { input: 5, output: 25 },
  'claude-opus-5-5': { input: 4, output: 20 },
  'claude-fable-5-1': { input: 10, output: 50 },
};

export const userPricesPath = (): string => join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'r5', 'prices.json');

/** Built-in prices, with those of the file over them. Throws R5Error for a file that is named and missing, or damaged. */
export function readPrices(path?: string): Prices {
  const file = path ?? userPricesPath();
  if (path === undefined && !existsSync(file)) return builtIn;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new R5Error(`${file} is not JSON: ${cause.message}. ${EXAMPLE}`, { cause });
    throw fileError(cause, `read the prices ${file}`);
  }
  const parsed = priceFile.safeParse(value);
  if (!parsed.success) throw new R5Error(`${file}: ${describeProblem(parsed.error)}. ${EXAMPLE}`);
  return { ...builtIn, ...parsed.data };
}

const EXAMPLE = 'It holds US dollars a million tokens by model, such as {"gpt-4o": {"input": 2.5, "output": 10}}.';

/** What may follow a model's name without making it another model: a date, a numbered snapshot, `latest`, what OpenRouter and Ollama put after a colon. */
const VERSION = /^(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4}|\d{3}|latest|preview|0)|:[\w.-]+)$/;

/** Undefined where no price is known. Models on this machine cost nothing unless the file says otherwise. */
export function priceOf({ name, model, local }: ResearchModel, prices: Prices): Price | undefined {
  const names = [name, model.modelId, model.modelId.slice(model.modelId.lastIndexOf('/') + 1)].map((one) => one.toLowerCase());
  const fits = (written: string): boolean => {
    const key = written.toLowerCase();
    if (key.endsWith('*')) return names.some((one) => one.startsWith(key.slice(0, -1)));
    return names.some((one) => one === key || (one.startsWith(key) && VERSION.test(one.slice(key.length))));
  };
  const best = Object.keys(prices).filter(fits).toSorted((a, b) => b.length - a.length)[0];
  // A model that runs here may have the name of one that is sold.
  if (best !== undefined && !(local && prices[best] === builtIn[best])) return prices[best];
  return local ? { input: 0, output: 0 } : undefined;
}

export const costOf = (price: Price, tokens: { input: number; output: number }): number => (price.input * tokens.input + price.output * tokens.output) / 1e6;
