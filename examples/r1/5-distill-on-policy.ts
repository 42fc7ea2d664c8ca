/**
 * The R1 recipe, stage 5: on-policy distillation. The student writes, and the teacher says of every token how likely it would have been:
 * a reward for each token instead of one for each answer, at the places where the student really goes astray.
 *
 *     node examples/r1/5-distill-on-policy.ts
 */
import { distillOnPolicy, loadTask, LocalEngine, resolveModel } from 'r5-rl';
import { accuracy, bound, percent } from './accuracy.ts';

export interface DistillOnPolicy {
  teacher?: string;
  student?: string;
  task?: string;
  steps?: number;
  prompts?: number;
  rows?: number;
  to: string;
}

export async function onPolicy(options: DistillOnPolicy) {
  const { teacher: teacherName = 'runs/r1/reinforcement', student: studentName = 'runs/r1/distilled-text', task: name = 'countdown', steps = 40, prompts = 64, rows = 256, to } = options;
  const task = await loadTask(name);
  const teacher = await LocalEngine.open(await resolveModel(teacherName, 'runs'), { frozen: true });
  const student = await LocalEngine.open(await resolveModel(studentName, 'runs'));
  try {
    const before = await accuracy(task, student, rows);
    const reverseKl: number[] = [];
    await distillOnPolicy(
      student,
      teacher,
      await bound(task, student, 'train'),
      {
        schedule: { learningRate: 3e-4, kind: 'linear', warmupSteps: 2, totalSteps: steps, finalShare: 0.1 },
        prompts,
        groupSize: 1,
        sampling: { maxTokens: task.maxTokens, temperature: 1 },
        seed: 1,
      },
      {
        onStep: (report) => {
          reverseKl.push(report.reverseKl);
          if (report.step % 5 === 0) console.log(`step ${report.step}: reverse KL ${report.reverseKl.toFixed(4)} a token`);
        },
      },
    );
    await student.exportModel(to);
    return { before, after: await accuracy(task, student, rows), reverseKl };
  } finally {
    await teacher.release();
    await student.release();
  }
}

if (import.meta.main) {
  const { before, after } = await onPolicy({ to: 'runs/r1/distilled-on-policy' });
  console.log(`held-out accuracy of the student ${percent(before)} before, ${percent(after)} after; it is in runs/r1/distilled-on-policy`);
}
