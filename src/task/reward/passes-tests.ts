import { gradeCode } from '../code/grade.ts';
import type { SandboxOptions } from '../sandbox/sandbox.ts';
import type { Component } from './component.ts';

/** 1 when the answer's last block of code passes every test in the sandbox, else 0; its part `passed` is the share of tests that it passes (see `gradeCode`). */
export function passesTests<Row>(tests: (row: Row) => readonly string[], options: SandboxOptions = {}): Component<Row> {
  return (row, answer) => gradeCode(tests(row), answer, options);
}
