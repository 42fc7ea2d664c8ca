/**
 * What a loss is: a pure, differentiable function over symbolic tensors. It is compiled into the training graph, so a user's own loss
 * needs no native code. Tensors are [batch, time]; entry [b, t] speaks of token t + 1 of sequence b, and padding has mask 0.
 */
import type { Tensor } from '../tensor/index.ts';

export interface LossInputs {
  /** log-probability of each next token under the model that is trained. The gradient flows through this. */
  logprobs: Tensor;
  /** 1 at real entries, 0 at padding. */
  mask: Tensor;
  /** An array of the datum by name; padded with zeros. */
  input: (name: string) => Tensor;
}

export interface LossResult {
  /** A scalar: the sum over tokens and sequences. */
  loss: Tensor;
  /** Scalars to report, summed over the batch; no gradient flows through them. */
  metrics?: Record<string, Tensor>;
}

export interface LossFunction {
  /** Two losses with one name must be the same function: graphs are compiled once a name. */
  name: string;
  /** The arrays of `Datum.inputs` that it reads. */
  inputs: readonly string[];
  build: (inputs: LossInputs) => LossResult;
}
