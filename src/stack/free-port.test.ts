import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort } from './free-port.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function occupy(host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host);
  closers.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('gives the wanted port if it is free', async () => {
  const port = await freePort(0);
  expect(await freePort(port)).toBe(port);
});

test.each(['127.0.0.1', '0.0.0.0', '::'])('goes on to the next port if it is taken on %s', async (host) => {
  const taken = await occupy(host);
  const port = await freePort(taken);
  expect(port).toBeGreaterThan(taken);
  expect(port).toBeLessThan(taken + 100);
});

test('0 is any port', async () => {
  expect(await freePort(0)).toBeGreaterThan(1023);
});

test('says which ports it tried when there is none', async () => {
  await occupy('127.0.0.1', 65_535);
  await expect(freePort(65_535)).rejects.toThrow('no port is free on 127.0.0.1 from 65535 to 65535');
});
