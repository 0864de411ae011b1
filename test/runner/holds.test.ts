import { expect, it } from 'vitest';
import type { ClaimAnswer } from '../../src/domain/attempt.ts';
import type { ExecutorHold } from '../../src/domain/executor-hold.ts';
import type { Executor, Probe } from '../../src/executors/executor.ts';
import { shell } from '../../src/executors/shell.ts';
import { createServiceClient, type ServiceClient } from '../../src/runner/service-client.ts';
import { eventually } from '../eventually.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { standInBench } from './runner-under-test.ts';

const closed: ExecutorHold = {
  executor: 'shell',
  runner: 'r1',
  state: 'closed',
  reason: 'auth: log in',
  since: '2026-08-01T12:00:00.000Z',
};

/** A service that holds executors, until it is told that their probe passed. */
async function holding(holds: ExecutorHold[]) {
  const made = await standInBench();
  const inner = createServiceClient({ url: made.service.url });
  let held = holds;
  const client: ServiceClient = {
    ...inner,
    async claim(request) {
      held = held.filter(({ executor }) => !request.probed?.includes(executor));
      const answer = await inner.claim(request);
      return { ...answer, held } satisfies ClaimAnswer;
    },
  };
  const hold = (again: ExecutorHold[]) => {
    held = again;
  };
  return { ...made, client, hold };
}

/** The shell, with probes that are counted and answer one after the other; the last answer stays. */
function probing(answers: Probe[]): Executor & { times: number[] } {
  const times: number[] = [];
  return {
    ...shell,
    times,
    async probe() {
      times.push(fast());
      return answers[Math.min(times.length, answers.length) - 1] as Probe;
    },
  };
}

/** A clock on which ten minutes pass in 0.6 seconds. */
const fast = () => performance.now() * 1000;
const missing = { found: false, advice: 'Install it.' } as const;
const found = { found: true, detail: '/bin/sh' } as const;

/** A clock that stands still but for what the test lets pass, and then for a few claims. */
function steppedClock(claims: readonly unknown[]) {
  let now = 0;
  return {
    monotonic: () => now,
    async pass(seconds: number) {
      now += seconds * 1000;
      const before = claims.length;
      await eventually(() => expect(claims.length).toBeGreaterThan(before + 2));
    },
  };
}

it('a closed executor is probed, with back-off, and opened when its probe passes', async () => {
  const { service, client, start, log, measured } = await holding([closed]);
  const executor = probing([missing, missing, missing, found]);
  const { monotonic, pass } = steppedClock(service.claims);
  start({ client, executors: [executor], monotonic, random: () => 1 });
  await pass(0);
  for (const [probes, wait] of [10, 20, 40, 80].entries()) {
    await pass(wait - 1);
    expect(executor.times).toHaveLength(probes);
    await pass(1);
    expect(executor.times).toHaveLength(probes + 1);
  }
  await eventually(() => expect(service.claims.some(({ probed }) => probed)).toBe(true));
  expect(service.claims.find(({ probed }) => probed)?.probed).toEqual(['shell']);
  await eventually(() => expect(log.map(({ msg }) => msg)).toContain('executor shell gets tasks again'));
  expect(log.filter(({ msg }) => msg.startsWith('executor shell is closed'))).toHaveLength(1);
  expect(log.filter(({ msg }) => msg === 'executor shell stays closed: Install it.')).toHaveLength(3);
  expect(measured.held).toEqual([]);
  await pass(3600);
  expect(service.claims.filter(({ probed }) => probed)).toHaveLength(1);
});

it('one that is closed again at once is probed later than before, until a task has gone well', async () => {
  const { service, client, start, hold, queue } = await holding([]);
  const executor = probing([found]);
  const { monotonic, pass } = steppedClock(service.claims);
  start({ client, executors: [executor], monotonic, random: () => 1 });
  /** Closes it, and sees it opened after so long and no sooner. */
  const opensAfter = async (seconds: number) => {
    const opened = () => service.claims.filter(({ probed }) => probed).length;
    const before = opened();
    hold([closed]);
    await pass(0);
    await pass(seconds - 1);
    expect(opened()).toBe(before);
    await pass(1);
    await eventually(() => expect(opened()).toBe(before + 1));
  };
  for (const seconds of [10, 20, 40, 80]) await opensAfter(seconds);
  await queue(shellTask('true'));
  await eventually(() => expect(service.finishes).toHaveLength(1));
  await opensAfter(10);
});

it('a program without its login does not open what its login closed', async () => {
  const { service, client, start } = await holding([closed]);
  const noLogin = { ...found, advice: 'Log in.' };
  const executor = probing([noLogin, noLogin, found]);
  start({ client, executors: [executor], monotonic: fast });
  await eventually(() => expect(service.claims.some(({ probed }) => probed)).toBe(true));
  expect(executor.times).toHaveLength(3);
});

it('what it is closed for is what was last wrong', async () => {
  const { service, client, start, hold } = await holding([{ ...closed, reason: 'spawn: ENOENT' }]);
  const answers: Probe[] = [{ ...found, advice: 'Log in.' }, found];
  let probes = 0;
  const executor: Executor = {
    ...shell,
    async probe() {
      const answer = answers[Math.min(probes, 1)] as Probe;
      probes += 1;
      // The program is back; meanwhile a task that was under way meets a login that is gone.
      hold([closed]);
      const asked = service.claims.length;
      await eventually(() => expect(service.claims.length).toBeGreaterThan(asked + 1));
      return answer;
    },
  };
  start({ client, executors: [executor], monotonic: fast });
  await eventually(() => expect(service.claims.some(({ probed }) => probed)).toBe(true));
  expect(probes).toBe(2);
});

it('it opens what a missing program had closed', async () => {
  const { service, client, start } = await holding([{ ...closed, reason: 'spawn: ENOENT' }]);
  const executor = probing([{ ...found, advice: 'Log in.' }]);
  start({ client, executors: [executor], monotonic: fast });
  await eventually(() => expect(service.claims.some(({ probed }) => probed)).toBe(true));
  expect(executor.times).toHaveLength(1);
});

it('a paused executor is not probed, and both are counted', async () => {
  const until = '2026-08-01T13:00:00.000Z';
  const paused = { ...closed, state: 'paused', until, runner: undefined } as const;
  const { service, client, start, log, measured } = await holding([paused]);
  const executor = probing([found]);
  start({ client, executors: [executor], monotonic: fast });
  await eventually(() => expect(service.claims.length).toBeGreaterThan(3));
  expect(executor.times).toEqual([]);
  expect(measured.held).toEqual([paused]);
  expect(measured.claims.empty).toBeGreaterThan(2);
  expect(log.map(({ msg }) => msg)).toContain(`executor shell is paused until ${until}: auth: log in`);
});

it('a probe that throws is one that does not pass', async () => {
  const { client, start, log } = await holding([closed]);
  const executor = {
    ...shell,
    probe: async () => {
      throw new Error('no such thing');
    },
  };
  start({ client, executors: [executor], monotonic: fast });
  await eventually(() =>
    expect(log.map(({ msg }) => msg)).toContain('executor shell stays closed: no such thing'),
  );
});

it('it asks only for the executors that it was given', async () => {
  const { service, run } = await standInBench();
  await run([]);
  expect(service.claims[0]?.executors).toEqual(['shell', 'claude-code']);
});
