/** What every decoding step reads: a token and its position for each row. */
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

export class StepInputs {
  readonly #buffers: { tokens: Storage<'int64'>; positions: Storage<'int64'>; last: Storage<'int32'>; longest: Storage<'int32'> };

  /** For at most `rows` rows. */
  constructor(runtime: Runtime, rows: number) {
    this.#buffers = {
      tokens: runtime.allocate('int64', [rows]),
      positions: runtime.allocate('int64', [rows]),
      last: runtime.allocate('int32', [rows]),
      longest: runtime.allocate('int32', [1]),
    };
  }

  write(rows: readonly { token: number; position: number }[]): void {
    const { tokens, positions, last, longest } = this.#buffers;
    let most = 0;
    rows.forEach(({ token, position }, row) => {
      tokens.data[row] = BigInt(token);
      positions.data[row] = BigInt(position);
      last.data[row] = position;
      most = Math.max(most, position);
    });
    longest.data[0] = most + 1;
  }

  /** The graph's inputs over the first `rows` rows. */
  values(rows: number): Record<'tokens' | 'positions' | 'last' | 'longest', TensorValue> {
    const { tokens, positions, last, longest } = this.#buffers;
    return { tokens: tokens.value([rows, 1]), positions: positions.value([rows, 1]), last: last.value([rows]), longest: longest.value([1]) };
  }

  release(): void {
    for (const storage of Object.values<Storage>(this.#buffers)) storage.release();
  }
}
