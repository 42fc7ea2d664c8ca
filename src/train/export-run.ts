/** Exports a model, or what a run has made of one, to the files that other programs read. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { openSafetensors } from '../model/safetensors.ts';
import { writePeftAdapter, type AdapterMatrix } from '../model/peft.ts';
import { TRAINING_NOTE, trainedTask } from './trained-task.ts';

export const EXPORT_FORMATS = ['safetensors', 'peft', 'gguf'] as const;
export const EXPORT_TYPES = ['f32', 'f16', 'bf16', 'q8_0'] as const;

export interface ExportOptions {
  format: (typeof EXPORT_FORMATS)[number];
  /** Default: f32 for safetensors, f16 for GGUF. */
  type?: (typeof EXPORT_TYPES)[number] | undefined;
  /** An adapter to merge in first. */
  adapter?: string | undefined;
  /** For PEFT: what the adapter belongs on. */
  base?: string | undefined;
  anyWords?: boolean;
}

/** `source` is a model directory or a checkpoint of a run. Returns the path of what was written. Throws R5Error for what does not go together. */
export async function exportModel(source: string, to: string, options: ExportOptions): Promise<string> {
  const { format, type, adapter } = options;
  if (format === 'peft') return exportPeft(source, to, options);
  if (format === 'gguf' && type === 'bf16') throw new R5Error('GGUF export writes f32, f16 or q8_0.');
  if (format === 'safetensors' && type === 'q8_0') throw new R5Error('safetensors are written as f32, f16 or bf16; q8_0 is for GGUF.');
  const engine = await LocalEngine.open(source, { frozen: true, ...(adapter === undefined ? {} : { adapter }) });
  try {
    if (format === 'gguf') {
      const ggufType = type === 'f32' || type === 'q8_0' ? type : 'f16';
      const path = to.endsWith('.gguf') ? to : join(to, `model-${ggufType}.gguf`);
      await mkdir(join(path, '..'), { recursive: true });
      await engine.exportGguf(path, { type: ggufType, anyWords: options.anyWords ?? false });
      return path;
    }
    await engine.exportModel(to, { dtype: type === 'f16' ? 'F16' : type === 'bf16' ? 'BF16' : 'F32' });
    const task = trainedTask(source);
    if (task !== undefined) await writeFile(join(to, TRAINING_NOTE), `${JSON.stringify({ task })}\n`);
    return to;
  } finally {
    await engine.release();
  }
}

/** The adapter lies in the training state beside the merged weights. */
async function exportPeft(source: string, to: string, { base }: ExportOptions): Promise<string> {
  const path = join(source, 'training-state.safetensors');
  if (!existsSync(path)) throw new R5Error(`${source} is no checkpoint of a run, so it has no adapter; export a run that was trained with --lora-rank.`);
  const file = await openSafetensors(path);
  try {
    const alpha = Number(file.metadata.loraAlpha ?? NaN);
    const names = [...file.tensors.keys()].filter((name) => name.startsWith('value:') && name.includes('.lora_'));
    if (names.length === 0 || !(alpha > 0)) throw new R5Error(`${path} holds no adapter: the run trained all weights. Export safetensors.`);
    const matrices: AdapterMatrix[] = [];
    for (const name of names) matrices.push({ name: name.slice('value:'.length), shape: file.tensors.get(name)?.shape ?? [], data: await file.read(name) });
    const rank = matrices.find(({ name }) => name.includes('.lora_A.'))?.shape[1] ?? 0;
    await writePeftAdapter(to, matrices, { rank, alpha }, base ?? '');
    return to;
  } finally {
    await file.close();
  }
}
