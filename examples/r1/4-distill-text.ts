/**
 * The R1 recipe, stage 4: distillation by text. A smaller model is fine-tuned on what a teacher writes. The teacher here is the model of
 * stage 2; any server that speaks OpenAI's protocol will do as well:
 *
 *     node examples/r1/4-distill-text.ts
 *     node examples/r1/4-distill-text.ts http://localhost:8080/v1 model-name
 */
import { encodePrompt, endpointTeacher, fineTune, loadTask, LocalEngine, localTeacher, R5Error, resolveModel, type Teacher } from 'r5-rl';
import { accuracy, percent } from './accuracy.ts';
import { smallerStudent } from './smaller-student.ts';

export interface DistillText {
  /** Default: the model `from`. */
  teacher?: Teacher;
  from?: string;
  /** Blocks of `from` that the student is made of. */
  blocks?: readonly number[];
  task?: string;
  problems?: number;
  steps?: number;
  rows?: number;
  to: string;
}

export async function distillText(options: DistillText) {
  const { from = 'runs/r1/reinforcement', blocks = [0, 1, 3], task: name = 'countdown', problems = 2048, steps = 200, rows = 256, to } = options;
  const task = await loadTask(name);
  const source = await resolveModel(from, 'runs');
  const prompts = (await task.train()).slice(0, problems).map((row) => task.prompt(row));
  const answers = await (options.teacher ?? (await ownTeacher(source, task.maxTokens))).answer(prompts);
  await smallerStudent(source, blocks, to);
  const student = await LocalEngine.open(to);
  try {
    const { tokenizer, config } = student;
    const [endToken] = config.endTokens;
    if (!tokenizer || endToken === undefined) throw new R5Error('The student has no tokenizer or no end token.');
    const before = await accuracy(task, student, rows);
    const data = answers.flatMap(({ text, finished }, i) =>
      finished ? [{ prompt: encodePrompt(prompts[i] ?? '', tokenizer), completion: [...tokenizer.encode(text), endToken] }] : [],
    );
    const batch = 32;
    await fineTune(student, {
      schedule: { learningRate: 2e-3, kind: 'linear', warmupSteps: 10, totalSteps: steps, finalShare: 0.1 },
      nextBatch: (step) => Array.from({ length: batch }, (_, i) => data[((step - 1) * batch + i) % data.length] ?? { prompt: [], completion: [] }),
      onStep: ({ step, loss }) => void (step % 20 === 0 && console.log(`step ${step}: loss ${loss.toFixed(3)}`)),
    });
    await student.exportModel(to);
    return { before, after: await accuracy(task, student, rows), parameters: student.parameterCount };
  } finally {
    await student.release();
  }
}

/** The model itself, answering greedily. */
async function ownTeacher(directory: string, maxTokens: number): Promise<Teacher> {
  return {
    name: directory,
    answer: async (prompts) => {
      const engine = await LocalEngine.open(directory, { frozen: true });
      try {
        if (!engine.tokenizer) throw new R5Error('The teacher has no tokenizer.');
        return await localTeacher(engine, engine.tokenizer, { maxTokens, temperature: 0 }).answer(prompts);
      } finally {
        await engine.release();
      }
    },
  };
}

if (import.meta.main) {
  const [baseUrl, model] = process.argv.slice(2);
  const teacher = baseUrl && model ? endpointTeacher({ baseUrl, model, ...(process.env.OPENAI_API_KEY ? { apiKey: process.env.OPENAI_API_KEY } : {}) }) : undefined;
  const { before, after } = await distillText({ to: 'runs/r1/distilled-text', ...(teacher ? { teacher } : {}) });
  console.log(`held-out accuracy of the student ${percent(before)} before, ${percent(after)} after; it is in runs/r1/distilled-text`);
}
