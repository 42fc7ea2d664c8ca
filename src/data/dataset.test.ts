/** Rows from files, folders and a hub on loopback. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HubServer } from '../hub/hub-server.fixture.ts';
import { loadDataset } from './dataset.ts';

const root = mkdtempSync(join(tmpdir(), 'r5-data-'));
let hub: HubServer;
beforeAll(async () => {
  hub = await HubServer.start();
});
afterAll(async () => {
  await hub.stop();
  rmSync(root, { recursive: true });
});
beforeEach(() => hub.reset());

function write(path: string, content: string | Uint8Array): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

/** A parquet file with the columns question and answer. */
const parquet = (...questions: string[]): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'question', data: questions, type: 'STRING' },
        { name: 'answer', data: questions.map((_, i) => i), type: 'INT32' },
      ],
    }),
  );

describe('a file', () => {
  const rows = [{ a: 1, b: 'x' }, { a: 2, b: 'ü\u2028\n' }];
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');

  test('of JSON Lines, with separators of Unicode inside its strings, empty lines, a byte order mark, or gzipped', async () => {
    expect(await loadDataset(write('a.jsonl', `${lines}\n`))).toEqual(rows);
    expect(await loadDataset(write('b.jsonl', `\uFEFF${lines.replace('\n', '\r\n\r\n')}`))).toEqual(rows);
    expect(await loadDataset(write('c.jsonl.gz', gzipSync(lines)))).toEqual(rows);
  });

  test('of JSON: an array, an object with data, or lines', async () => {
    expect(await loadDataset(write('a.json', JSON.stringify(rows, null, 2)))).toEqual(rows);
    expect(await loadDataset(write('b.json', JSON.stringify({ version: 1, data: rows })))).toEqual(rows);
    expect(await loadDataset(write('c.json', lines))).toEqual(rows);
  });

  test('of comma- or tab-separated values, whose values are text', async () => {
    const wanted = [{ question: 'a, "b"\nc', answer: '1' }, { question: '', answer: '2' }];
    expect(await loadDataset(write('a.csv', '\uFEFFquestion,answer\r\n"a, ""b""\nc",1\r\n\r\n,2\r\n'))).toEqual(wanted);
    expect(await loadDataset(write('a.tsv', 'question\tanswer\nx\t1\n'))).toEqual([{ question: 'x', answer: '1' }]);
  });

  test('of parquet, whose values become plain JSON values', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'text', data: ['ä', null], type: 'STRING' },
        { name: 'small', data: [7n, null], type: 'INT64' },
        { name: 'big', data: [2n ** 60n, -1n], type: 'INT64' },
        { name: 'share', data: [0.5, Number.NaN], type: 'DOUBLE' },
        { name: 'when', data: [new Date('2024-02-03T04:05:06Z'), null], type: 'TIMESTAMP' },
        { name: 'choices', data: [{ text: ['x', 'y'], label: [1, 2] }, { text: [], label: [] }], type: 'JSON' },
      ],
    });
    const read = await loadDataset(write('a.parquet', new Uint8Array(bytes)));
    expect(read).toEqual([
      { text: 'ä', small: 7, big: '1152921504606846976', share: 0.5, when: '2024-02-03T04:05:06.000Z', choices: { text: ['x', 'y'], label: [1, 2] } },
      { text: null, small: null, big: -1, share: null, when: null, choices: { text: [], label: [] } },
    ]);
    expect(JSON.parse(JSON.stringify(read))).toEqual(read);
  });

  test('that is damaged is refused by its name and line', async () => {
    const refused = (path: string, content: string | Uint8Array, message: RegExp): Promise<void> =>
      expect(loadDataset(write(path, content))).rejects.toThrow(message);
    await refused('bad.jsonl', '{"a": 1}\n{"a": \n', /bad\.jsonl, line 2, is not valid JSON/);
    await refused('list.jsonl', '{"a": 1}\n\n[1]\n', /list\.jsonl, line 3, is an array, but each row must be a JSON object/);
    await refused('bad.json', '[{"a": 1}, 2]', /bad\.json, row 2, is a number/);
    await refused('keys.json', '{"rows": []}', /must hold an array of rows.*It is an object with 'rows'/);
    await refused('cut.json', '[{"a": 1}', /cut\.json is not valid JSON/);
    await refused('bad.csv', 'a,b\n1,2\n3\n', /bad\.csv is not a table that can be read: .*line 3/);
    await refused('quote.csv', 'a,b\n"1,2\n', /quote\.csv is not a table/);
    await refused('twice.csv', 'a,b,a\n1,2,3\n', /twice\.csv, line 1, names the column 'a' twice/);
    await refused('bad.parquet', 'PAR1 and no more PAR1', /bad\.parquet is not a parquet file that can be read/);
    await refused('latin.jsonl', Uint8Array.of(0x22, 0xe4, 0x22), /latin\.jsonl is not UTF-8/);
    await refused('cut.jsonl.gz', gzipSync(lines).subarray(0, 20), /cut\.jsonl\.gz is damaged/);
    await refused('empty.jsonl', '\n', /empty\.jsonl holds no rows/);
    await refused('rows.xlsx', 'x', /rows\.xlsx is no file of rows that r5 reads: its name must end in \.parquet, \.jsonl/);
  });

  test('that names a split holds no other one; any other file is whatever is wanted', async () => {
    const train = write('one/train.jsonl', lines);
    expect(await loadDataset(train, { split: 'train' })).toEqual(rows);
    await expect(loadDataset(train, { split: 'test' })).rejects.toThrow(/train\.jsonl is the split 'train' by its name, but 'test' is wanted/);
    expect(await loadDataset(join(root, 'a.jsonl'), { split: 'test' })).toEqual(rows);
  });

  test('gets its columns under other names; a column that is not there is refused with those that are', async () => {
    const path = join(root, 'a.jsonl');
    expect((await loadDataset(path, { columns: { question: 'b' } }))[0]).toEqual({ a: 1, b: 'x', question: 'x' });
    const holes = write('holes.jsonl', '{"q": 1}\n{"p": 2, "r": 3}\n');
    await expect(loadDataset(holes, { columns: { question: 'q' } })).rejects.toThrow(
      /holes\.jsonl, row 2, has no column 'q' \(wanted as 'question'\); it has 'p', 'r'\./,
    );
  });
});

describe('a folder', () => {
  test('has a split for each file that names one', async () => {
    write('set/train.jsonl', '{"n": 1}\n');
    write('set/dev.jsonl', '{"n": 2}\n');
    write('set/README.md', 'words');
    const folder = join(root, 'set');
    expect(await loadDataset(folder)).toEqual([{ n: 1 }]);
    expect(await loadDataset(folder, { split: 'validation' })).toEqual([{ n: 2 }]);
    await expect(loadDataset(folder, { split: 'test' })).rejects.toThrow(/set has no split 'test'; it has 'validation', 'train'\.|it has 'train', 'validation'\./);
  });

  test('joins the parts of a split in their order, and misses one that is not there', async () => {
    write('parts/data/train-00001-of-00002.parquet', parquet('c'));
    await expect(loadDataset(join(root, 'parts'))).rejects.toThrow(/only a part of the split 'train': data\/train-00000-of-00002\.parquet is missing/);
    write('parts/data/train-00000-of-00002.parquet', parquet('a', 'b'));
    expect((await loadDataset(join(root, 'parts'))).map(({ question }) => question)).toEqual(['a', 'b', 'c']);
  });

  test('without files of rows is refused', async () => {
    write('none/notes.txt', 'x');
    await expect(loadDataset(join(root, 'none'))).rejects.toThrow(/none holds no files of rows: r5 reads \.parquet/);
    await expect(loadDataset(join(root, 'nowhere.jsonl'))).rejects.toThrow(/There is no dataset '.*nowhere\.jsonl': no such file or folder/);
  });
});

describe('a dataset of the hub', () => {
  const card = `---
license: mit
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files:
  - split: train
    path: socratic/train-*
---
# Words`;
  const served = {
    'README.md': card,
    'main/train-00000-of-00001.parquet': parquet('m1', 'm2'),
    'main/test-00000-of-00001.parquet': parquet('t1'),
    'socratic/train-00000-of-00001.parquet': parquet('s1'),
  };

  test('is read by its card, and only the files of the wanted split are downloaded', async () => {
    hub.serve('datasets/open/sums', served);
    const settings = hub.settings();
    expect(await loadDataset('open/sums', { split: 'train', settings })).toEqual([{ question: 'm1', answer: 0 }, { question: 'm2', answer: 1 }]);
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/')).map(({ path }) => path.split('/').slice(6).join('/'))).toEqual([
      'README.md',
      'main/train-00000-of-00001.parquet',
    ]);
    expect((await loadDataset('open/sums', { split: 'test', settings })).length).toBe(1);
    expect((await loadDataset('open/sums', { config: 'socratic', settings }))[0]?.question).toBe('s1');
    expect((await loadDataset('open/sums:socratic', { settings }))[0]?.question).toBe('s1');
    hub.reset();
    expect((await loadDataset('open/sums', { split: 'test', settings: { ...settings, offline: true } }))[0]?.question).toBe('t1');
    expect(hub.requests).toEqual([]);
  });

  test('says which configurations and splits there are', async () => {
    hub.serve('datasets/open/sums', served);
    hub.serve('datasets/open/plain', { ...served, 'README.md': '# none' });
    const settings = hub.settings();
    await expect(loadDataset('open/sums:other', { settings })).rejects.toThrow(/open\/sums has no configuration 'other'; it has: 'main', 'socratic'/);
    await expect(loadDataset('open/sums:socratic', { split: 'test', settings })).rejects.toThrow(/no split 'test' in the configuration 'socratic'; it has 'train'/);
    await expect(loadDataset('open/plain', { settings })).rejects.toThrow(/open\/plain has several configurations; choose one: 'main', 'socratic'/);
    await expect(loadDataset('open/none', { settings })).rejects.toThrow(/The dataset open\/none does not exist/);
  });

  test('without a card is read by the names of its files, in any format', async () => {
    const settings = hub.settings();
    hub.serve('datasets/a/names', { 'data/train-00000-of-00001-0123456789abcdef.parquet': parquet('p'), 'dataset_infos.json': '{}' });
    hub.serve('datasets/a/lines', { 'gsm8k_train.jsonl': '{"n": 1}\n', 'gsm8k_test.jsonl': '{"n": 2}\n' });
    hub.serve('datasets/a/table', { 'questions.csv': 'n\n3\n' });
    hub.serve('datasets/a/script', { 'script.py': 'import os' });
    expect((await loadDataset('a/names', { settings }))[0]?.question).toBe('p');
    expect(await loadDataset('a/lines', { split: 'test', settings })).toEqual([{ n: 2 }]);
    expect(await loadDataset('a/table', { split: 'train', settings })).toEqual([{ n: '3' }]);
    await expect(loadDataset('a/script', { settings })).rejects.toThrow(/made by the script script\.py, which r5 does not run; try a\/script@refs\/convert\/parquet/);
  });
});
