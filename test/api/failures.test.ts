import { describe, expect, test } from 'vitest';
import { type ErrorClass, errorClasses, faultOf } from '../../src/domain/outcome.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';
import { claim, claimOne, create, finish, movable, start } from './movable-service.ts';

interface TaskDetail {
  status: string;
  attempts_spent: number;
  not_before?: string;
  error_class?: string;
}

const find = async ({ get }: ServiceUnderTest, id: string) =>
  (await get(`/api/agent/tasks/${id}`)).body as TaskDetail;
const holds = async ({ get }: ServiceUnderTest) =>
  ((await get('/api/agent/executors')).body as { items: unknown[] }).items;
const metrics = async ({ get }: ServiceUnderTest) =>
  (await get('/api/agent/metrics?window=1d')).body as {
    success_rate: { total: number; failed: number; completed: number; rate: number };
    excluded: { provider: number; set_up: number; ours: number };
    attempts: { total: number; by_error_class: Record<string, number> };
  };

/** The table "What a failure means", by whose fault it is. */
const table = {
  attempt: { status: 'pending', spent: 1, final: false, excluded: undefined, hold: undefined },
  provider: { status: 'pending', spent: 0, final: false, excluded: 'provider', hold: 'paused' },
  set_up: { status: 'pending', spent: 0, final: false, excluded: 'set_up', hold: 'closed' },
  ours: { status: 'failed', spent: 1, final: true, excluded: 'ours', hold: undefined },
  runner: { status: 'pending', spent: 1, final: false, excluded: undefined, hold: undefined },
} as const;

describe('what a failure means', () => {
  test.each(errorClasses.map((error_class) => ({ error_class, fault: faultOf[error_class] })))(
    '$error_class is the fault of the $fault',
    async ({ error_class, fault }) => {
      const service = await movable();
      const expected = table[fault];
      await create(service, 't');
      const finished = await finish(service, await claimOne(service), { status: 'failed', error_class });
      const status = error_class === 'cancelled' ? 'cancelled' : expected.status;
      expect(finished.body).toMatchObject({ final: expected.final, task_status: status });
      const task = await find(service, 't');
      expect(task).toMatchObject({ status, error_class, attempts_spent: expected.spent });

      const { success_rate, excluded, attempts } = await metrics(service);
      expect(success_rate.total).toBe(0);
      const none = { provider: 0, set_up: 0, ours: 0 };
      expect(excluded).toEqual(expected.excluded ? { ...none, [expected.excluded]: 1 } : none);
      expect(attempts).toMatchObject({ total: 1, by_error_class: { [error_class]: 1 } });

      const held = await holds(service);
      if (expected.hold === undefined) expect(held).toEqual([]);
      else expect(held).toMatchObject([{ executor: 'claude-code', state: expected.hold }]);
      const gauge = (await service.get('/metrics')).text;
      expect(gauge).toContain(`agent_executor_paused{executor="claude-code"} ${expected.hold ? 1 : 0}`);
    },
  );

  const attemptsFaults = errorClasses.filter((error_class) => faultOf[error_class] === 'attempt');
  test.each(attemptsFaults)(
    '%s is tried again after a back-off, and counts once there is no try left',
    async (error_class) => {
      const service = await movable();
      await create(service, 't');
      await finish(service, await claimOne(service), { status: 'failed', error_class });
      expect(await claim(service)).toEqual({ tasks: [], reason: 'empty' });
      await service.pass(30);
      const last = await finish(service, await claimOne(service), { status: 'failed', error_class });
      expect(last.body).toMatchObject({ final: true, task_status: 'failed' });
      expect(await metrics(service)).toMatchObject({
        success_rate: { total: 1, failed: 1 },
        excluded: { provider: 0, set_up: 0, ours: 0 },
      });
      await service.pass(3600);
      expect(await claim(service)).toEqual({ tasks: [], reason: 'empty' });
    },
  );

  test.each(['budget', 'killed', 'cancelled'] as const)('%s is not tried again', async (error_class) => {
    const service = await movable();
    await create(service, 't', { max_attempts: 5 });
    await finish(service, await claimOne(service), { status: 'failed', error_class });
    await service.pass(7200);
    expect(await claim(service)).toEqual({ tasks: [], reason: 'empty' });
    expect((await metrics(service)).success_rate.total).toBe(0);
  });

  test('a runner that dies has lost the attempt: back in the queue, one spent, and it counts in the end', async () => {
    const service = await movable();
    await create(service, 't');
    await claimOne(service);
    await service.pass(70);
    await claimOne(service, { runner: 'r2' });
    expect(await find(service, 't')).toMatchObject({ status: 'running', attempts_spent: 1 });
    await service.pass(70 + 900);
    await claim(service);
    await claim(service);
    expect(await find(service, 't')).toMatchObject({
      status: 'failed',
      error_class: 'lost',
      attempts_spent: 2,
    });
    expect(await metrics(service)).toMatchObject({
      success_rate: { total: 1, failed: 1 },
      attempts: { by_error_class: { lost: 2 } },
    });
    expect(await holds(service)).toEqual([]);
  });
});

describe('holds', () => {
  test('a limit that names its end pauses until then, and the task waits for nothing else', async () => {
    const service = await movable();
    await create(service, 't', { max_attempts: 1 });
    await create(service, 'shell-like', { executor: 'codex' });
    await finish(
      service,
      await claimOne(service),
      { status: 'failed', error_class: 'rate_limited' },
      { retry_at: '2026-03-02T06:20:00+01:00', error_message: 'resets 5:20am' },
    );
    expect(await holds(service)).toEqual([
      {
        executor: 'claude-code',
        state: 'paused',
        reason: 'rate_limited: resets 5:20am',
        since: '2026-03-02T01:00:00.000Z',
        until: '2026-03-02T05:20:00.000Z',
      },
    ]);
    const both = { executors: ['claude-code', 'codex'] };
    const answer = await claim(service, both);
    expect(answer).toMatchObject({ tasks: [{ task: { id: 'shell-like' } }], held: [{ state: 'paused' }] });
    expect(answer).not.toHaveProperty('reason');
    expect(await claim(service, { ...both, runner: 'r2' })).toMatchObject({ tasks: [], reason: 'paused' });
    expect(await claim(service, { executors: ['codex'] })).toEqual({ tasks: [], reason: 'empty' });
    await service.pass(4 * 3600 + 19 * 60);
    expect((await claim(service)).tasks).toEqual([]);
    await service.pass(60);
    const finished = await finish(service, await claimOne(service), { status: 'completed' });
    expect(finished.body).toMatchObject({ final: true, task_status: 'completed' });
  });

  test('limits without an end are waited out longer each time, until a success', async () => {
    const service = await movable();
    await create(service, 't', { max_attempts: 1 });
    const limited = { status: 'failed', error_class: 'overloaded' };
    for (const seconds of [30, 60, 120, 240]) {
      await finish(service, await claimOne(service), limited);
      await service.pass(seconds - 1);
      expect(await claim(service)).toMatchObject({ tasks: [], reason: 'paused' });
      await service.pass(1);
    }
    await finish(service, await claimOne(service), { status: 'completed' });
    await create(service, 'next');
    await finish(service, await claimOne(service), limited);
    await service.pass(30);
    await claimOne(service);
  });

  test('a runner that is not logged in gets nothing more, another one does, and a probe opens it', async () => {
    const service = await movable();
    for (const id of ['a', 'b', 'c', 'd']) await create(service, id, { max_attempts: 1 });
    const login = { status: 'failed', error_class: 'auth' };
    await finish(service, await claimOne(service), login, { error_message: 'Not logged in' });
    expect(await claim(service)).toMatchObject({
      tasks: [],
      reason: 'paused',
      held: [{ executor: 'claude-code', runner: 'r1', state: 'closed', reason: 'auth: Not logged in' }],
    });
    const other = await claim(service, { runner: 'r2' });
    expect(other.tasks).toHaveLength(1);
    expect(other).not.toHaveProperty('held');
    // Its probe passes, and yet the next attempt fails: the one after that has to wait.
    await finish(service, await claimOne(service, { probed: ['claude-code'] }), login);
    expect(await claim(service, { probed: ['claude-code'] })).toMatchObject({ tasks: [], reason: 'paused' });
    await service.pass(30);
    await finish(service, await claimOne(service, { probed: ['claude-code'] }), { status: 'completed' });
    expect(await holds(service)).toEqual([]);
  });

  test('a task that fails by the set-up again and again does not keep the others from running', async () => {
    const service = await movable();
    await create(service, 'poison', { priority: 10, max_attempts: 1 });
    for (const id of ['a', 'b', 'c', 'd']) await create(service, id, { max_attempts: 1 });
    const done: string[] = [];
    for (let minute = 0; minute < 30 && done.length < 4; minute++) {
      const { tasks } = await claim(service, { probed: ['claude-code'] });
      for (const claimed of tasks) {
        const bad = claimed.task.id === 'poison';
        await finish(
          service,
          claimed,
          bad ? { status: 'failed', error_class: 'spawn' } : { status: 'completed' },
        );
        if (!bad) done.push(claimed.task.id);
      }
      await service.pass(60);
    }
    expect(done).toEqual(['a', 'b', 'c', 'd']);
    expect(await find(service, 'poison')).toMatchObject({ status: 'pending', attempts_spent: 0 });
  });

  test('an admin opens an executor, for one runner or for all; nobody else does', async () => {
    const service = await movable();
    for (const id of ['a', 'b']) await create(service, id);
    const [one, two] = [await claimOne(service), await claimOne(service, { runner: 'r2' })];
    await finish(service, one, { status: 'failed', error_class: 'auth' });
    await finish(service, two, { status: 'failed', error_class: 'rate_limited' });
    const open = '/api/agent/executors/claude-code/open';
    expect((await service.send('POST', open, {})).status).toBe(401);
    expect((await service.send('POST', open, { runner: 'r1' }, { admin: true })).body).toEqual({
      opened: true,
    });
    expect(await holds(service)).toMatchObject([{ state: 'paused' }]);
    expect((await service.send('POST', open, {}, { admin: true })).body).toEqual({ opened: true });
    expect((await service.send('POST', open, {}, { admin: true })).body).toEqual({ opened: false });
    expect(await holds(service)).toEqual([]);
    expect((await service.get('/metrics')).text).toContain('agent_executor_paused{executor="claude-code"} 0');
    await claimOne(service);
  });
});

describe('one bad hour of a provider', () => {
  /** Runs all that can be had through this many workers, every half minute, until the queue is empty. */
  async function overnight(
    service: Awaited<ReturnType<typeof movable>>,
    outcomeNow: () => object | undefined,
  ) {
    let attempts = 0;
    for (let round = 0; round < 400; round++) {
      const { tasks, reason } = await claim(service, { free_workers: 4 });
      if (reason === 'empty' && !(await service.store.executors.list()).length) break;
      for (const claimed of tasks) {
        attempts += 1;
        const { retry_at, ...failed } = { retry_at: undefined, ...outcomeNow() };
        const outcome = Object.keys(failed).length > 0 ? failed : { status: 'completed' };
        expect((await finish(service, claimed, outcome, { retry_at })).status).toBe(200);
      }
      await service.pass(30);
    }
    return attempts;
  }

  const end = start + 10 * 60_000 + 3600_000;
  const bad = (now: number) => now >= start + 10 * 60_000 && now < end;
  test.each([
    [
      'names when it ends',
      (): object => ({
        status: 'failed',
        error_class: 'rate_limited',
        retry_at: new Date(end).toISOString(),
      }),
    ],
    ['does not say', (): object => ({ status: 'failed', error_class: 'overloaded' })],
  ])('that %s costs no task and no success rate', async (_how, failure) => {
    const service = await movable();
    for (let i = 0; i < 120; i++) await create(service, `t${i}`, { max_attempts: 1 });
    const attempts = await overnight(service, () => (bad(service.now()) ? failure() : undefined));
    const { success_rate, excluded } = await metrics(service);
    expect(success_rate).toEqual({ completed: 120, failed: 0, total: 120, rate: 1 });
    expect(excluded.provider).toBe(attempts - 120);
    expect(excluded.provider).toBeGreaterThan(0);
    // Four workers, and a back-off that doubles from 30 s: the hour is over after 7 of them.
    expect(excluded.provider).toBeLessThanOrEqual(4 * 8);
    const page = await service.get('/api/agent/tasks?status=completed&limit=200');
    const { items } = page.body as { items: TaskDetail[] };
    expect(items.every(({ attempts_spent }) => attempts_spent === 1)).toBe(true);
    expect(await holds(service)).toEqual([]);
    // Prometheus sees no failure of a task either: the first answer shows new series at 0.
    await service.get('/metrics');
    await service.pass(60);
    const finished = (await service.get('/metrics')).text.match(/^agent_tasks_finished_total\{.*/gm) ?? [];
    const counted = finished.map((line) => [/status="(\w+)"/.exec(line)?.[1], line.split(' ').at(-1)]);
    expect(counted.sort()).toEqual([
      ['completed', '120'],
      ['failed', '0'],
    ]);
  });
});

test('what an attempt changed is shown with it', async () => {
  const service = await serviceUnderTest();
  await create(service, 't');
  const changes = {
    base: 'a1',
    head: 'b2',
    commits: 1,
    files: [{ path: 'a.ts', added: 1, deleted: 0 }],
    files_changed: 1,
    lines_added: 1,
    lines_deleted: 0,
  };
  await finish(service, await claimOne(service), { status: 'completed' }, { changes, branch: 'andon/t-1' });
  expect(await find(service, 't')).toMatchObject({ branch: 'andon/t-1', attempts: [{ changes }] });
});

test('every error class has a line in the table', () => {
  const faults = new Set(errorClasses.map((one: ErrorClass) => faultOf[one]));
  expect([...faults].sort()).toEqual(Object.keys(table).sort());
});
