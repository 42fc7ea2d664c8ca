/** The graph inputs that every graph of a model shares: parameters and rotary tables. */
import { input, type Tensor } from '../../tensor/index.ts';
import { ropeTable } from '../../model/rope.ts';
import { graphWeights } from './graph-weights.ts';
import type { ForwardInputs } from '../../model/forward.ts';
import type { LoraOptions } from '../../model/lora.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TensorValue } from '../../runtime/storage.ts';
import type { Parameter, Parameters } from './parameters.ts';

export type ModelInputs = Pick<ForwardInputs, 'config' | 'weights' | 'lora' | 'tables'>;

export interface ModelGraph {
  inputs: ModelInputs;
  /** The graph input of a parameter; the same tensor every time. */
  parameterTensor: (parameter: Parameter) => Tensor;
}

/** Graph inputs for one graph. Only those that the graph reads end up in it. */
export function modelGraph(config: ModelConfig, parameters: Parameters, positions: number, lora?: LoraOptions): ModelGraph {
  const { weights, parameterTensor } = graphWeights(parameters);
  const table = (name: string) => input(name, 'float32', [positions, config.headSize / 2]);
  const tables = { cosine: table('cosine'), sine: table('sine'), queryCosine: table('queryCosine'), querySine: table('querySine') };
  return { inputs: { config, lora, tables, weights }, parameterTensor };
}

/** Buffers of the rotary tables, by the names of their graph inputs. */
export function ropeValues(runtime: Runtime, config: ModelConfig, positions: number): Record<string, TensorValue> {
  const { cos, sin } = ropeTable(config, positions);
  const scale = 1 / Math.sqrt(config.headSize);
  const shape = [positions, config.headSize / 2];
  const store = (values: Float32Array): TensorValue => {
    const storage = runtime.allocate('float32', shape);
    storage.data.set(values);
    return storage.value(shape);
  };
  return { cosine: store(cos), sine: store(sin), queryCosine: store(cos.map((x) => x * scale)), querySine: store(sin.map((x) => x * scale)) };
}
