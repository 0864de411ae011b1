import { defineConfig } from 'vitest/config';

const shared = {
  globalSetup: ['test/servers.ts'],
  // Long, for machines that others load too; a test that passes does not wait for it.
  testTimeout: 90_000,
  hookTimeout: 90_000,
};

export default defineConfig({
  test: {
    // Two cores: servers and runners of several tests at once would only wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'unit', include: ['src/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/**/*.test.ts'],
          // Real processes, signals and servers on a machine that is short of time: what fails must fail twice.
          retry: 1,
        },
      },
    ],
  },
});
