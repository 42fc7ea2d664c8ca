/**
 * Throughput of `r5 serve` against llama.cpp's own server, as clients see it: both serve the same model (shapes of Qwen2.5-0.5B, random weights;
 * llama.cpp reads the GGUF file that r5 exports), each in a process of its own, and one client asks both for the same streams: prompts of random
 * tokens, greedy, all of one length. In turns, best of the rounds. The time counts from the first request to the last token.
 * node bench/serve.ts --llama-server <path> [--tokenizer <folder with Qwen2's vocab.json and merges.txt>] [--layers 24] [--streams 16] [--prompt 64] [--tokens 64] [--rounds 3]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { Random } from '../src/random.ts';

const { values } = parseArgs({
  options: {
    'llama-server': { type: 'string', default: 'llama-server' }, tokenizer: { type: 'string', default: '../shared/data/qwen2-tokenizer' }, layers: { type: 'string', default: '24' },
    streams: { type: 'string', default: '16' }, prompt: { type: 'string', default: '64' }, tokens: { type: 'string', default: '64' }, rounds: { type: 'string', default: '3' },
  },
});
const [layers, streams, promptTokens, tokens, rounds] = [values.layers, values.streams, values.prompt, values.tokens, values.rounds].map(Number) as [number, number, number, number, number];
const context = promptTokens + tokens + 64;

interface Server {
  name: string;
  url: string;
  child: ChildProcess;
}

/** What a round gives: tokens a second, and the mean time to a stream's first token. */
interface Speed {
  tokensPerSecond: number;
  firstTokenSeconds: number;
  /** On a machine with other work the fairer figure: waiting for a processor does not count. Linux only. */
  tokensPerCpuSecond: number;
}

const chunk = z.object({
  choices: z.array(z.object({ text: z.string() })),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

/** One stream; its tokens and when the first came. */
async function stream(url: string, prompt: readonly number[]): Promise<{ tokens: number; firstMs: number }> {
  const body = JSON.stringify({ prompt, max_tokens: tokens, temperature: 0, stream: true, stream_options: { include_usage: true } });
  const response = await fetch(`${url}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (!response.ok || !response.body) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  let [rest, written, firstMs] = ['', 0, NaN];
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      if (Number.isNaN(firstMs)) firstMs = performance.now();
      written = chunk.parse(JSON.parse(line.slice('data: '.length))).usage?.completion_tokens ?? written;
    }
  }
  return { tokens: written, firstMs };
}

/** Processor time of a process so far. */
function cpuSeconds({ pid }: ChildProcess): number {
  if (process.platform !== 'linux') return NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const TICKS = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function round({ name, url, child }: Server, prompts: readonly (readonly number[])[]): Promise<Speed> {
  const start = performance.now();
  const cpuBefore = cpuSeconds(child);
  const done = await Promise.all(prompts.map((prompt) => stream(url, prompt)));
  const seconds = (performance.now() - start) / 1000;
  const short = done.filter((one) => one.tokens !== tokens).length;
  if (short > 0) throw new Error(`${name}: ${short} streams have not written ${tokens} tokens`);
  const first = done.reduce((total, { firstMs }) => total + firstMs - start, 0) / done.length / 1000;
  const written = done.length * tokens;
  return { tokensPerSecond: written / seconds, firstTokenSeconds: first, tokensPerCpuSecond: written / (cpuSeconds(child) - cpuBefore) };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function startServer(name: string, command: string, words: (port: string) => readonly string[]): Promise<Server> {
  const port = String(await freePort());
  const child = spawn(command, words(port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 1500; tries++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} has ended (${child.exitCode ?? child.signalCode}): ${said}`);
    const health = await fetch(`${url}/health`).catch(() => undefined);
    if (health?.ok) return { name, url, child };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill();
  throw new Error(`${name} does not answer: ${said}`);
}

/** Writes the model once for r5 (Hugging Face layout) and once for llama.cpp. */
async function writeModel(folder: string): Promise<{ directory: string; gguf: string }> {
  const config = parseModelConfig(
    {
      model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: layers, num_attention_heads: 14, num_key_value_heads: 2,
      vocab_size: 151936, max_position_embeddings: 1024, rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true, eos_token_id: 151643,
    },
    'the shapes',
  );
  const [directory, gguf] = [join(folder, 'model'), join(folder, 'model.gguf')];
  mkdirSync(directory);
  const made = LocalEngine.create(config, { frozen: true, weights: 'f16' });
  await made.exportModel(directory, { dtype: 'F16' });
  await made.release();
  for (const file of readdirSync(values.tokenizer)) if (/^(vocab|tokenizer.*)\.json$|^merges\.txt$/.test(file)) copyFileSync(join(values.tokenizer, file), join(directory, file));
  const engine = await LocalEngine.open(directory, { frozen: true, weights: 'f16' });
  await engine.exportGguf(gguf, { type: 'q8_0' });
  await engine.release();
  return { directory, gguf };
}

const shown = (speed: Speed): Record<string, number> => Object.fromEntries(Object.entries(speed).map(([name, value]) => [name, Number(Number(value).toFixed(2))]));

const folder = mkdtempSync(join(tmpdir(), 'r5-serve-bench-'));
const servers: Server[] = [];
try {
  const { directory, gguf } = await writeModel(folder);
  const threads = String(availableParallelism());
  const rows = String(streams);
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  servers.push(
    await startServer('r5', process.execPath, (port) => [main, 'serve', directory, '--port', port, '--weights', 'int8', '--rows', rows, '--context-length', String(context)]),
    await startServer('llama.cpp', values['llama-server'], (port) => ['-m', gguf, '--port', port, '-t', threads, '-np', rows, '-c', String(context * streams), '--no-webui']),
  );
  const random = new Random(1);
  const newPrompts = (): number[][] => Array.from({ length: streams }, () => Array.from({ length: promptTokens }, () => random.integer(0, 151000)));
  const best = new Map<string, Speed>();
  // The first round of each is not counted: it builds what later rounds have.
  for (let i = 0; i <= rounds; i++) {
    const prompts = newPrompts();
    for (const server of servers) {
      const speed = await round(server, prompts);
      if (i > 0 && speed.tokensPerSecond > (best.get(server.name)?.tokensPerSecond ?? 0)) best.set(server.name, speed);
    }
  }
  const [ours, theirs] = servers.map(({ name }) => best.get(name)) as [Speed, Speed];
  const [own, other] = [shown(ours), shown(theirs)];
  const ratio = Number((ours.tokensPerSecond / theirs.tokensPerSecond).toFixed(2));
  console.log(JSON.stringify({ layers, streams, promptTokens, tokens, r5: own, llamaCpp: other, ratio, cpuRatio: Number((ours.tokensPerCpuSecond / theirs.tokensPerCpuSecond).toFixed(2)) }));
} finally {
  for (const { child } of servers) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
