import { defineConfig } from 'vitest/config';

// CI asks for a result file beside the output for people.
const resultsFile = process.env['TEST_RESULTS_FILE'];

const FAST = { include: ['test/**/*.test.ts'], exclude: ['test/real/**', '**/node_modules/**'] };
const REAL = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Each file starts servers of its own; side by side they would only wait for the two cores.
  fileParallelism: false,
};
const ON_UNDICI = { TEST_S3_CLIENT: 'undici' };

// Two tiers, `fast`, which needs nothing but npm packages, and `real`, which needs Debian's nginx and Swift; both with each
// of the two clients that ask S3.
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
      { extends: true, test: { name: 'fast', ...FAST } },
      { extends: true, test: { name: 'undici', ...FAST, env: ON_UNDICI } },
      { extends: true, test: { name: 'real', ...REAL, include: ['test/real/**/*.test.ts'] } },
      // The packager's recorded playback, and whatever else the daemon is asked in front of servers that are not ours.
      {
        extends: true,
        test: { name: 'real-undici', ...REAL, include: ['test/real/daemon-*.test.ts'], env: ON_UNDICI },
      },
    ],
  },
});
