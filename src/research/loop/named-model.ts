/** Models by the names that are typed: `openai:...`, `anthropic:...`, or the address of any server that speaks OpenAI's language. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { R5Error } from '../../error.ts';
import { closestName } from '../../near-names.ts';
import { researchModel, type LanguageModelObject, type ResearchModel } from './research-model.ts';

/** Packages of the AI SDK that are taken when they are installed, and what of them makes a model of a name. */
const providers: Readonly<Record<string, { package: string; factory: string }>> = {
  openai: { package: '@ai-sdk/openai', factory: 'openai' },
  anthropic: { package: '@ai-sdk/anthropic', factory: 'anthropic' },
  google: { package: '@ai-sdk/google', factory: 'google' },
  mistral: { package: '@ai-sdk/mistral', factory: 'mistral' },
  groq: { package: '@ai-sdk/groq', factory: 'groq' },
  openrouter: { package: '@openrouter/ai-sdk-provider', factory: 'openrouter' },
};

/** Models of r5, as whoever may use the engine gives them. */
export interface LocalModels {
  /** Opens a model by its name. */
  open: (name: string) => LanguageModelObject;
  /** Whether it was trained for the agent of research. */
  isAgent: (name: string) => Promise<boolean>;
}

/**
 * `openai:gpt-4o-mini`; `http://localhost:11434/v1#qwen3:4b`; anything else is a model of r5. Throws R5Error saying what to install or to type.
 */
export async function namedModel(typed: string, local: LocalModels): Promise<ResearchModel> {
  if (/^https?:\/\//i.test(typed)) return serverModel(typed);
  const [, name = '', model = ''] = /^([a-z][a-z0-9-]*):(?!\\)(.+)$/i.exec(typed) ?? [];
  if (name === '') return researchModel(local.open(typed), { name: typed, local: true, isAgent: await local.isAgent(typed) });
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  const near = closestName(name, Object.keys(providers));
  if (provider === undefined) throw new R5Error(`There is no provider '${name}' (${typed}). ${near === undefined ? '' : `Did you mean ${near}? `}Known are ${Object.keys(providers).join(', ')}, an address such as http://localhost:11434/v1#model, and models of r5.`);
  return researchModel(await providerModel(provider, model), { name: typed, local: false });
}

function serverModel(typed: string): ResearchModel {
  const url = URL.parse(typed);
  const model = decodeURIComponent(url?.hash.slice(1) ?? '');
  if (url === null) throw new R5Error(`'${typed}' is no address.`);
  if (model === '') throw new R5Error(`Which model of ${typed}? Name it after a #, as in http://localhost:11434/v1#qwen3:4b.`);
  url.hash = '';
  const baseURL = url.href.replace(/\/+$/, '');
  const isHere = /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[::1\])/.test(url.hostname);
  // A key of OpenAI's is nobody else's business.
  const key = process.env.R5_RESEARCH_API_KEY ?? (url.hostname === 'api.openai.com' ? process.env.OPENAI_API_KEY : undefined);
  const provider = createOpenAICompatible({ name: url.host, baseURL, includeUsage: true, supportsStructuredOutputs: true, ...(key === undefined ? {} : { apiKey: key }) });
  return researchModel(provider.chatModel(model), { name: `${url.host}#${model}`, local: isHere });
}

async function providerModel(provider: { package: string; factory: string }, model: string): Promise<LanguageModelObject> {
  const loaded = await loadPackage(provider.package);
  const factory = typeof loaded === 'object' && loaded !== null && provider.factory in loaded ? (loaded as Record<string, unknown>)[provider.factory] : undefined;
  const made: unknown = typeof factory === 'function' ? factory(model) : undefined;
  if (!isLanguageModel(made)) throw new R5Error(`The package ${provider.package} gives no model by that name. Its version may be one that r5 does not know; the newest one is: npm install ${provider.package}@latest`);
  return made;
}

/** The package beside r5, or the one of the folder that one works in, where r5 itself lies elsewhere, as with `npx`. */
async function loadPackage(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    if (!isMissing(error, name)) throw new R5Error(`The package ${name} cannot be loaded (${error instanceof Error ? error.message : String(error)}).`, { cause: error });
  }
  let path: string;
  try {
    path = createRequire(join(process.cwd(), 'package.json')).resolve(name);
  } catch (cause) {
    throw new R5Error(`The models of this provider come with the package ${name}, which is not installed. Install it: npm install ${name}`, { cause });
  }
  return import(pathToFileURL(path).href);
}

/** Whether it is this package that was not found, and not one that it needs itself. */
const isMissing = (error: unknown, name: string): boolean => error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);

const isLanguageModel = (value: unknown): value is LanguageModelObject => typeof value === 'object' && value !== null && 'doStream' in value && typeof value.doStream === 'function';
