import { describe, expect, test } from 'vitest';
import { gradients, input, type DType, type Tensor } from '../tensor/index.ts';
import { checkGradients, expectClose } from '../tensor/finite-difference.fixture.ts';
import { Program, type NumberArray } from '../tensor/run-graph.fixture.ts';
import { cispo, crossEntropy, gspo, importanceSampling, policyLosses, ppo, truncatedImportanceSampling, withKl } from './losses.ts';
import type { LossFunction } from '../engine/loss.ts';

/** A batch of 2 sequences of 5 entries. The prompt has weight 0; the last entry of the second sequence is padding. */
type Arrays = Record<'trained' | 'mask' | 'logprobs' | 'advantages' | 'weights' | 'reference' | 'klWeights', number[]>;

const TIME = 5;
const weights = [0, 1, 1, 1, 1, 0, 1, 1, 1, 0];
const sampler = [-1, -0.7, -2, -1.5, -0.3, -0.9, -1.2, -2.5, -0.4, 0];
// logp - q: inside the bounds, below and above them, with advantages of both signs.
const difference = [0.3, 0.1, -0.5, 0.6, -0.1, -0.2, -0.6, 0.5, 0.15, -3];
const arrays: Arrays = {
  trained: sampler.map((q, i) => q + difference[i]!),
  mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
  logprobs: sampler,
  advantages: weights.map((weight, i) => weight * (i < TIME ? 0.75 : -0.5)),
  weights,
  reference: [-1.1, -0.6, -2.4, -0.8, -0.5, -1, -0.7, -2, -0.6, 0],
  klWeights: weights.map((weight) => weight * 0.25),
};
const sequences = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
];
const everyToken = sequences.flat();

const ratio = (i: number): number => Math.exp(arrays.trained[i]! - arrays.logprobs[i]!);
const clip = (value: number, low: number, high: number): number => Math.min(Math.max(value, 1 - low), 1 + high);
const total = (indices: readonly number[], term: (i: number) => number): number => indices.reduce((sofar, i) => sofar + term(i), 0);

const shape = ['batch', 'time'];

/** Loss, metrics and the gradient of `trained`, compiled in float64. */
function compileLoss(loss: LossFunction, dtype: DType = 'float64'): Program {
  const made = new Map<string, Tensor>();
  const named = (name: string): Tensor => {
    const tensor = made.get(name) ?? input(name, dtype, shape);
    made.set(name, tensor);
    return tensor;
  };
  const trained = named('trained');
  const { loss: value, metrics = {} } = loss.build({ logprobs: trained, mask: named('mask'), input: named });
  const prefixed = Object.fromEntries(Object.entries(metrics).map(([name, tensor]) => [`metric ${name}`, tensor]));
  expect([...made.keys()].sort(), 'the arrays that the loss says it reads').toEqual(
    [...new Set([...loss.inputs, 'trained', 'mask'])].sort(),
  );
  return new Program({ loss: value, gradient: gradients(value, [trained])[0]!, ...prefixed });
}

function run(program: Program, given: Partial<Arrays> = {}, rows = 2) {
  const all = Object.entries({ ...arrays, ...given }).map(([name, values]): [string, NumberArray] => [
    name,
    { shape: [rows, values.length / rows], values },
  ]);
  const results = program.run(Object.fromEntries(all));
  return { loss: results.loss?.[0] ?? NaN, gradient: results.gradient ?? [], metric: (name: string) => results[`metric ${name}`]?.[0] };
}

const bounds = { low: 0.2, high: 0.28 };
const sequenceRatio = (sequence: readonly number[]): number =>
  Math.exp(total(sequence, (i) => weights[i]! * difference[i]!) / total(sequence, (i) => weights[i]!));
const ppoTerm = (r: number, advantage: number, { low, high } = bounds): number => Math.min(r * advantage, clip(r, low, high) * advantage);
const gspoBounds = { low: 0.05, high: 0.1 };

const k1 = (i: number): number => arrays.trained[i]! - arrays.reference[i]!;
const policyTerm = -total(everyToken, (i) => ratio(i) * arrays.advantages[i]!);

const formulas: Record<string, { loss: LossFunction; expected: number }> = {
  'cross entropy: -sum w logp': { loss: crossEntropy, expected: -total(everyToken, (i) => weights[i]! * arrays.trained[i]!) },
  'importance sampling: -sum r A': { loss: importanceSampling, expected: policyTerm },
  'truncated importance sampling: -sum min(r, cap) A': {
    loss: truncatedImportanceSampling(1.1),
    expected: -total(everyToken, (i) => Math.min(ratio(i), 1.1) * arrays.advantages[i]!),
  },
  'PPO: -sum min(r A, clip(r) A)': { loss: ppo(), expected: -total(everyToken, (i) => ppoTerm(ratio(i), arrays.advantages[i]!)) },
  'PPO with bounds of its own': {
    loss: ppo({ low: 0.45, high: 0.7 }),
    expected: -total(everyToken, (i) => ppoTerm(ratio(i), arrays.advantages[i]!, { low: 0.45, high: 0.7 })),
  },
  'CISPO: -sum clip(r) A logp': {
    loss: cispo(),
    expected: -total(everyToken, (i) => clip(ratio(i), bounds.low, bounds.high) * arrays.advantages[i]! * arrays.trained[i]!),
  },
  'GSPO: -sum over sequences of min(s A, clip(s) A)': {
    loss: gspo(gspoBounds),
    expected: -sequences.reduce(
      (sofar, sequence) =>
        sofar +
        ppoTerm(
          sequenceRatio(sequence),
          total(sequence, (i) => arrays.advantages[i]!),
          gspoBounds,
        ),
      0,
    ),
  },
  'k1: beta sum w (logp - reference)': {
    loss: withKl(importanceSampling, 0.3, 'k1'),
    expected: policyTerm + 0.3 * total(everyToken, (i) => arrays.klWeights[i]! * k1(i)),
  },
  'k2: beta sum w (logp - reference)^2 / 2': {
    loss: withKl(importanceSampling, 0.3, 'k2'),
    expected: policyTerm + 0.3 * total(everyToken, (i) => (arrays.klWeights[i]! * k1(i) ** 2) / 2),
  },
  'k3: beta sum w (exp(reference - logp) - 1 - (reference - logp))': {
    loss: withKl(importanceSampling, 0.3, 'k3'),
    expected: policyTerm + 0.3 * total(everyToken, (i) => arrays.klWeights[i]! * (Math.exp(-k1(i)) - 1 + k1(i))),
  },
};

describe.each(Object.entries(formulas))('%s', (_, { loss, expected }) => {
  test('has the value of the formula', () => {
    expectClose([run(compileLoss(loss)).loss], [expected], 1e-12);
    expectClose([run(compileLoss(loss, 'float32')).loss], [expected], 1e-6);
  });

  test('adds up however the batch is cut or padded', () => {
    const program = compileLoss(loss);
    const whole = run(program);
    const part = (from: number, to: number) => mapArrays((values) => values.slice(from, to));
    const parts = [run(program, part(0, TIME), 1), run(program, part(TIME, 2 * TIME), 1)];
    expectClose([parts[0]!.loss + parts[1]!.loss], [whole.loss], 1e-12);
    expectClose(
      parts.flatMap(({ gradient }) => gradient),
      whole.gradient,
      1e-12,
    );
    const padded = run(
      program,
      mapArrays((values, name) => {
        const padding = name === 'trained' ? -4 : 0;
        return [...values.slice(0, TIME), padding, padding, ...values.slice(TIME), padding, padding];
      }),
    );
    expectClose([padded.loss], [whole.loss], 1e-12);
    expectClose(padded.gradient, [...whole.gradient.slice(0, TIME), 0, 0, ...whole.gradient.slice(TIME), 0, 0], 1e-12);
  });

  // The gradient of CISPO and of truncated importance sampling is not the slope of their value: what bounds the ratio counts as a constant.
  test.skipIf(/^cispo|up to/.test(loss.name))('has its slope as gradient', () => {
    const source = (name: keyof Arrays) => ({ shape: [2, TIME], at: (i: number) => arrays[name][i]! });
    const data: Record<string, ReturnType<typeof source>> = { mask: source('mask') };
    for (const name of loss.inputs) data[name] = source(nameOfArray(name));
    checkGradients({
      variables: { trained: source('trained') },
      data,
      build: ({ trained, ...others }) =>
        loss.build({ logprobs: existing(trained), mask: existing(others.mask), input: (name) => existing(others[name]) }).loss,
    });
  });

  test('leaves alone what has no weight', () => {
    const { gradient } = run(compileLoss(loss));
    gradient.forEach((value, i) => weights[i] === 0 && expect(value).toBeCloseTo(0, 15));
  });
});

describe('clipping', () => {
  const tokenGradient = (loss: LossFunction, r: number, advantage: number): number => {
    const given = { trained: [Math.log(r)], mask: [1], logprobs: [0], advantages: [advantage], weights: [1] };
    return run(compileLoss(loss), given, 1).gradient[0]!;
  };

  test.each([
    [1.1, 1, -1.1],
    [1.1, -1, 1.1], // inside: -r A
    [1.5, 1, 0],
    [1.5, -1, 1.5], // above: only a bad token is still pushed down
    [0.5, 1, -0.5],
    [0.5, -1, 0], // below: only a good token is still pulled up
  ])('PPO, ratio %f and advantage %f: gradient %f', (r, advantage, expected) => {
    expect(tokenGradient(ppo(), r, advantage)).toBeCloseTo(expected, 12);
    expect(tokenGradient(gspo(bounds), r, advantage)).toBeCloseTo(expected, 12);
  });

  test.each([
    [1.1, 1, -1.1],
    [1.5, 1, -1.28],
    [1.5, -1, 1.28],
    [0.5, 1, -0.8],
    [0.5, -1, 0.8],
  ])('CISPO, ratio %f and advantage %f: gradient %f, never 0', (r, advantage, expected) =>
    expect(tokenGradient(cispo(), r, advantage)).toBeCloseTo(expected, 12),
  );

  test.each([
    [1.5, 1, -1.5],
    [2.5, 1, -2],
    [2.5, -1, 2],
    [0.1, -1, 0.1],
  ])('importance sampling up to 2, ratio %f and advantage %f: gradient %f', (r, advantage, expected) =>
    expect(tokenGradient(truncatedImportanceSampling(2), r, advantage)).toBeCloseTo(expected, 12),
  );

  test('CISPO has the gradient -sg(clip(r)) A at every token', () => {
    const expected = everyToken.map((i) => -clip(ratio(i), bounds.low, bounds.high) * arrays.advantages[i]!);
    expectClose(run(compileLoss(cispo())).gradient, expected, 1e-12);
  });

  test('at ratio 1 every policy loss has the gradient -A, spread over the sequence by GSPO', () => {
    const onPolicy = { trained: sampler };
    for (const loss of [importanceSampling, ppo(), cispo()])
      expectClose(
        run(compileLoss(loss), onPolicy).gradient,
        arrays.advantages.map((a) => -a),
        1e-12,
      );
    const spread = sequences.flatMap((sequence) =>
      sequence.map((i) => (-weights[i]! * total(sequence, (j) => arrays.advantages[j]!)) / total(sequence, (j) => weights[j]!)),
    );
    expectClose(run(compileLoss(gspo()), onPolicy).gradient, spread, 1e-12);
  });
});

describe('metrics', () => {
  const active = everyToken.filter((i) => weights[i] === 1);

  test.each(Object.keys(policyLosses) as (keyof typeof policyLosses)[])('%s reports ratio and KL over completion tokens', (name) => {
    const { metric } = run(compileLoss(policyLosses[name]()));
    expectClose([metric('ratio') ?? NaN], [total(active, ratio)], 1e-12);
    expectClose([metric('kl') ?? NaN], [total(active, (i) => ratio(i) - 1 - difference[i]!)], 1e-12);
  });

  test('clipped tokens are counted: where PPO takes the bound, where CISPO limits the ratio, whole sequences in GSPO', () => {
    const clipped = (loss: LossFunction) => run(compileLoss(loss)).metric('clipped');
    expect(clipped(ppo())).toBe(active.filter((i) => (arrays.advantages[i]! > 0 ? ratio(i) > 1.28 : ratio(i) < 0.8)).length);
    expect(clipped(cispo())).toBe(active.filter((i) => ratio(i) > 1.28 || ratio(i) < 0.8).length);
    const bounded = sequences.filter((sequence) =>
      sequenceRatio(sequence) > 1 ? arrays.advantages[sequence[1]!]! > 0 : arrays.advantages[sequence[1]!]! < 0,
    );
    expect(clipped(gspo({ low: 1e-4, high: 1e-4 }))).toBe(total(bounded.flat(), (i) => weights[i]!));
    expect(run(compileLoss(importanceSampling)).metric('clipped')).toBeUndefined();
  });

  test('the KL to the reference is reported without its coefficient', () => {
    expectClose(
      [run(compileLoss(withKl(ppo(), 0.3, 'k1'))).metric('referenceKl') ?? NaN],
      [total(everyToken, (i) => arrays.klWeights[i]! * k1(i))],
      1e-12,
    );
  });
});

test('an unlikely token without a reference does not make the KL infinite', () => {
  const trained = arrays.trained.map((value, i) => (weights[i] === 0 ? -200 : value));
  const reference = arrays.reference.map((value, i) => (weights[i] === 0 ? 0 : value));
  const { loss, gradient } = run(compileLoss(withKl(crossEntropy, 0.3, 'k3'), 'float32'), { trained, reference });
  expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
});

describe('settings', () => {
  test.each([-0.1, 1.1, NaN])('a lower bound of %s is refused', (low) => {
    for (const loss of [ppo, cispo, gspo])
      expect(() => loss({ low })).toThrow(`The lower clip bound is ${low}; it must be from 0 to 1, for example 0.2.`);
  });

  test.each([-0.1, Infinity, NaN])('an upper bound of %s is refused', (high) => {
    for (const loss of [ppo, cispo, gspo])
      expect(() => loss({ high })).toThrow(`The upper clip bound is ${high}; it must be at least 0, for example 0.28.`);
  });

  test.each([0, -1, NaN, Infinity])('a KL coefficient of %s is refused', (beta) => {
    expect(() => withKl(ppo(), beta, 'k3')).toThrow(`The KL coefficient is ${beta}; it must be a positive number, or 0 for no KL term.`);
  });

  test('losses that differ have names that differ, equal ones the same', () => {
    const losses = [
      crossEntropy,
      importanceSampling,
      truncatedImportanceSampling(2),
      truncatedImportanceSampling(3),
      ppo(),
      ppo({ low: 0.3 }),
      ppo({ high: 0.3 }),
      cispo(),
      gspo(),
      withKl(ppo(), 1, 'k1'),
      withKl(ppo(), 1, 'k2'),
      withKl(ppo(), 2, 'k2'),
    ];
    expect(new Set(losses.map(({ name }) => name)).size).toBe(losses.length);
    expect(ppo().name).toBe(ppo({ low: 0.2, high: 0.28 }).name);
  });
});

function mapArrays(change: (values: number[], name: string) => number[]): Arrays {
  const changed = { ...arrays };
  for (const name of Object.keys(arrays) as (keyof Arrays)[]) changed[name] = change(arrays[name], name);
  return changed;
}

function nameOfArray(name: string): keyof Arrays {
  if (!(name in arrays)) throw new Error(`no array ${name}`);
  return name as keyof Arrays;
}

function existing(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new Error('the loss reads an array that it does not list');
  return tensor;
}
