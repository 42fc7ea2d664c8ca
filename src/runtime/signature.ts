/** What a compiled graph declares about its inputs and outputs. */
import koffi from 'koffi';
import type { DType } from '../tensor/dtype.ts';
import { ONNX_TYPE } from '../tensor/onnx.ts';
import type { Environment } from './environment.ts';
import type { Out, Pointer } from './function-table.ts';

/** A tensor that a graph takes or gives. */
export interface Port {
  readonly name: string;
  /** The name as ONNX Runtime wants it: a C string from its allocator, to be freed with the session. */
  readonly nativeName: Pointer;
  /** Undefined for a type that r5 has no buffers for. */
  readonly dtype: DType | undefined;
  /** Sizes; a symbol's name, or null, where the size is free. */
  readonly shape: readonly (number | string | null)[];
}

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'int64', 'bool', 'float16', 'int8', 'uint8'];
const DTYPE_OF_CODE = new Map(DTYPES.map((dtype) => [ONNX_TYPE[dtype], dtype]));

const READING = 'could not read the model\'s inputs and outputs';

/** Inputs or outputs of a session, in the model's order. */
export function readPorts(environment: Environment, session: Pointer, side: 'input' | 'output'): Port[] {
  const { library, allocator } = environment;
  const { functions } = library;
  const [getCount, getName, getTypeInfo] =
    side === 'input'
      ? [functions.sessionGetInputCount, functions.sessionGetInputName, functions.sessionGetInputTypeInfo]
      : [functions.sessionGetOutputCount, functions.sessionGetOutputName, functions.sessionGetOutputTypeInfo];
  const count = library.result(READING, (out: Out<number>) => getCount(session, out));
  return Array.from({ length: count }, (_, index) => {
    const nativeName = library.result(READING, (out: Out<Pointer>) => getName(session, index, allocator, out));
    const info = library.result(READING, (out: Out<Pointer>) => getTypeInfo(session, index, out));
    const type = readTensorType(environment, info);
    functions.releaseTypeInfo(info);
    return { name: koffi.decode.string(nativeName), nativeName, ...type };
  });
}

function readTensorType({ library }: Environment, info: Pointer): Pick<Port, 'dtype' | 'shape'> {
  const { functions } = library;
  const tensor = library.optional(READING, (out: Out<Pointer>) => functions.castTypeInfoToTensorInfo(info, out));
  if (tensor === null) return { dtype: undefined, shape: [] };
  const code = library.result(READING, (out: Out<number>) => functions.getTensorElementType(tensor, out));
  const rank = library.result(READING, (out: Out<number>) => functions.getDimensionsCount(tensor, out));
  const sizes = new BigInt64Array(rank);
  const names = new BigUint64Array(rank);
  library.check(functions.getDimensions(tensor, sizes, rank), READING);
  library.check(functions.getSymbolicDimensions(tensor, names, rank), READING);
  const shape = Array.from(sizes, (size, axis) => {
    if (size >= 0n) return Number(size);
    const name = names[axis];
    return (name && koffi.decode.string(name)) || null;
  });
  return { dtype: DTYPE_OF_CODE.get(code), shape };
}
