/** One call of a tool by a model. Whatever goes wrong becomes a result that the model reads and can act on; nothing is thrown. */
import { messageOf } from './rows.ts';
import type { ToolResultRecord } from './episode.ts';
import type { Tool } from './tool.ts';

export interface RequestedCall {
  name: string;
  /** Already parsed, or the JSON as the model wrote it. */
  arguments: unknown;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Runs one call. `signal` ends it early, as the tool's own time limit does: the call counts as timed out. */
export async function callTool(tools: readonly Tool[], call: RequestedCall, signal?: AbortSignal): Promise<ToolResultRecord> {
  const start = performance.now();
  const outcome = await outcomeOf(tools, call, signal);
  return { name: call.name, arguments: call.arguments, ...outcome, seconds: (performance.now() - start) / 1000 };
}

type Outcome = Pick<ToolResultRecord, 'result' | 'error'>;

async function outcomeOf(tools: readonly Tool[], call: RequestedCall, signal: AbortSignal | undefined): Promise<Outcome> {
  const tool = tools.find(({ name }) => name === call.name);
  if (!tool) {
    const names = tools.map(({ name }) => name).join(', ');
    return failed('unknown-tool', `there is no tool "${call.name}"${names === '' ? '' : `; there is: ${names}`}`);
  }
  const parsed = parseArguments(call.arguments);
  if ('problem' in parsed) return failed('bad-arguments', parsed.problem);
  try {
    const checked = await tool.parameters['~standard'].validate(parsed.value);
    if (checked.issues) return failed('bad-arguments', checked.issues.map(describeIssue).join('; '));
    return await runWithin(tool, checked.value, signal);
  } catch (error) {
    return failed('threw', messageOf(error));
  }
}

function failed(error: NonNullable<ToolResultRecord['error']>, message: string): Outcome {
  return { result: `Error: ${message}`, error };
}

function parseArguments(given: unknown): { value: unknown } | { problem: string } {
  if (typeof given !== 'string') return { value: given };
  try {
    return { value: JSON.parse(given) };
  } catch (error) {
    return { problem: `the arguments are not JSON (${messageOf(error)})` };
  }
}

function describeIssue({ message, path = [] }: { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }): string {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return place === '' ? message : `${place}: ${message}`;
}

/** Whether or not the tool heeds the signal, the wait for it ends in time. */
async function runWithin(tool: Tool, args: unknown, outer: AbortSignal | undefined): Promise<Outcome> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = tool;
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error(`no result within ${timeoutMs / 1000} s`)), timeoutMs);
  const endEarly = (): void => ended.abort(new Error('the time of the episode is over'));
  if (outer?.aborted) endEarly();
  outer?.addEventListener('abort', endEarly);
  const { signal } = ended;
  const over = new Promise<Outcome>((resolve) => {
    const report = (): void => resolve(failed('timeout', messageOf(signal.reason)));
    if (signal.aborted) report();
    signal.addEventListener('abort', report);
  });
  try {
    return await Promise.race([over, outputOf(tool, args, signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', endEarly);
  }
}

/** Never rejects, so that a tool which fails after its time is over disturbs nobody. */
async function outputOf(tool: Tool, args: unknown, signal: AbortSignal): Promise<Outcome> {
  try {
    return { result: asText(await tool.run(args, { signal })) };
  } catch (error) {
    return failed('threw', messageOf(error));
  }
}

function asText(output: unknown): string {
  // JSON has no word for undefined.
  return typeof output === 'string' ? output : (JSON.stringify(output) ?? '');
}
