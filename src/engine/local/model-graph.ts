/** The graph inputs that every graph of a model shares: parameters and rotary tables. */
import { input, type Tensor } from '../../tensor/index.ts';
import { ropeTable, type RopeShape } from '../../model/rope.ts';
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
  const tablesOf = (kind: string) => ({
    cosine: table(`${kind}:cosine`), sine: table(`${kind}:sine`), queryCosine: table(`${kind}:queryCosine`), querySine: table(`${kind}:querySine`),
  });
  return { inputs: { config, lora, tables: { global: tablesOf('global'), local: tablesOf('local') }, weights }, parameterTensor };
}

/** Buffers of the rotary tables, by the names of their graph inputs. */
export function ropeValues(runtime: Runtime, config: ModelConfig, positions: number): Record<string, TensorValue> {
  const shape = [positions, config.headSize / 2];
  const store = (values: Float32Array): TensorValue => {
    const storage = runtime.allocate('float32', shape);
    storage.data.set(values);
    return storage.value(shape);
  };
  const tables = (kind: string, shapeOfRope: RopeShape): Record<string, TensorValue> => {
    const { cos, sin } = ropeTable(shapeOfRope, positions);
    const scaled = (values: Float32Array) => store(values.map((x) => x * config.attentionScale));
    return { [`${kind}:cosine`]: store(cos), [`${kind}:sine`]: store(sin), [`${kind}:queryCosine`]: scaled(cos), [`${kind}:querySine`]: scaled(sin) };
  };
  const hasLocal = config.attention.some(({ rope }) => rope === 'local');
  const local = hasLocal ? tables('local', { headSize: config.headSize, ropeTheta: config.localRopeTheta, ropeScaling: null }) : {};
  return { ...tables('global', config), ...local };
}
