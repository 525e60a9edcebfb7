import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    // Real processes, ports and disks take their time on a busy machine; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The end-to-end files start several processes each; two cores carry two files at a time.
    maxWorkers: 2,
    // Continuous integration sets 1: what passes only at a second try is named before the closing line.
    retry: Number(process.env.GALET_TEST_RETRIES ?? 0),
    minWorkers: 1,
    coverage: { provider: 'v8', include: ['device/**', 'host/**', 'tools/**'], reporter: ['text-summary', 'html'] },
  },
});
