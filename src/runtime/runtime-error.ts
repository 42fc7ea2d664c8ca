import { R5Error } from '../error.ts';

/** ONNX Runtime refused something. `code` is its OrtErrorCode (2: invalid argument, 7: not a model, 9: no kernel for an operator, ...). */
export class RuntimeError extends R5Error {
  override readonly name: string = 'RuntimeError';
  readonly code: number;

  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
