import { defineConfig } from 'vitest/config';

// CI asks for a result file beside the output for people.
const resultsFile = process.env['TEST_RESULTS_FILE'];

// Two tiers: `fast` needs nothing but npm packages; `real` needs Debian's nginx and Swift.
export default defineConfig({
  test: {
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    // Two cores are the smallest machine that this is run on; some tests wait more than they work.
    maxWorkers: 3,
    // A process for each of some hundreds of files would cost a third of the time.
    isolate: false,
    globalSetup: 'test/support/keep-compiled.ts',
    setupFiles: 'test/support/use-compiled.ts',
    testTimeout: 15_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          // The main job once more, on the other client.
          name: 'undici',
          include: [
            'test/proxy/**/*.test.ts',
            'test/resilience/**/*.test.ts',
            'test/credentials/*-*.test.ts',
          ],
          env: { TEST_S3_CLIENT: 'undici' },
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each file starts servers of its own; side by side they would only wait for the two cores.
          fileParallelism: false,
        },
      },
    ],
  },
});
