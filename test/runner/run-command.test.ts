import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../src/config.ts';
import type { Attempt } from '../../src/domain/attempt.ts';
import type { Task } from '../../src/domain/task.ts';
import { eventually } from '../eventually.ts';
import { readFixture } from '../executors/agent-fixture.ts';
import { andon, until } from '../process-under-test.ts';
import { serviceUnderTest } from '../service-under-test.ts';
import { fakeAgent } from './pipeline-under-test.ts';
import { appears, goodRun, isRunning } from './runner-under-test.ts';
import { endWithTest } from './survivors.ts';

/** The real service, and `andon run` as a process of its own. */
async function running(settings: ConfigInput['runner'] = {}) {
  const service = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  const { folder } = service;
  const config = join(folder, 'andon.yaml');
  const runner = { id: 'r1', metrics_port: 0, poll_seconds: 0.05, grace_seconds: 0.3, ...settings };
  const cli = { command: fakeAgent };
  writeFileSync(
    config,
    stringify({ data_dir: folder, log_level: 'warn', runner, executors: { 'claude-code': cli, codex: cli } }),
  );
  const started = andon(['run', '--config', config, '--service', service.url], {
    HOME: folder,
    FAKE_DIR: folder,
  });
  await eventually(() => expect(started.output()).toContain('takes tasks of'));
  const queue = async (command: string, task: object = {}) => {
    const body = { direction: 'x', task_type: 'review', executor: 'shell', context: { command }, ...task };
    const { id } = (await service.send('POST', '/api/agent/tasks', body, { admin: true })).body as Task;
    endWithTest(id);
    return id;
  };
  const find = async (id: string) =>
    (await service.get(`/api/agent/tasks/${id}`)).body as Task & { attempts: Attempt[] };
  return { service, folder, started, queue, find };
}

/** A command that leaves its process id, ignores TERM, and would go on for ever. */
const stubborn = (folder: string) =>
  `trap '' TERM; echo $$ > ${folder}/pid.tmp; mv ${folder}/pid.tmp ${folder}/pid; while :; do sleep 0.1; done`;

it('200 MB of output in one line, and 100 MB in many, fill neither memory nor disk, and hide no result', async () => {
  const limit = 1_000_000;
  const { service, folder, queue, find } = await running({ log_max_bytes: limit, workers: 1 });
  const before = await peakMemory(folder, queue);
  for (const [mode, bytes] of [['flood', 200_000_000] as const, ['flood-of-lines', 100_000_000] as const]) {
    const direction = `FAKE_MODE=${mode} FAKE_BYTES=${bytes} FAKE_FIXTURE=${goodRun}`;
    const id = await queue('', { executor: 'claude-code', context: {}, direction });
    const { status, attempts } = await until(
      () => find(id),
      ({ finished_at }) => finished_at !== undefined,
      { seconds: 60, what: `the ${mode} is over` },
    );
    expect([status, attempts[0]?.cost_usd]).toEqual(['completed', 0.1443]);
    const log = (await service.get(`/api/agent/tasks/${id}/log`)).text;
    expect(Buffer.byteLength(log)).toBeLessThan(limit + 1000);
    const notKept = Number(/\n# (\d+) bytes of output are not kept here\n/.exec(log)?.[1]);
    expect(Math.abs(notKept - (bytes - limit))).toBeLessThan(10_000);
    expect(log).toMatch(/^# attempt=1 .*\n[^#]/);
    expect(log).toContain(`\n${readFixture(goodRun)}# tokens: `);
  }
  expect((await peakMemory(folder, queue)) - before).toBeLessThan(150_000);
}, 120_000);

describe('a runner that is told to stop', () => {
  it('hands back what has not ended within its grace, and leaves no process', async () => {
    const { folder, started, queue, find } = await running({ stop_grace_seconds: 0.3 });
    const id = await queue(stubborn(folder));
    const pid = await appears(join(folder, 'pid'));
    expect(await started.terminate()).toBe(0);
    expect(started.output()).toContain('Stopping: handing back 1 running task in 0.3 s');
    expect(await find(id)).toMatchObject({ status: 'pending', attempts_spent: 0, error_class: 'killed' });
    expect(isRunning(pid)).toBe(false);
  });

  it('takes nothing more, lets end what ends in time, and hands back the rest at once when it is told again', async () => {
    const { folder, started, queue, find } = await running({ stop_grace_seconds: 600 });
    const quick = await queue(`touch ${folder}/runs; until [ -e ${folder}/go ]; do sleep 0.05; done`);
    const long = await queue(stubborn(folder));
    const pid = await appears(join(folder, 'pid'));
    await eventually(() => readFileSync(join(folder, 'runs')));
    void started.terminate('SIGINT');
    await eventually(() => expect(started.output()).toContain('2 running tasks in 600 s; Ctrl-C again'));
    const late = await queue('true');
    writeFileSync(join(folder, 'go'), '');
    await eventually(async () => expect((await find(quick)).status).toBe('completed'));
    expect(await started.terminate('SIGINT')).toBe(0);
    expect(await find(long)).toMatchObject({ status: 'pending', attempts_spent: 0 });
    expect((await find(late)).attempts).toEqual([]);
    expect(isRunning(pid)).toBe(false);
  });

  it('takes its processes with it when it is told a third time', async () => {
    const { folder, started, queue } = await running({ stop_grace_seconds: 600, grace_seconds: 600 });
    await queue(stubborn(folder));
    const pid = await appears(join(folder, 'pid'));
    void started.terminate('SIGINT');
    await eventually(() => expect(started.output()).toContain('Stopping'));
    // Another signal each time: two of a kind in a row may come as one.
    void started.terminate('SIGTERM');
    expect(await started.terminate('SIGHUP')).toBeGreaterThan(128);
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });
});

it('a runner says at its start which of its agents are not there, or not logged in, and what to do', async () => {
  const { started } = await running();
  await eventually(() => expect(started.output()).toContain('may fail'));
  expect(started.output()).toContain('Runner r1 takes tasks of http://127.0.0.1:');
  expect(started.output()).toMatch(/Executor gemini is off: gemini is not on PATH\. Install Gemini CLI/);
  expect(started.output()).toMatch(
    /Executor codex may fail: No login of .* was found: log in by `codex login`/,
  );
});

/** The most memory that the runner has had so far, in KiB: by what a task of it sees of its parent. */
async function peakMemory(folder: string, queue: (command: string) => Promise<string>): Promise<number> {
  const file = join(folder, `peak-${crypto.randomUUID()}`);
  await queue(`grep VmHWM /proc/$PPID/status > ${file}.tmp; mv ${file}.tmp ${file}`);
  return Number(/\d+/.exec(await appears(file))?.[0]);
}
