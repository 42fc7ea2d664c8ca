import { createHash } from 'node:crypto';

/**
 * A text between two marks that it cannot hold itself, since they are made from its hash: what is shown to a judge must not be able to close its
 * own frame and go on as somebody else.
 */
export function fenced(name: string, text: string): string {
  const mark = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  return `<${mark}>\n${text}\n</${mark}>`;
}
