/** Writing programs, graded by running tests in a sandbox. */
import { dataSets, type DataOptions } from '../data-rows.ts';
import { defineTask, type Task } from '../task.ts';
import { gradeCode } from './grade.ts';
import { testProblems, trainProblems } from './problems.ts';
import { codeRowSchema, type CodeRow } from './row.ts';

const fenced = (program: string): string => `\`\`\`js\n${program.trim()}\n\`\`\``;

function promptOf({ prompt, entry_point, tests }: CodeRow): string {
  const target = entry_point ? `It must define ${entry_point}.` : `It must pass tests such as this one:\n\n${fenced(tests[0] ?? '')}\n`;
  return `${prompt.trim()}\n\nWrite the program in JavaScript, without imports, as one block of code between \`\`\`js and \`\`\`. ${target}\n\n`;
}

/** Wrong in the ways in which answers are wrong, or try to get around the tests. */
function corruptions({ code, entry_point }: CodeRow): string[] {
  const name = entry_point ?? 'answer';
  return [
    '',
    code,
    fenced(' '),
    fenced(code).slice(0, -3),
    fenced(code).replace('```js', '```python'),
    fenced(code.slice(0, code.length / 2)),
    fenced(`function ${name}() {}`),
    fenced(`var assert = () => {}, assertEqual = assert;\nfunction ${name}() { return { equals: () => true }; }`),
    fenced(`Object.is = Array.prototype.every = () => true;\nfunction ${name}() { return new Proxy({}, { get: () => true }); }`),
    fenced(`console.log('passed');\nfunction ${name}() { throw undefined; }`),
  ];
}

/**
 * Problems whose answers are programs in JavaScript or TypeScript. Without `data` a small set that comes with r5; MBPP itself and its like
 * are in Python, which r5 does not run, so sets of that form must have JavaScript tests. Columns: `prompt`, `tests` (a list of tests or
 * one; see `runTest` for what they may use), `code` (a right program) and, if there is one, `entry_point`.
 */
export function codeTask(options: DataOptions = {}): Task<CodeRow> {
  const ownSets = { train: () => trainProblems, test: () => testProblems };
  const sets = options.data === undefined ? ownSets : dataSets({ task: 'code', options, schema: codeRowSchema });
  return defineTask<CodeRow>({
    name: 'code',
    description: 'Write a JavaScript or TypeScript program that passes tests.',
    ...sets,
    prompt: promptOf,
    asksAsUser: true,
    maxTokens: 512,
    score: ({ tests }, answer) => gradeCode(tests, answer),
    solution: (row) => fenced(row.code),
    corruptions,
  });
}
