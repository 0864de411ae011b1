import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newRunnerLife } from '../../src/runner/runner-life.ts';
import { createServiceClient } from '../../src/runner/service-client.ts';
import { eventually } from '../eventually.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { startRunnerProcess } from './runner-process.ts';
import { bench, standInBench } from './runner-under-test.ts';

const spooled = (data: string) =>
  existsSync(join(data, 'spool'))
    ? readdirSync(join(data, 'spool')).filter((name) => name.endsWith('.json'))
    : [];

it('an outcome is on disk before the service is asked, and gone once it has answered', async () => {
  const { service, folder, start, measured, queue } = await standInBench();
  const data = join(folder, 'data');
  const task = shellTask('true');
  service.finishStatus = 503;
  await queue(task);
  start();
  await eventually(() => expect(service.finishes).not.toHaveLength(0));
  expect(spooled(data)).toEqual([`${task.id}-1.json`]);
  expect(measured.depths.at(-1)).toBe(1);
  service.finishStatus = undefined;
  await eventually(() => expect(spooled(data)).toEqual([]));
  await eventually(() => expect(measured.depths.at(-1)).toBe(0));
  expect(measured.observed).toHaveLength(1);
});

it('while the service is away it is not flooded, and gets each outcome once when it is back', async () => {
  const { service, run, measured, log } = await standInBench();
  service.finishStatus = 503;
  const tasks = Array.from({ length: 8 }, () => shellTask('true'));
  const before = eventually(() => expect(service.finishes.length).toBeGreaterThan(5));
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
  const { service, start, queue } = await standInBench();
  service.finishStatus = 503;
  // All end at once, so that all find the service away.
  await queue(...Array.from({ length: 8 }, () => shellTask('sleep 0.5')));
  start({ workers: 8, random: () => 1 });
  // And the first that is tried again too.
  await eventually(() => expect(service.finishes.length).toBeGreaterThanOrEqual(9));
  service.finishStatus = undefined;
  service.finishes.length = 0;
  await eventually(() => expect(service.finishes).toHaveLength(8));
});

it('kill -9 between the agent’s end and the answer loses nothing: the next run delivers it, once', async () => {
  const { service, folder, run, measured, queue } = await standInBench();
  const data = join(folder, 'data');
  const task = shellTask('echo done');
  await queue(task);
  service.finishStatus = 503;
  const first = startRunnerProcess(service.url, data);
  await eventually(() => expect(service.finishes).not.toHaveLength(0));
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
  const { service, folder, run, queue } = await standInBench();
  await queue(shellTask('true'));
  service.finishStatus = 503;
  const first = startRunnerProcess(service.url, join(folder, 'data'));
  await eventually(() => expect(service.finishes).not.toHaveLength(0));
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
  const { service, folder, run, queue } = await standInBench();
  await queue(shellTask('true'));
  service.finishStatus = 503;
  startRunnerProcess(service.url, join(folder, 'data'));
  await eventually(() => expect(service.finishes).not.toHaveLength(0));
  await run([], { id: 'r2' });
  expect(spooled(join(folder, 'data'))).toHaveLength(1);
});

it('a runner that stops while the service is away leaves its outcomes in the spool', async () => {
  const { service, folder, start, log, run, queue } = await standInBench();
  const data = join(folder, 'data');
  await queue(shellTask('sleep 600'));
  const runner = start({ reportSeconds: 0.1 });
  await eventually(() => expect(existsSync(join(data, 'logs'))).toBe(true));
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
  const { service, run, folder, log, measured } = await standInBench();
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
  const { service, start, queue } = await standInBench();
  service.finishStatus = 401;
  await queue(shellTask('true'));
  start();
  await eventually(() => expect(service.finishes.length).toBeGreaterThan(1));
  service.finishStatus = undefined;
  const before = service.finishes.length;
  await eventually(() => expect(service.finishes.length).toBe(before + 1));
});

/** A runner whose spool breaks after it began: its folder is a file from then on. */
const breaks = (spool: string) => shellTask(`rm -r ${spool}; echo in the way > ${spool}`);

it('a spool that cannot be written is loud and counted, and the report goes on', async () => {
  const { runOne, folder, log, measured } = await bench();
  const { outcome } = await runOne(breaks(join(folder, 'data', 'spool')));
  expect(outcome.status).toBe('completed');
  expect(log.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
    expect.stringContaining('the outcome cannot be written to the spool'),
  ]);
  expect(measured.spoolErrors).toBe(1);
  expect(measured.observed).toHaveLength(1);
});

it('an outcome that is not on disk is still delivered when the service is back', async () => {
  const { service, folder, start, queue, measured } = await standInBench();
  service.finishStatus = 503;
  await queue(breaks(join(folder, 'data', 'spool')));
  start();
  await eventually(() => expect(service.finishes.length).toBeGreaterThan(1));
  service.finishStatus = undefined;
  await eventually(() => expect(measured.observed).toHaveLength(1));
});

it('a disk that is full is loud, and the report goes on', async () => {
  const { runOne, folder, log, reported } = await bench();
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  const task = shellTask('');
  // Every write to it fails with ENOSPC.
  task.context.command = `ln -s /dev/full "${spool}/${task.id}-1.json.\${ANDON_RUN_MARK##*:}.tmp"`;
  expect((await runOne(task)).outcome.status).toBe('completed');
  expect(log.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/cannot be written.*no space left/));
  expect(reported).toHaveLength(1);
});

/** What a folder for outcomes is spoiled by before the runner starts. */
const spoilt: [string, (spool: string) => void][] = [
  ['is full', (spool) => symlinkSync('/dev/full', join(spool, `can-be-written.${process.pid}.tmp`))],
  [
    'is not a folder',
    (spool) => {
      rmSync(spool, { recursive: true });
      writeFileSync(spool, 'in the way');
    },
  ],
];

it.each(spoilt)('a runner whose spool %s says so when it starts, and takes no task', async (_, spoil) => {
  const { folder, service, queue, start } = await bench();
  const task = shellTask('true');
  await queue(task);
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  spoil(spool);
  await expect(start().done).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^outcomes cannot be kept in .*spool, so no task is begun: E/),
  });
  expect((await service.get(`/api/agent/tasks/${task.id}`)).body).toMatchObject({ status: 'pending' });
});

it('a file in the spool that is no outcome is put aside', async () => {
  const { run, folder, log, reported } = await bench();
  const spool = join(folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  writeFileSync(join(spool, 't9-1.json'), '{"task_id":"t9","requ');
  chmodSync(spool, 0o700);
  await run([]);
  expect(readdirSync(join(spool, 'refused'))).toEqual(['t9-1.json']);
  expect(log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('cannot be read'));
  expect(reported).toEqual([]);
});

it('what a killed runner was writing counts if it had got to the end of it, and is gone if not', async () => {
  const { run, folder, service } = await standInBench();
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
