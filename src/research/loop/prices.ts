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

/** Prices by model, or by the start of its name; the longest start that fits counts. */
export type Prices = Readonly<Record<string, Price>>;

/** List prices of late 2025. Providers change them; the file is there to put them right. */
const builtIn: Prices = {
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
  'gpt-4.1': { input: 2, output: 8 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4 },
  'gpt-5': { input: 1.25, output: 10 },
  'gpt-5-mini': { input: 0.25, output: 2 },
  'gpt-5-nano': { input: 0.05, output: 0.4 },
  o3: { input: 2, output: 8 },
  'o4-mini': { input: 1.1, output: 4.4 },
  'claude-3-5-haiku': { input: 0.8, output: 4 },
  'claude-haiku-4': { input: 1, output: 5 },
  'claude-sonnet-4': { input: 3, output: 15 },
  'claude-opus-4': { input: 15, output: 75 },
  'claude-opus-4-5': { input: 5, output: 25 },
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

/** Undefined where no price is known. Models on this machine cost nothing unless the file says otherwise. */
export function priceOf({ name, model, local }: ResearchModel, prices: Prices): Price | undefined {
  const names = [name, model.modelId, model.modelId.slice(model.modelId.lastIndexOf('/') + 1)];
  const fitting = Object.keys(prices).filter((key) => names.some((one) => one === key || one.startsWith(key)));
  const best = fitting.toSorted((a, b) => b.length - a.length)[0];
  if (best !== undefined) return prices[best];
  return local ? { input: 0, output: 0 } : undefined;
}

export const costOf = (price: Price, tokens: { input: number; output: number }): number => (price.input * tokens.input + price.output * tokens.output) / 1e6;
