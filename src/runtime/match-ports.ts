/** Checks that tensors fit what a graph declares, before ONNX Runtime sees them. */
import { R5Error } from '../error.ts';
import type { Port } from './signature.ts';
import type { TensorValue } from './storage.ts';

export type TensorsByName = Readonly<Record<string, TensorValue>>;

/** Inputs or outputs of one session. */
export interface Side {
  /** Of the session, for errors. */
  label: string;
  direction: 'input' | 'output';
  ports: readonly Port[];
}

/** The size that a symbol has, and the port that it was first seen at. */
type Symbols = Map<string, { size: number; port: string }>;

/**
 * The tensors in the order of the ports of each side. Every port must be there, with its type and sizes, and nothing else; a symbol must
 * have one size over all sides. Throws R5Error naming what does not fit.
 */
export function matchPorts(sides: readonly (readonly [Side, TensorsByName])[]): TensorValue[][] {
  const symbols: Symbols = new Map();
  return sides.map(([side, values]) => {
    const unknown = Object.keys(values).find((name) => !side.ports.some((port) => port.name === name));
    if (unknown !== undefined) {
      const known = side.ports.map((port) => port.name).join(', ') || 'none';
      throw new R5Error(`${side.label} has no ${side.direction} "${unknown}"; its ${side.direction}s are ${known}`);
    }
    return side.ports.map((port) => {
      const value = values[port.name];
      if (value === undefined) throw new R5Error(`${side.label} needs its ${side.direction} "${port.name}", and none was given`);
      assertFits(side, port, value, symbols);
      return value;
    });
  });
}

function assertFits(side: Side, port: Port, value: TensorValue, symbols: Symbols): void {
  value.storage.assertAlive();
  const mismatch = (reason: string) => {
    const declared = `${port.dtype ?? 'a type that r5 has no buffers for'} [${port.shape.map((size) => size ?? '?').join(', ')}]`;
    const given = `${value.dtype} [${value.shape.join(', ')}]`;
    return new R5Error(`${side.direction} "${port.name}" of ${side.label} is ${declared}, and ${given} was given${reason}`);
  };
  if (port.dtype !== value.dtype || port.shape.length !== value.shape.length) throw mismatch('');
  for (const [axis, declared] of port.shape.entries()) {
    const size = value.shape[axis] ?? 0;
    if (typeof declared === 'number' && declared !== size) throw mismatch('');
    if (typeof declared !== 'string') continue;
    const first = symbols.get(declared);
    if (first !== undefined && first.size !== size) throw mismatch(`, but ${declared} is ${first.size} in "${first.port}"`);
    if (first === undefined) symbols.set(declared, { size, port: port.name });
  }
}
