import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Pause } from '../../src/runner/backoff.ts';
import { eventually } from '../eventually.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { standInBench } from './runner-under-test.ts';

/** Waits in which two thousand seconds pass in one: an hour is over in 1.8 s. */
const quick: Pause = (milliseconds, signal) =>
  sleep(milliseconds / 2000, undefined, { signal }).catch(() => undefined);
const hour = 1800;

it('a service that is away for an hour is waited for, not flooded, and gets every outcome once', async () => {
  const { service, folder, start, queue, log, measured } = await standInBench();
  service.leaseSeconds = 24 * 3600;
  const tasks = Array.from({ length: 6 }, () => shellTask(`until [ -e ${folder}/go ]; do sleep 0.02; done`));
  await queue(...tasks);
  start({ workers: 8, pollSeconds: 2, pause: quick, random: () => 0 });
  await eventually(() => expect(service.queue).toEqual([]));

  service.failWith = 503;
  service.requests = 0;
  writeFileSync(join(folder, 'go'), '');
  await sleep(hour);
  // Every 15 s at most a claim, and one outcome of the six, after a quicker beginning.
  expect(service.requests).toBeGreaterThan(6);
  expect(service.requests).toBeLessThan(2 * 240 + 40);
  expect(log.filter(({ msg }) => msg.startsWith('no tasks can be claimed'))).toHaveLength(1);

  service.failWith = undefined;
  service.mostAtOnce = 0;
  await eventually(() => expect(measured.observed).toHaveLength(6));
  expect(service.finishes.map(({ id }) => id).sort()).toEqual(tasks.map(({ id }) => id).sort());
  // An outcome after the other, and a claim now and then.
  expect(service.mostAtOnce).toBeLessThanOrEqual(2);
  expect(log.map(({ msg }) => msg)).toContain('the service answers again');
  await queue(shellTask('true'));
  await eventually(() => expect(measured.observed).toHaveLength(7));
});
