import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listensOn } from './listening-process.ts';

test.runIf(process.platform === 'linux')('tells the process that listens from another', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await listensOn(process.pid, port)).toBe(true);
  expect(await listensOn(process.ppid, port)).toBe(false);
  server.close();
});
