import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

export default defineConfig({
  resolve: { conditions: ['r5-source'] },
  ssr: { resolve: { conditions: ['r5-source'] } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts', 'examples/**/*.test.ts'],
    // Processes of their own, since a run of ONNX Runtime shares its threads within a process; two, since each computes on all cores.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: MINUTE_MS / 2,
    hookTimeout: MINUTE_MS / 2,
    // A process whose threads hang must not keep the closing summary back.
    teardownTimeout: 10_000,
    reporters: ['default'],
  },
});
