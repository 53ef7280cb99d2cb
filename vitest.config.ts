import { defineConfig } from 'vitest/config';

// Two tiers: `fast` needs nothing but npm packages; `real` needs Debian's nginx and Swift.
export default defineConfig({
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/real/**', '**/node_modules/**'] },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Swift listens on fixed ports inside its ring files; one server serves all files in turn.
          fileParallelism: false,
        },
      },
    ],
  },
});
