/** Servers for tests: of a tiny model with random weights and a real chat template, and of one that says what it is told to. */
import { createConnection } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { familyTokenizer, scriptedEngine, writeFamily } from '../chat/chat-model.fixture.ts';
import { families, type FamilyName } from '../chat/templates.fixture.ts';
import { LocalEngine, type LocalEngineOptions } from '../engine/local/local-engine.ts';
import { clearParameters } from '../engine/local/tiny-engine.fixture.ts';
import { saveCheckpoint } from '../model/checkpoint.ts';
import { tinyConfig } from '../model/tiny-model.fixture.ts';
import { loadTokenizer } from '../model/tokenizer.ts';
import type { RunningServer } from './http-server.ts';
import { serve, type ServeOptions } from './serve.ts';
import { servedModel, type ServedModel } from './served-model.ts';

export const CONTEXT = 1024;

/** Writes a model directory: tokenizer and template of the family, weights that are random. */
export async function writeTinyChatModel(directory: string, family: FamilyName = 'hermes'): Promise<void> {
  await writeFamily(directory, families[family]);
  const { vocabularySize, endToken } = await loadTokenizer(directory);
  const config = tinyConfig('llama', { vocab_size: vocabularySize, head_dim: 8, max_position_embeddings: CONTEXT, eos_token_id: endToken });
  await saveCheckpoint(directory, config, clearParameters(config));
}

export interface TinyModel {
  model: ServedModel;
  engine: LocalEngine;
  directory: string;
}

/** Opens such a model for the tests of a file. Its fields are there once they run. */
export function tinyModelForFile(options: LocalEngineOptions & { family?: FamilyName } = {}): TinyModel {
  const opened = {} as TinyModel;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'r5-serve-'));
    await writeTinyChatModel(directory, options.family);
    const engine = await LocalEngine.open(directory, { frozen: true, threads: 1, ...options });
    const { tokenizer } = engine;
    if (!tokenizer) throw new Error('the model was written with a tokenizer');
    Object.assign(opened, { directory, engine, model: servedModel('tiny', { engine, tokenizer }) });
  });
  afterAll(async () => {
    await opened.engine.release();
    rmSync(opened.directory, { recursive: true, force: true });
  });
  return opened;
}

/** A model that says these texts one after the other; special tokens spelled in them are such. */
export async function scriptedServedModel(family: FamilyName, texts: readonly string[], contextLength = 4096): Promise<ServedModel> {
  const tokenizer = await familyTokenizer(family);
  return servedModel('scripted', { engine: scriptedEngine(tokenizer, texts, { contextLength }), tokenizer });
}

/** Closed when the test ends. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const server = await serve({ onDefect: (error) => console.error('defect', error), ...options });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return server;
}

/** OpenAI's own client. It repeats nothing, so that a test sees every failure. */
export const clientOf = ({ url }: Pick<RunningServer, 'url'>, apiKey = 'none'): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Posts JSON, or a body as it is. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** A number that the server counts; labels as they are written. */
export async function metric({ url }: Pick<RunningServer, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? NaN);
}

/** Sends bytes as they are, in pieces, and resolves with what comes back until the server closes the connection. */
export function rawRequest({ port }: Pick<RunningServer, 'port'>, pieces: readonly string[], pauseMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Both mean that the server has closed the connection while we still wrote.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pauseMs > 0) await new Promise((done) => setTimeout(done, pauseMs));
      }
    })();
  });
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 5000; waited += 10) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited 5 s in vain for: ${what}`);
}
