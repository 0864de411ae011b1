import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type ServiceStandIn,
  shellTask,
  startServiceStandIn,
} from '../../test/executors/service-stand-in.ts';
import { createServiceClient } from './service-client.ts';

let service: ServiceStandIn;
beforeEach(async () => {
  service = await startServiceStandIn();
});
afterEach(() => service.close());

const claim = { runner: 'r', executors: ['shell'], free_workers: 1 };

it('sends its token, and answers what the service hands out', async () => {
  service.queue = [shellTask('true')];
  const client = createServiceClient({ url: `${service.url}/`, token: 'a-token-of-mine' });
  expect((await client.claim(claim)).tasks).toHaveLength(1);
  expect(await client.claim(claim)).toEqual({ tasks: [], reason: 'empty' });
  expect(service.authorizations[0]).toBe('Bearer a-token-of-mine');
});

it.each([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [409, 'conflict'],
  [413, 'invalid'],
  [429, 'unavailable'],
  [503, 'unavailable'],
])('%i is %s, with what the service said', async (status, code) => {
  service.failWith = status;
  const client = createServiceClient({ url: service.url });
  await expect(client.claim(claim)).rejects.toMatchObject({
    code,
    message: `tasks/claim: ${status} said ${status}`,
  });
});

it('says that it cannot reach a service that is down', async () => {
  await service.close();
  await expect(createServiceClient({ url: service.url }).claim(claim)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`cannot reach the service at ${service.url}: connect ECONNREFUSED`),
  });
});

it('does not wait for ever, and believes no other server', async () => {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('claim')) response.end('<html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const client = createServiceClient({ url, timeoutSeconds: 0.1 });
  await expect(client.claim(claim)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(client.heartbeat('t', { lease_token: 'l' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('timeout'),
  });
  server.close();
  server.closeAllConnections();
});
