import { describe, expect, test } from 'vitest';
import { elementCount, parameterSpecs } from '../../model/parameters.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { openTinyParts } from './tiny-engine.fixture.ts';

const config = tinyConfig('llama', { vocab_size: 301 });

describe('Parameters', () => {
  test('are all trained without adapters, and only the adapters with them', () => {
    const full = openTinyParts(config).parameters;
    expect(full.trained.map(({ name }) => name)).toEqual(parameterSpecs(config).map(({ name }) => name));
    const adapted = openTinyParts(config, { lora: { rank: 2, alpha: 4 } }).parameters;
    expect(adapted.trained).toHaveLength(config.layers * 7 * 2);
    expect(adapted.trained.every(({ adapter }) => adapter)).toBe(true);
    expect(adapted.count).toBe(full.count);
    expect(full.count).toBe(parameterSpecs(config).reduce((total, spec) => total + elementCount(spec), 0));
  });
});

describe('changes since a snapshot', () => {
  const changesAfter = (change: (data: Float32Array) => void): number | undefined => {
    const { parameters } = openTinyParts(config);
    parameters.takeSnapshot();
    change(parameters.get('model.embed_tokens.weight').value.data);
    const changes = parameters.changes();
    expect(changes.filter(({ name }) => name !== 'model.embed_tokens.weight').every(({ largest }) => largest === 0)).toBe(true);
    return changes.find(({ name }) => name === 'model.embed_tokens.weight')?.largest;
  };

  test('are the largest of a parameter', () => {
    expect(changesAfter(() => undefined)).toBe(0);
    expect(changesAfter((data) => data.forEach((x, i) => (data[i] = x + (i % 2 ? 0.25 : -0.125))))).toBeCloseTo(0.25, 5);
  });

  test('are NaN when any element that is looked at has become NaN', () => {
    expect(changesAfter((data) => data.fill(NaN))).toBeNaN();
    expect(changesAfter((data) => data.fill(NaN, 0, 1))).toBeNaN();
    expect(changesAfter((data) => data.fill(NaN, 1000, 1010))).toBeNaN();
  });
});
