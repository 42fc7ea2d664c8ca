/** From a compiled graph to a session that has the memory of its constants. */
import type { CompiledGraph } from '../../tensor/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { TensorValue } from '../../runtime/storage.ts';

/** `values` holds every constant of the graph by its name. Their content must be final: see `Runtime.session`. */
export function openSession(runtime: Runtime, graph: CompiledGraph, values: Readonly<Record<string, TensorValue>>, name: string): Session {
  return runtime.session(graph.model, { name, initializers: pick(values, graph.initializers) });
}

/** The values that a session takes, out of all there are. */
export function pick(values: Readonly<Record<string, TensorValue>>, names: readonly string[]): Record<string, TensorValue> {
  const picked: Record<string, TensorValue> = {};
  for (const name of names) {
    const value = values[name];
    if (!value) throw new Error(`no value for ${name}`);
    picked[name] = value;
  }
  return picked;
}
