import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { newRunnerLife } from '../../src/runner/runner-life.ts';
import { createServiceClient } from '../../src/runner/service-client.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { startRunnerProcess } from './runner-process.ts';
import { bench } from './runner-under-test.ts';

const spooled = (data: string) =>
  existsSync(join(data, 'spool'))
    ? readdirSync(join(data, 'spool')).filter((name) => name.endsWith('.json'))
    : [];

it('an outcome is on disk before the service is asked, and gone once it has answered', async () => {
  const { service, folder, start, measured } = await bench();
  const data = join(folder, 'data');
  const task = shellTask('true');
  service.finishStatus = 503;
  service.queue = [task];
  start();
  await vi.waitFor(() => expect(service.finishes).not.toHaveLength(0), 5000);
  expect(spooled(data)).toEqual([`${task.id}-1.json`]);
  expect(measured.depths.at(-1)).toBe(1);
  service.finishStatus = undefined;
  await vi.waitFor(() => expect(spooled(data)).toEqual([]), 5000);
  await vi.waitFor(() => expect(measured.depths.at(-1)).toBe(0));
  expect(measured.observed).toHaveLength(1);
});

it('while the service is away it is not flooded, and gets each outcome once when it is back', async () => {
  const { service, run, measured, log } = await bench();
  service.finishStatus = 503;
  const tasks = Array.from({ length: 8 }, () => shellTask('true'));
  const before = vi.waitFor(() => expect(service.finishes.length).toBeGreaterThan(5), 10_000);
  const running = (async () => {
    service.queue.push(...tasks);
    const done = run([], { workers: 8, random: () => 0 });
    await before;
    const tries = service.finishes.length;
    service.finishStatus = undefined;
    service.finishes.length = 0;
    await done;
    return tries;
  })();
  expect(await running).toBeLessThanOrEqual(16);
  expect(service.finishes.map(({ id }) => id).sort()).toEqual(tasks.map(({ id }) => id).sort());
  expect(measured.observed).toHaveLength(8);
  expect(log.filter(({ msg }) => msg.startsWith('the service cannot take an outcome'))).toHaveLength(1);
});

it('a short outage is over as soon for many workers as for one', async () => {
  const { service, start } = await bench();
  service.finishStatus = 503;
  // All end at once, so that all find the service away.
  service.queue = Array.from({ length: 8 }, () => shellTask('sleep 0.5'));
  start({ workers: 8, random: () => 1 });
  // And the first that is tried again too.
  await vi.waitFor(() => expect(service.finishes.length).toBeGreaterThanOrEqual(9), 10_000);
  service.finishStatus = undefined;
  service.finishes.length = 0;
  await vi.waitFor(() => expect(service.finishes).toHaveLength(8), 10_000);
});

it('kill -9 between the agent’s end and the answer loses nothing: the next run delivers it, once', async () => {
  const { service, folder, run, measured } = await bench();
  const data = join(folder, 'data');
  const task = shellTask('echo done');
  service.queue = [task];
  service.finishStatus = 503;
  const first = startRunnerProcess(service.url, data);
  await vi.waitFor(() => expect(service.finishes).not.toHaveLength(0), 10_000);
  await first.kill();
  const reported = service.finishes.map(({ request }) => request);
  service.finishStatus = undefined;
  service.finishes.length = 0;

  await run([]);
  expect(service.finishes).toEqual([{ id: task.id, request: reported[0] }]);
  expect(spooled(data)).toEqual([]);
  expect(measured.observed).toEqual([expect.objectContaining({ status: 'completed', queue_seconds: 7 })]);

  service.finishes.length = 0;
  await run([]);
  expect(service.finishes).toEqual([]);
});

it('what is spooled goes out before anything new is claimed', async () => {
  const { service, folder, run } = await bench();
  service.queue = [shellTask('true')];
  service.finishStatus = 503;
  const first = startRunnerProcess(service.url, join(folder, 'data'));
  await vi.waitFor(() => expect(service.finishes).not.toHaveLength(0), 10_000);
  await first.kill();
  service.finishStatus = undefined;
  const calls: string[] = [];
  const client = createServiceClient({ url: service.url });
  await run([], {
    client: {
      ...client,
      claim(request) {
        calls.push('claim');
        return client.claim(request);
      },
      finish(id, request) {
        calls.push('finish');
        return client.finish(id, request);
      },
    },
  });
  expect(calls).toEqual(['finish', 'claim']);
});

it('what another runner that lives has spooled is its own', async () => {
  const { service, folder, run } = await bench();
  service.queue = [shellTask('true')];
  service.finishStatus = 503;
  startRunnerProcess(service.url, join(folder, 'data'));
  await vi.waitFor(() => expect(service.finishes).not.toHaveLength(0), 10_000);
  await run([], { id: 'r2' });
  expect(spooled(join(folder, 'data'))).toHaveLength(1);
});

it('a runner that stops while the service is away leaves its outcomes in the spool', async () => {
  const { service, folder, start, log, run } = await bench();
  const data = join(folder, 'data');
  service.queue = [shellTask('sleep 600')];
  const runner = start({ reportSeconds: 0.1 });
  await vi.waitFor(() => expect(existsSync(join(data, 'logs'))).toBe(true));
  service.finishStatus = 503;
  await runner.stop();
  expect(spooled(data)).toHaveLength(1);
  expect(log.map(({ msg }) => msg)).toContain(
    'the outcome stays in the spool, and is delivered by the next run',
  );
  service.finishStatus = undefined;
  service.finishes.length = 0;
  await run([]);
  expect(service.finishes.map(({ request }) => request.hand_back)).toEqual([true]);
  expect(spooled(data)).toEqual([]);
});

it.each([400, 404, 413])('what is refused for good (%i) is kept aside, and said loudly', async (status) => {
  const { service, run, folder, log, measured } = await bench();
  service.finishStatus = status;
  const task = shellTask('true');
  await run([task]);
  const refused = join(folder, 'data', 'spool', 'refused');
  expect(readdirSync(refused)).toEqual([`${task.id}-1.json`]);
  expect(JSON.parse(readFileSync(join(refused, `${task.id}-1.json`), 'utf8'))).toMatchObject({
    task_id: task.id,
    request: { outcome: { status: 'completed' } },
  });
  expect(log.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
    expect.stringContaining(`the outcome was refused, and is kept in ${refused}`),
  ]);
  expect(measured.observed).toEqual([]);
});

it('a token that is being changed costs no outcome', async () => {
  const { service, start } = await bench();
  service.finishStatus = 401;
  service.queue = [shellTask('true')];
  start();
  await vi.waitFor(() => expect(service.finishes.length).toBeGreaterThan(1), 5000);
  service.finishStatus = undefined;
  const before = service.finishes.length;
  await vi.waitFor(() => expect(service.finishes.length).toBe(before + 1), 5000);
});

it('a spool that cannot be written is loud, and the report goes on', async () => {
  const { runOne, folder, log, measured } = await bench();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'spool'), 'a file where the folder should be');
  expect((await runOne(shellTask('true'))).outcome.status).toBe('completed');
  expect(log.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
    expect.stringContaining('the outcome cannot be written to the spool'),
  ]);
  expect(measured.observed).toHaveLength(1);
});

it('a disk that is full is loud, and the report goes on', async () => {
  const { service, runOne, folder, log } = await bench();
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  const task = shellTask('');
  // Every write to it fails with ENOSPC.
  task.context.command = `ln -s /dev/full "${spool}/${task.id}-1.json.\${ANDON_RUN_MARK##*:}.tmp"`;
  expect((await runOne(task)).outcome.status).toBe('completed');
  expect(log.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/cannot be written.*no space left/));
  expect(service.finishes).toHaveLength(1);
});

it('a file in the spool that is no outcome is put aside', async () => {
  const { run, folder, log, service } = await bench();
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  writeFileSync(join(spool, 't9-1.json'), '{"task_id":"t9","requ');
  chmodSync(spool, 0o700);
  await run([]);
  expect(readdirSync(join(spool, 'refused'))).toEqual(['t9-1.json']);
  expect(log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('cannot be read'));
  expect(service.finishes).toEqual([]);
});

it('what a killed runner was writing counts if it had got to the end of it, and is gone if not', async () => {
  const { run, folder, service } = await bench();
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  const dead = { runner: 'r', instance: 'otherboot.1.1.dead' };
  const finish = {
    ...dead,
    task_id: 't8',
    observe: true,
    request: {
      lease_token: 'l',
      attempt: 1,
      outcome: { duration_seconds: 1, status: 'completed', billing: 'unknown', usage_state: 'none' },
    },
  };
  const living = `t7-1.json.${newRunnerLife(folder, 'other').instance}.tmp`;
  writeFileSync(join(spool, `t8-1.json.${dead.instance}.tmp`), JSON.stringify(finish));
  writeFileSync(join(spool, `t9-1.json.${dead.instance}.tmp`), JSON.stringify(finish).slice(0, 60));
  writeFileSync(join(spool, living), '{');
  await run([]);
  expect(service.finishes.map(({ id }) => id)).toEqual(['t8']);
  expect(readdirSync(spool)).toEqual([living]);
});
