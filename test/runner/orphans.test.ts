import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findMarked } from '../../src/runner/marked-processes.ts';
import { formatMark } from '../../src/runner/run-mark.ts';
import { newRunnerLife } from '../../src/runner/runner-life.ts';
import { eventually } from '../eventually.ts';
import { agentTask, shellTask } from '../executors/service-stand-in.ts';
import { startRunnerProcess } from './runner-process.ts';
import { appears, bench, isRunning } from './runner-under-test.ts';

it('a grandchild that left its process group is ended with the attempt', async () => {
  const { runOne, folder } = await bench({ FAKE_MODE: 'setsid' });
  const begun = performance.now();
  const { outcome } = await runOne(agentTask());
  expect(outcome.status).toBe('completed');
  expect(isRunning(readFileSync(join(folder, 'grandchild'), 'utf8'))).toBe(false);
  // It held the output open: nobody waited for that.
  expect(performance.now() - begun).toBeLessThan(1900);
});

it('also one that ignores TERM, and only that attempt’s', async () => {
  const { run, folder } = await bench();
  const stray = (name: string) =>
    `setsid sh -c 'trap "" TERM; echo $$ > ${folder}/${name}; while :; do sleep 1; done' >/dev/null 2>&1 & until [ -s ${folder}/${name} ]; do sleep 0.01; done`;
  const other = `${stray('other')}; until [ -e ${folder}/checked ]; do sleep 0.02; done; kill -0 $(cat ${folder}/other)`;
  const mine = `${stray('mine')}`;
  const check = `until [ -s ${folder}/mine ] && ! kill -0 $(cat ${folder}/mine); do sleep 0.02; done; touch ${folder}/checked`;
  const finishes = await run([shellTask(mine), shellTask(other), shellTask(check)]);
  expect(finishes.map(({ outcome }) => outcome.status)).toEqual(['completed', 'completed', 'completed']);
  for (const name of ['mine', 'other']) {
    expect(isRunning(readFileSync(join(folder, name), 'utf8'))).toBe(false);
  }
});

it('what a killed runner had started is found and ended when it is started again', async () => {
  const { service, folder, run, queue } = await bench();
  const data = join(folder, 'data');
  const leaves = `echo $$ > ${folder}/leader; setsid sleep 600 & echo $! > ${folder}/stray; sleep 600`;
  await queue(shellTask(leaves));
  const first = startRunnerProcess(service.url, data);
  const pids = await Promise.all(['leader', 'stray'].map((name) => appears(join(folder, name))));
  await first.kill();
  expect(pids.map(isRunning)).toEqual([true, true]);

  // A runner with a data folder of its own has nothing to do with them.
  await run([], { dataDir: join(folder, 'other') });
  expect(pids.map(isRunning)).toEqual([true, true]);

  // One on this folder has, whatever it is called: the name may be the port's that it got.
  const second = startRunnerProcess(service.url, data, 'r2');
  await eventually(() => expect(pids.map(isRunning)).toEqual([false, false]));
  await eventually(() => expect(second.output()).toMatch(/\d processes of an earlier run were still there/));
});

it('a second runner of the same name leaves alone what the first runs', async () => {
  const { service, folder, run, queue } = await bench();
  await queue(shellTask(`echo $$ > ${folder}/leader; sleep 600`));
  const first = startRunnerProcess(service.url, join(folder, 'data'));
  const pid = await appears(join(folder, 'leader'));
  await run([]);
  expect(isRunning(pid)).toBe(true);
  await first.kill('SIGTERM');
  expect(isRunning(pid)).toBe(false);
});

it.each([0, 40_000])('a mark is read whatever else is in the environment, %i bytes more', async (more) => {
  const mark = { ...newRunnerLife('/data', 'r'), task: 't1', attempt: 3 };
  const env = {
    PATH: '/usr/bin:/bin',
    X: 'Y_ANDON_RUN_MARK=wrong',
    MORE: 'x'.repeat(more),
    ANDON_RUN_MARK: formatMark(mark),
    Z: '1',
  };
  const child = spawn('sleep', ['600'], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  await eventually(async () => expect(await findMarked()).toContainEqual({ pid: child.pid, mark }));
});
