import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCheckpoint, type Parameter, saveCheckpoint } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';
import { elementCount, parameterSpecs } from './parameters.ts';
import { openSafetensors, type TensorToWrite, writeSafetensors } from './safetensors.ts';
import { randomParameters, tinyConfig } from './tiny-model.fixture.ts';
import { transposeInto } from './transpose.ts';

const stories = new URL('../../../shared/data/stories260k', import.meta.url).pathname;

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'r5-checkpoint-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function load(from: string): Promise<Parameter[]> {
  const loaded: Parameter[] = [];
  await (await openCheckpoint(from)).loadParameters((name, shape) => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    loaded.push({ name, shape, data });
    return data;
  });
  return loaded;
}

function sameBits(a: Float32Array | undefined, b: Float32Array): boolean {
  return a !== undefined && Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

/** The tensors of a model as they stand in a file, zeros. */
function zeroTensors(config: ModelConfig): TensorToWrite[] {
  return parameterSpecs(config).map((spec) => ({ name: spec.name, shape: spec.shape, data: new Float32Array(elementCount(spec)) }));
}

async function writeModel(config: ModelConfig, tensors: readonly TensorToWrite[]): Promise<void> {
  await writeFile(join(directory, 'config.json'), JSON.stringify(config.raw));
  await writeSafetensors(join(directory, 'model.safetensors'), tensors);
}

test('transposing in blocks is transposing', () => {
  for (const [rows, columns] of [[1, 1], [3, 70], [64, 32], [33, 65]] as const) {
    const source = Float32Array.from({ length: rows * columns }, (_, i) => i);
    const target = new Float32Array(rows * columns);
    transposeInto(source, rows, columns, target);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) expect(target[column * rows + row]).toBe(row * columns + column);
    }
  }
  expect(() => transposeInto(new Float32Array(6), 2, 3, new Float32Array(5))).toThrow('transposing [2, 3] from 6 into 5');
});

describe.each(['llama', 'qwen2', 'qwen3'] as const)('a %s model', (family) => {
  test.each([true, false])('saved and loaded is the same, bit for bit (tied embeddings: %s)', async (tied) => {
    const config = tinyConfig(family, { tie_word_embeddings: tied, attention_bias: true, mlp_bias: true });
    const parameters = randomParameters(config, 3);
    await saveCheckpoint(directory, config, parameters.toReversed());
    expect(await load(directory)).toEqual(parameters);
    const { raw: _, ...reread } = (await openCheckpoint(directory)).config;
    const { raw: __, ...written } = config;
    expect(reread).toEqual(written);
  });
});

test('in the file a linear layer is [out, in], and the metadata say that it is a PyTorch layout', async () => {
  const config = tinyConfig('llama');
  const parameters = randomParameters(config, 4);
  await saveCheckpoint(directory, config, parameters);
  const file = await openSafetensors(join(directory, 'model.safetensors'));
  const name = 'model.layers.1.mlp.down_proj.weight';
  const internal = parameters.find((parameter) => parameter.name === name);
  expect(internal?.shape).toEqual([20, 12]);
  expect(file.tensors.get(name)?.shape).toEqual([12, 20]);
  const stored = await file.read(name);
  for (let output = 0; output < 12; output++) {
    for (let input = 0; input < 20; input++) expect(stored[output * 20 + input]).toBe(internal?.data[input * 12 + output]);
  }
  expect(file.metadata).toEqual({ format: 'pt' });
  await file.close();
});

test.each(['F16', 'BF16'] as const)('saved in %s, values are rounded once and the config says so', async (dtype) => {
  const config = tinyConfig('qwen3');
  await saveCheckpoint(directory, config, randomParameters(config, 5), { dtype });
  const once = await load(directory);
  await saveCheckpoint(directory, config, once, { dtype });
  expect(await load(directory)).toEqual(once);
  expect(JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'))).toMatchObject({
    torch_dtype: dtype === 'F16' ? 'float16' : 'bfloat16',
  });
});

describe('sharded weights', () => {
  const config = tinyConfig('qwen2');
  const tensors = zeroTensors(config);
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
  const halfOf = (shard: number): TensorToWrite[] => tensors.filter((_, i) => i % 2 === shard);
  const weightMap = Object.fromEntries(tensors.map(({ name }, i) => [name, shards[i % 2]]));

  async function writeShards(map: Record<string, unknown> = weightMap): Promise<void> {
    await writeFile(join(directory, 'config.json'), JSON.stringify(config.raw));
    for (const shard of [0, 1] as const) await writeSafetensors(join(directory, shards[shard]), halfOf(shard));
    await writeFile(join(directory, 'model.safetensors.index.json'), JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
  }

  test('are read through the index', async () => {
    await writeShards();
    expect(await load(directory)).toHaveLength(tensors.length);
  });

  test('a missing shard is named', async () => {
    await writeShards();
    await rm(join(directory, shards[1]));
    await expect(openCheckpoint(directory)).rejects.toThrow(`${join(directory, shards[1])} is missing: `);
  });

  test('a tensor that is not in the shard that the index says is named', async () => {
    await writeShards({ ...weightMap, 'model.norm.weight': weightMap['model.norm.weight'] === shards[0] ? shards[1] : shards[0] });
    await expect(openCheckpoint(directory)).rejects.toThrow('does not hold the tensor model.norm.weight');
  });

  test('the same tensor in two shards is refused', async () => {
    await writeShards();
    await writeSafetensors(join(directory, shards[1]), tensors);
    await expect(openCheckpoint(directory)).rejects.toThrow('both hold the tensor');
  });

  test('a shard outside the folder is refused', async () => {
    await writeShards({ ...weightMap, 'model.norm.weight': '../model.safetensors' });
    await expect(openCheckpoint(directory)).rejects.toThrow('must be a plain name in the same folder');
  });
});

describe('weights that are not the model of config.json are refused by name:', () => {
  const config = tinyConfig('qwen3');
  const zeros = (): TensorToWrite[] => zeroTensors(config);
  const queryName = 'model.layers.1.self_attn.q_proj.weight';

  test('a missing tensor', async () => {
    await writeModel(config, zeros().filter(({ name }) => name !== queryName));
    await expect(openCheckpoint(directory)).rejects.toThrow(`the weights lack the tensor ${queryName}, which a qwen3 model`);
  });

  test('a missing output projection, with what config.json would have to say', async () => {
    await writeModel(config, zeros().filter(({ name }) => name !== 'lm_head.weight'));
    await expect(openCheckpoint(directory)).rejects.toThrow('lm_head.weight, which a qwen3 model of this config.json has. If the output');
  });

  test('a tensor of another shape, with both shapes', async () => {
    await writeModel(config, zeros().map((tensor) => (tensor.name === queryName ? { ...tensor, shape: [12, 24] } : tensor)));
    await expect(openCheckpoint(directory)).rejects.toThrow(`tensor ${queryName} has shape [12, 24]; by config.json it must be [24, 12]`);
  });

  test('a surplus tensor', async () => {
    await writeModel(config, [...zeros(), { name: 'model.layers.0.mlp.gate_proj.bias', shape: [20], data: new Float32Array(20) }]);
    await expect(openCheckpoint(directory)).rejects.toThrow('the weights hold the tensor model.layers.0.mlp.gate_proj.bias, which');
  });

  test('but stored rotary frequencies and the copy of a tied embedding are harmless', async () => {
    const tied = tinyConfig('qwen3', { tie_word_embeddings: true });
    await writeModel(tied, [
      ...zeros(),
      { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', shape: [2], data: new Float32Array(2) },
      { name: 'model.rotary_emb.inv_freq', shape: [2], data: new Float32Array(2) },
    ]);
    expect((await load(directory)).map(({ name }) => name)).not.toContain('lm_head.weight');
  });
});

test('missing files are named', async () => {
  await expect(openCheckpoint(directory)).rejects.toThrow(`${join(directory, 'config.json')} is missing`);
  await writeFile(join(directory, 'config.json'), JSON.stringify(tinyConfig('llama').raw));
  await expect(openCheckpoint(directory)).rejects.toThrow(`${join(directory, 'model.safetensors')} is missing, and so is`);
  await writeFile(join(directory, 'pytorch_model.bin'), '');
  await expect(openCheckpoint(directory)).rejects.toThrow('There is pytorch_model.bin, which r5 does not read');
});

test('an array that does not fit its parameter is a defect of the caller', async () => {
  const config = tinyConfig('llama');
  await saveCheckpoint(directory, config, randomParameters(config, 1));
  const checkpoint = await openCheckpoint(directory);
  await expect(checkpoint.loadParameters(() => new Float32Array(1))).rejects.toThrow('the array given for it 1');
});

describe('saving refuses', () => {
  const config = tinyConfig('llama');
  const parameters = randomParameters(config, 1);
  const [first] = parameters;

  test('missing, repeated, unknown and misshapen parameters', async () => {
    const save = (list: Parameter[]): Promise<void> => saveCheckpoint(directory, config, list);
    await expect(save(parameters.slice(1))).rejects.toThrow('the parameter model.embed_tokens.weight is missing');
    await expect(save([...parameters, ...(first ? [first] : [])])).rejects.toThrow('model.embed_tokens.weight is given twice');
    const unknown = { name: 'x', shape: [1], data: new Float32Array(1) };
    await expect(save([...parameters, unknown])).rejects.toThrow('it has no parameters named x');
    await expect(save(parameters.map((parameter) => ({ ...parameter, shape: parameter.shape.toReversed() })))).rejects.toThrow(
      'model.embed_tokens.weight is given as [12, 37] with 444 elements; it must be [37, 12]',
    );
  });

  test('a tokenizer source without tokenizer.json', async () => {
    const source = join(directory, 'nowhere');
    await expect(saveCheckpoint(join(directory, 'out'), config, parameters, { copyFrom: source })).rejects.toThrow(
      `Cannot copy ${join(source, 'tokenizer.json')}: there is no such file or folder.`,
    );
  });
});

describe.skipIf(!existsSync(stories))('stories260k, a model made by others (skipped where shared/data/stories260k is absent)', () => {
  test('has 260,032 parameters, and saved again it keeps every bit', async () => {
    const checkpoint = await openCheckpoint(stories);
    const parameters = await load(stories);
    expect(parameters.reduce((sum, { data }) => sum + data.length, 0)).toBe(260_032);
    await saveCheckpoint(directory, checkpoint.config, parameters, { copyFrom: stories });
    const again = await load(directory);
    for (const [i, { name, data }] of parameters.entries()) expect(sameBits(again[i]?.data, data), name).toBe(true);
    expect(await readFile(join(directory, 'tokenizer.json'))).toEqual(await readFile(join(stories, 'tokenizer.json')));
    const original = await openSafetensors(join(stories, 'model.safetensors'));
    const saved = await openSafetensors(join(directory, 'model.safetensors'));
    for (const name of saved.tensors.keys()) expect(sameBits(await saved.read(name), await original.read(name)), name).toBe(true);
    await Promise.all([original.close(), saved.close()]);
  });

  test('a copy that is cut off is refused', async () => {
    await cp(stories, directory, { recursive: true });
    const weights = join(directory, 'model.safetensors');
    const bytes = await readFile(weights);
    await rm(weights);
    await writeFile(weights, bytes.subarray(0, -100));
    await expect(openCheckpoint(directory)).rejects.toThrow(/tensor \S+ ends at byte \d+, the file has \d+/);
  });
});
