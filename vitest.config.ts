import { defineConfig } from 'vitest/config';

const shared = {
  globalSetup: ['test/servers.ts'],
  testTimeout: 20_000,
  // Real processes and signals on machines that others load too: what fails must fail three times to count.
  retry: 2,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Two cores: servers and runners of several tests at once would only wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'unit', include: ['src/**/*.test.ts'] } },
      { test: { ...shared, name: 'integration', include: ['test/**/*.test.ts'] } },
    ],
  },
});
