/** Draws a token for each row from the logits of a decoding step; rows that draw in the same way are drawn together. */
import { compileRowDraw, type DrawKind } from './row-draw-graph.ts';
import { pick } from './open-session.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

/** How a row draws. The candidates of a filtered draw grow when they turn out too few. */
export interface DrawSettings {
  method: 'greedy' | 'all' | 'filtered';
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  constrained: boolean;
  /** How many of the likeliest tokens are wanted. */
  top: number;
  candidates: number;
}

export interface DrawnToken {
  token: number;
  logprob: number;
  top: { token: number; logprob: number }[];
}

/** A row as the drawer sees it. */
export interface DrawingRow {
  settings: DrawSettings;
  /** In [0, 1), for the step that is drawn. */
  uniform: number;
}

/** Candidates of a filtered draw to begin with: sorting the whole of a large vocabulary would take longer than the step itself. */
const FIRST_CANDIDATES = 128;
/** By how much they grow when the filters leave more. */
const CANDIDATE_GROWTH = 8;
/** The likeliest tokens are always found for this many, so that few kinds of graph occur. */
export const MOST_TOP = 20;
/** Draws over fewer scores than this take less time than handing them to another thread. */
const BRIEF_DRAW = 1 << 16;

interface Variant {
  kind: DrawKind;
  session: Session;
  runs: Map<string, BoundRun>;
}

type Buffers = ReturnType<typeof allocateBuffers>;

export class RowDrawer {
  readonly #runtime: Runtime;
  readonly #rows: number;
  readonly #vocabularySize: number;
  readonly #variants = new Map<string, Variant>();
  #buffers: Buffers | undefined;
  #mask: Storage<'uint8'> | undefined;

  constructor(runtime: Runtime, options: { rows: number; vocabularySize: number }) {
    this.#runtime = runtime;
    this.#rows = options.rows;
    this.#vocabularySize = options.vocabularySize;
  }

  /** The candidates that a row begins with, at least those of its top-k. */
  firstCandidates(topK: number): number {
    let candidates = Math.min(FIRST_CANDIDATES, this.#vocabularySize);
    while (candidates < Math.min(topK, this.#vocabularySize)) candidates = this.#more(candidates);
    return candidates;
  }

  /** What a constraint writes: 1 for each token that the row may draw. */
  maskOf(row: number): Uint8Array {
    this.#mask ??= this.#runtime.allocate('uint8', [this.#rows, this.#vocabularySize]);
    return this.#mask.data.subarray(row * this.#vocabularySize, (row + 1) * this.#vocabularySize);
  }

  /** Draws for every row i from logits[i], [rows, vocabulary]. */
  async draw(rows: readonly DrawingRow[], logits: TensorValue): Promise<DrawnToken[]> {
    const drawn = new Array<DrawnToken>(rows.length);
    let waiting = rows.map((_, i) => i);
    while (waiting.length > 0) {
      const again: number[] = [];
      for (const [name, members] of this.#byKind(rows, waiting)) again.push(...(await this.#drawKind(name, rows, members, logits, drawn)));
      waiting = again;
    }
    return drawn;
  }

  #byKind(rows: readonly DrawingRow[], members: readonly number[]): Map<string, number[]> {
    const kinds = new Map<string, number[]>();
    for (const i of members) {
      const settings = rows[i]?.settings;
      if (!settings) throw new Error(`no row ${i}`);
      const name = `${settings.method === 'filtered' ? settings.candidates : settings.method}${settings.constrained ? ' constrained' : ''}${settings.top > 0 ? ' top' : ''}`;
      const kind = kinds.get(name);
      if (kind) kind.push(i);
      else kinds.set(name, [i]);
    }
    return kinds;
  }

  /** Draws for rows of one kind. Returns those that have to draw among more candidates. */
  async #drawKind(name: string, rows: readonly DrawingRow[], members: readonly number[], logits: TensorValue, drawn: DrawnToken[]): Promise<number[]> {
    const buffers = (this.#buffers ??= allocateBuffers(this.#runtime, this.#rows, this.#mostTop()));
    const first = rows[members[0] ?? 0]?.settings;
    if (!first) throw new Error('a kind has at least one row');
    const whole = members.length === rows.length;
    members.forEach((row, i) => {
      const settings = rows[row]?.settings ?? first;
      if (!whole) buffers.chosen.data[i] = BigInt(row);
      buffers.inverseTemperature.data[i] = 1 / (settings.temperature || 1);
      buffers.topK.data[i] = settings.topK;
      buffers.topP.data[i] = settings.topP;
      buffers.minP.data[i] = settings.minP;
      buffers.uniform.data[i] = rows[row]?.uniform ?? 0;
    });
    const run = this.#bind(this.#variant(whole ? `${name} whole` : name, first, whole), members.length, logits, buffers);
    if (members.length * this.#vocabularySize <= BRIEF_DRAW) run.runSync();
    else await run.run();
    const again: number[] = [];
    members.forEach((row, i) => {
      const settings = rows[row]?.settings ?? first;
      if (settings.method === 'filtered' && settings.candidates < this.#vocabularySize && buffers.covered.data[i] === 0) {
        settings.candidates = this.#more(settings.candidates);
        again.push(row);
        return;
      }
      drawn[row] = { token: Number(buffers.next.data[i]), logprob: buffers.logprob.data[i] ?? NaN, top: this.#top(buffers, i, settings.top) };
    });
    return again;
  }

  #top({ topTokens, topLogprobs }: Buffers, row: number, count: number): DrawnToken['top'] {
    const stride = this.#mostTop();
    return Array.from({ length: Math.min(count, stride) }, (_, i) => ({ token: Number(topTokens.data[row * stride + i]), logprob: topLogprobs.data[row * stride + i] ?? NaN }));
  }

  #more(candidates: number): number {
    return Math.min(candidates * CANDIDATE_GROWTH, this.#vocabularySize);
  }

  #mostTop(): number {
    return Math.min(MOST_TOP, this.#vocabularySize);
  }

  #variant(name: string, { method, candidates, constrained, top }: DrawSettings, whole: boolean): Variant {
    const known = this.#variants.get(name);
    if (known) return known;
    const kind: DrawKind = { method: method === 'filtered' ? { kind: method, candidates } : { kind: method }, constrained, top: top > 0 ? this.#mostTop() : 0, whole };
    const session = this.#runtime.session(compileRowDraw(kind, this.#vocabularySize).model, { name: `draw (${name})` });
    const variant = { kind, session, runs: new Map<string, BoundRun>() };
    this.#variants.set(name, variant);
    return variant;
  }

  #bind({ kind, session, runs }: Variant, count: number, logits: TensorValue, buffers: Buffers): BoundRun {
    const all = logits.shape[0] ?? 0;
    const key = `${count} of ${all}`;
    const known = runs.get(key);
    if (known) return known;
    const { chosen, rowIndex, inverseTemperature, uniform, topK, topP, minP, next, logprob, covered, topTokens, topLogprobs } = buffers;
    const column = (storage: Storage): TensorValue => storage.value([count, 1]);
    const inputs: Record<string, TensorValue> = {
      logits, chosen: chosen.value([count]), rowIndex: rowIndex.value([count]),
      inverseTemperature: column(inverseTemperature), uniform: column(uniform), topK: column(topK), topP: column(topP), minP: column(minP),
    };
    if (kind.constrained && this.#mask) inputs['mask'] = this.#mask.value([all, this.#vocabularySize]);
    const outputs: Record<string, TensorValue> = {
      next: next.value([count]), logprob: logprob.value([count]), covered: covered.value([count]),
      topTokens: topTokens.value([count, this.#mostTop()]), topLogprobs: topLogprobs.value([count, this.#mostTop()]),
    };
    const run = session.bind(pick(inputs, session.inputNames), pick(outputs, session.outputNames));
    runs.set(key, run);
    return run;
  }

  release(): void {
    for (const { session } of this.#variants.values()) session.release();
    this.#variants.clear();
    this.#mask?.release();
    for (const storage of Object.values<Storage>({ ...this.#buffers })) storage.release();
  }
}

function allocateBuffers(runtime: Runtime, rows: number, top: number) {
  const buffers = {
    chosen: runtime.allocate('int64', [rows]),
    rowIndex: runtime.allocate('int64', [rows]),
    inverseTemperature: runtime.allocate('float32', [rows]),
    uniform: runtime.allocate('float32', [rows]),
    topK: runtime.allocate('float32', [rows]),
    topP: runtime.allocate('float32', [rows]),
    minP: runtime.allocate('float32', [rows]),
    next: runtime.allocate('int64', [rows]),
    logprob: runtime.allocate('float32', [rows]),
    covered: runtime.allocate('float32', [rows]),
    topTokens: runtime.allocate('int64', [rows, top]),
    topLogprobs: runtime.allocate('float32', [rows, top]),
  };
  for (let row = 0; row < rows; row++) buffers.rowIndex.data[row] = BigInt(row);
  return buffers;
}
