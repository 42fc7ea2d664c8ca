/** Refuses data that would train on something else than its maker meant, before any of it has been run. */
import { R5Error } from '../../error.ts';
import type { Datum } from '../engine.ts';

/** Throws R5Error naming the first datum with a token that the model does not know. */
export function checkTokens(batch: readonly Datum[], vocabularySize: number): void {
  batch.forEach(({ tokens }, index) => {
    const strange = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
    if (strange === undefined) return;
    throw new R5Error(`Datum ${index} has the token ${strange}, and the model knows 0 to ${vocabularySize - 1}.`);
  });
}

/** Throws R5Error naming the first datum that lacks an array which the loss reads, or whose array has the wrong length. */
export function checkLossInputs(batch: readonly Datum[], names: readonly string[]): void {
  batch.forEach((datum, index) => names.forEach((name) => lossArray(datum, index, name)));
}

/** Throws R5Error naming the first datum whose `firstEntry` is not one of its entries. */
export function checkFirstEntries(batch: readonly Datum[]): void {
  batch.forEach(({ tokens, firstEntry = 0 }, index) => {
    if (Number.isInteger(firstEntry) && firstEntry >= 0 && (firstEntry === 0 || firstEntry < tokens.length - 1)) return;
    throw new R5Error(`Datum ${index} has firstEntry ${firstEntry}; a sequence of ${tokens.length} tokens has the entries 0 to ${tokens.length - 2}.`);
  });
}

/** The array of that name, which has an entry for each token but the first. Throws R5Error when it is missing or of another length. */
export function lossArray(datum: Datum, index: number, name: string): Float32Array {
  const array = datum.inputs[name];
  const entries = datum.tokens.length - 1;
  if (!array) throw new R5Error(`Datum ${index} has no array '${name}', which the loss reads; it has: ${Object.keys(datum.inputs).join(', ') || 'none'}.`);
  if (array.length !== entries) {
    throw new R5Error(`Array '${name}' of datum ${index} has ${array.length} entries; a sequence of ${entries + 1} tokens needs ${entries}.`);
  }
  return array;
}

/** Throws R5Error unless logits can be divided by it. */
export function checkTemperature(temperature: number): void {
  if (temperature > 0 && temperature < Infinity) return;
  throw new R5Error(`The temperature is ${temperature}; log-probabilities need a positive number, 1 for the model as it is.`);
}
