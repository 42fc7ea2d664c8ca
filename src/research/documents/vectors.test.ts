import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { SourceError } from '../source-error.ts';
import { serveLoopback } from '../web/loopback.fixture.ts';
import { type Embedder, endpointEmbedder, transformersEmbedder } from './embeddings.ts';
import { indexFolder } from './index-folder.ts';
import { localSource } from './local-source.ts';

test('documents are found by meaning as well, by the vectors of a server; only new passages are sent to it', async () => {
  let sent = 0;
  // A server to which cats and felines mean the same.
  const server = await serveLoopback((request, response) => {
    void (async () => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => void (body += part));
      await once(request, 'end');
      const { input }: { input: string[] } = JSON.parse(body);
      sent += input.length;
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [/cat|feline/i.test(text) ? 3 : 0, /dog/i.test(text) ? 2 : 0, 0.1] })).reverse();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data, model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } }));
    })();
  });
  const folder = mkdtempSync(join(tmpdir(), 'r5-vectors-'));
  try {
    writeFileSync(join(folder, 'cats.txt'), 'Cats sleep a lot.');
    writeFileSync(join(folder, 'dogs.txt'), 'Dogs bark.');
    const embedder = endpointEmbedder({ url: `${server.origin}/v1`, model: 'm' });
    const { embedded, index } = await indexFolder(folder, { embedder });
    expect(embedded).toBe(2);
    expect((await indexFolder(folder, { embedder })).embedded).toBe(0);
    expect(sent).toBe(2);
    const options = { signal: AbortSignal.timeout(10_000) };
    expect((await localSource({ name: 'd', index }).search({ query: 'felines' }, options)).hits).toEqual([]);
    const { hits } = await localSource({ name: 'd', index, embedder }).search({ query: 'felines' }, options);
    expect(hits[0]).toMatchObject({ title: 'cats.txt' });
    const other = endpointEmbedder({ url: `${server.origin}/v1`, model: 'other' });
    await expect(localSource({ name: 'd', index, embedder: other }).search({ query: 'felines' }, options)).rejects.toThrow('The index holds vectors of m, not of other');
    // A source that fails so is one of several; any other error would end a run.
    await expect(localSource({ name: 'd', index, embedder: other }).search({ query: 'felines' }, options)).rejects.toBeInstanceOf(SourceError);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  }
});

test('a model that gives other vectors than were asked for is an error, and none of them is kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'r5-vectors-'));
  try {
    writeFileSync(join(folder, 'cats.txt'), 'Cats sleep a lot.');
    writeFileSync(join(folder, 'dogs.txt'), 'Dogs bark.');
    const giving = (vectors: number, dimensions: number): Embedder => ({ model: 'm', embed: async () => Array.from({ length: vectors }, () => new Float32Array(dimensions).fill(1)) });
    await expect(indexFolder(folder, { embedder: giving(1, 3) })).rejects.toThrow('The embedding model m gave 1 vectors for 2 texts');
    const { embedded, index } = await indexFolder(folder, { embedder: giving(2, 3) });
    expect(embedded).toBe(2);
    const ask = (embedder: Embedder): Promise<unknown> => localSource({ name: 'd', index, embedder }).search({ query: 'felines' }, { signal: AbortSignal.timeout(10_000) });
    await expect(ask(giving(0, 3))).rejects.toThrow('The embedding model m gave 0 vectors for 1 texts');
    await expect(ask(giving(1, 4))).rejects.toThrow('m gives vectors of 4 numbers, and the index holds some of 3');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a model that runs here asks for its library by name', async () => {
  await expect(transformersEmbedder('intfloat/e5-small')).rejects.toThrow(R5Error);
  await expect(transformersEmbedder('intfloat/e5-small')).rejects.toThrow('npm install @huggingface/transformers');
});
