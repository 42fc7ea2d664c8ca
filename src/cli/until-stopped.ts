/** Waits for Ctrl-C or SIGTERM and ends a server then. */
import type { RunningServer } from '../serve/http-server.ts';
import { watchForInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';

export async function untilStopped(server: RunningServer, grace: number, output: Output): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const interrupt = watchForInterrupt(() => {
    output.line(`stopping: answers under way have ${grace} s to end`);
    stopped.resolve();
  });
  try {
    await stopped.promise;
    await server.close({ graceMs: grace * 1000 });
  } finally {
    interrupt.release();
  }
}
