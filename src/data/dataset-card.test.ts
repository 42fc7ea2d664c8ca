/** Cards and names as datasets really have them. */
import { expect, test } from 'vitest';
import { splitFilesByCard } from './dataset-card.ts';
import { globPattern } from './glob.ts';
import { splitFilesByName } from './split-files.ts';

const plain = (files: ReturnType<typeof splitFilesByName> | undefined): unknown =>
  files && Object.fromEntries([...files].map(([config, splits]) => [config, Object.fromEntries(splits)]));
const card = (configs: string, paths: string[]): unknown => plain(splitFilesByCard(`---\nconfigs:\n${configs}\n---\n`, paths, 'a/b')?.files);

test('data_files: one pattern, several, by split, with a folder', () => {
  const paths = ['x/train.csv', 'x/more/train.csv', 'y/test.csv', 'README.md'];
  expect(card('- config_name: default\n  data_files: x/train.csv', paths)).toEqual({ default: { train: ['x/train.csv'] } });
  expect(card('- config_name: 2024\n  data_files: ["x/**"]', paths)).toEqual({ 2024: { train: ['x/more/train.csv', 'x/train.csv'] } });
  expect(card('- data_files:\n    train: "x/*.csv"\n    test: y/test.csv', paths)).toEqual({ default: { train: ['x/train.csv'], test: ['y/test.csv'] } });
  expect(card('- config_name: e\n  data_files:\n  - split: eval_hard\n    path: [y/*.csv, x/more/*]', paths)).toEqual({
    e: { eval_hard: ['x/more/train.csv', 'y/test.csv'] },
  });
  expect(card('- config_name: x\n  data_dir: x\n- config_name: y\n  data_dir: ./y/', paths)).toMatchObject({ y: { test: ['y/test.csv'] } });
});

test('a README without configs declares nothing; one that cannot be read is refused', () => {
  expect(splitFilesByCard('# words', [], 'a/b')).toBeUndefined();
  expect(splitFilesByCard('---\r\nlicense: mit\r\n---\r\nwords', [], 'a/b')).toBeUndefined();
  expect(() => splitFilesByCard('---\na: [1\n---\n', [], 'a/b')).toThrow(/The card of a\/b .* is not valid YAML/);
  expect(() => splitFilesByCard('---\nconfigs: 3\n---\n', [], 'a/b')).toThrow(/The card of a\/b .* configs/);
});

test('names of files and folders tell configuration and split', () => {
  const sorted = (...paths: string[]): unknown => plain(splitFilesByName(paths));
  expect(sorted('data/test-00000-of-00001.parquet', 'data/train_sft-00000-of-00001.parquet', 'data/train_gen-00000-of-00001.parquet')).toEqual({
    default: {
      test: ['data/test-00000-of-00001.parquet'],
      train_sft: ['data/train_sft-00000-of-00001.parquet'],
      train_gen: ['data/train_gen-00000-of-00001.parquet'],
    },
  });
  expect(sorted('main/train/0000.parquet', 'main/train/0001.parquet', 'main/test/0000.parquet')).toEqual({
    main: { train: ['main/train/0000.parquet', 'main/train/0001.parquet'], test: ['main/test/0000.parquet'] },
  });
  expect(sorted('my-eval.jsonl', 'training_set.jsonl', 'extra.jsonl')).toEqual({
    default: { test: ['my-eval.jsonl'], train: ['training_set.jsonl'], extra: ['extra.jsonl'] },
  });
  expect(sorted('easy.jsonl', 'hard.jsonl')).toEqual({ default: { easy: ['easy.jsonl'], hard: ['hard.jsonl'], train: ['easy.jsonl', 'hard.jsonl'] } });
  expect(sorted('constrain.csv')).toEqual({ default: { constrain: ['constrain.csv'], train: ['constrain.csv'] } });
  expect(sorted('train.parquet', 'test.parquet', 'train.csv', '.hidden/train.parquet')).toMatchObject({ default: { train: ['train.parquet'] } });
});

test('patterns', () => {
  const matches = (pattern: string, path: string): boolean => globPattern(pattern).test(path);
  expect(matches('data/train-*', 'data/train-00000-of-00001.parquet')).toBe(true);
  expect(matches('data/*', 'data/a/b')).toBe(false);
  expect(matches('**/x.csv', 'x.csv') && matches('**/x.csv', 'a/b/x.csv') && matches('a/**', 'a/b/c')).toBe(true);
  expect(matches('[ab]?.{csv,tsv}', 'a1.tsv')).toBe(true);
  expect(matches('[!ab].csv', 'a.csv')).toBe(false);
  expect(matches('a.csv', 'aXcsv')).toBe(false);
  expect(matches('./a+(1).csv', 'a+(1).csv')).toBe(true);
});
