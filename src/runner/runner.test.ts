import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import {
  agentTask,
  answeredLabels,
  type ServiceStandIn,
  shellTask,
  startServiceStandIn,
} from '../../test/executors/service-stand-in.ts';
import { claudeCode } from '../executors/claude-code.ts';
import { shell } from '../executors/shell.ts';
import { type RunnerTelemetry, startTelemetry } from '../telemetry/sdk.ts';
import { createRunner, type Runner, type RunnerOptions } from './runner.ts';
import { createServiceClient } from './service-client.ts';

const fakeCli = new URL('../../test/executors/fake-cli', import.meta.url).pathname;
const success = 'claude-code/2.1-success.jsonl';

let service: ServiceStandIn;
let telemetry: RunnerTelemetry;
let runner: Runner | undefined;
let folder: string;
const log: string[] = [];

beforeEach(async () => {
  log.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'andon-'));
  service = await startServiceStandIn();
  telemetry = await startTelemetry({
    metricsHost: '127.0.0.1',
    metricsPort: 0,
    exportTraces: false,
    serviceVersion: '0',
    runner: 'r1',
    executors: ['shell'],
  });
});

afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await telemetry.shutdown();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

function start(changes: Partial<RunnerOptions> = {}): Runner {
  runner = createRunner({
    id: 'r1',
    client: createServiceClient({ url: service.url, timeoutSeconds: 2 }),
    executors: [shell, claudeCode({ command: fakeCli, args: [], billing: 'metered' })],
    workers: 2,
    pollSeconds: 0.02,
    graceSeconds: 0.2,
    dataDir: folder,
    logsDir: join(folder, 'logs'),
    env: { PATH: '/usr/bin:/bin', FAKE_DIR: folder, FAKE_FIXTURE: success },
    telemetry,
    logger: pino({ level: 'info' }, { write: (line) => void log.push(JSON.parse(line).msg) }),
    ...changes,
  });
  runner.start();
  return runner;
}

const metricsText = async () => (await fetch(telemetry.metricsUrl)).text();
const finished = (count: number) => eventually(() => expect(service.finishes).toHaveLength(count));
const running = () =>
  eventually(async () => expect(await metricsText()).toContain('tasks{executor="shell"} 1'));

describe('with once', () => {
  it('runs what there is, two at a time, and leaves', async () => {
    service.queue = Array.from({ length: 5 }, () => shellTask('true'));
    await start({ once: true }).done;
    expect(service.finishes.map(({ request }) => request.outcome.status)).toEqual(Array(5).fill('completed'));
    expect(
      service.claims.map(({ free_workers }) => free_workers).every((free) => free > 0 && free <= 2),
    ).toBe(true);
    expect(service.left).toEqual(['r1']);
  });

  it('stays while something runs that may set more free', async () => {
    service.queue = [shellTask(`until [ -e ${folder}/go ]; do sleep 0.02; done`)];
    const { done } = start({ once: true });
    await eventually(() => expect(service.claims.length).toBeGreaterThan(4));
    service.queue = [shellTask(`touch ${folder}/go`)];
    await done;
    expect(service.finishes).toHaveLength(2);
  });
});

describe('an outcome', () => {
  it('is observed with the labels of the answer, once it is recorded', async () => {
    service.queue = [shellTask('true')];
    await start({ once: true }).done;
    const labels = `project="bounded",task_type="impl",model="${answeredLabels.model}",executor="shell",variant="none"`;
    const text = await metricsText();
    expect(text).toContain(`agent_task_duration_seconds_count{${labels},status="completed"} 1`);
    expect(text).toContain(`agent_task_queue_seconds_sum{${labels}} 7`);
    expect(text).toContain('agent_runner_running_tasks{executor="shell"} 0');
  });

  it('that does not count is not observed', async () => {
    service.finishStatus = 409;
    service.queue = [shellTask('true')];
    await start({ once: true }).done;
    expect(await metricsText()).not.toContain('agent_task_duration_seconds_count');
    expect(log).toContainEqual(expect.stringContaining('the outcome does not count'));
  });

  it('that is refused is said loudly', async () => {
    service.finishStatus = 400;
    service.queue = [shellTask('true')];
    await start({ once: true }).done;
    expect(service.finishes).toHaveLength(1);
    expect(log).toContainEqual(expect.stringContaining('the outcome was refused, and is kept in'));
  });

  it('waits for a service that is down', async () => {
    service.finishStatus = 503;
    service.queue = [shellTask('true')];
    const { done } = start({ once: true });
    await finished(2);
    service.finishStatus = undefined;
    await done;
    expect(log.filter((line) => line.startsWith('the outcome'))).toEqual([
      expect.stringContaining('the outcome waits'),
    ]);
    expect(await metricsText()).toContain('agent_task_duration_seconds_count');
  });
});

describe('heartbeats', () => {
  it('say how long an agent has been silent, where that says something', async () => {
    service.leaseSeconds = 0.15;
    service.queue = [agentTask(), shellTask('sleep 600')];
    start({ env: { PATH: '/usr/bin:/bin', FAKE_MODE: 'hang-midway', FAKE_FIXTURE: success } });
    await eventually(() => {
      const silences = service.heartbeats.map((beat) => beat.seconds_since_progress);
      expect(silences.some((silence) => silence !== undefined && silence > 0)).toBe(true);
      expect(silences).toContain(undefined);
    });
  });

  it('bring a cancellation', async () => {
    service.leaseSeconds = 0.15;
    service.cancel = true;
    service.queue = [shellTask('sleep 600')];
    start();
    await finished(1);
    expect(service.finishes[0]?.request).toMatchObject({ outcome: { error_class: 'cancelled' } });
    expect(service.finishes[0]?.request.hand_back).toBeUndefined();
  });

  it.each([409, 404])('answered by %i end an attempt that is no longer ours', async (status) => {
    service.leaseSeconds = 0.15;
    service.heartbeatStatus = status;
    service.finishStatus = 409;
    service.queue = [shellTask('sleep 600')];
    start();
    await finished(1);
    expect(service.finishes[0]?.request.hand_back).toBeUndefined();
  });
});

describe('a service that does not answer', () => {
  it('is given up with once, after a bound', async () => {
    service.failWith = 503;
    const { done } = start({ once: true, giveUpSeconds: 0.2 });
    await expect(done).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^no tasks could be claimed for 0.2 s: .*503/),
    });
  });

  it('is not given up before what runs has ended, whose outcome is tried once', async () => {
    service.queue = [shellTask(`until [ -e ${folder}/go ]; do sleep 0.02; done`)];
    const { done } = start({ once: true, giveUpSeconds: 0.2 });
    const ended = vi.fn();
    void done.catch(ended);
    await running();
    service.failWith = 503;
    await eventually(() => expect(log).toContainEqual(expect.stringMatching(/^no tasks can be claimed/)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended).not.toHaveBeenCalled();
    service.failWith = undefined;
    await writeFile(join(folder, 'go'), '');
    await expect(done).rejects.toMatchObject({ code: 'unavailable' });
    expect(service.finishes).toHaveLength(1);
  });
});

describe('a service that refuses the runner', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ])('with %i is fatal at once, and says what to do', async (status, code) => {
    service.failWith = status;
    const refused = start();
    await expect(refused.done).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/refuses this runner: .*\d+.*ANDON_TOKEN/),
    });
    expect(service.requests).toBe(1);
    await refused.stop();
  });

  it('ends what runs', async () => {
    service.queue = [shellTask('sleep 600')];
    const { done } = start();
    const failed = expect(done).rejects.toMatchObject({ code: 'unauthorized' });
    await running();
    service.failWith = 401;
    await failed;
    expect(log).toContainEqual(expect.stringContaining('the outcome stays in the spool'));
  });
});

describe('stopping', () => {
  it('cuts a drain short', async () => {
    service.queue = [shellTask('sleep 600')];
    const drained = start();
    await running();
    const done = drained.drain();
    await drained.stop();
    await done;
    expect(service.finishes[0]?.request.hand_back).toBe(true);
  });

  it('leaves no timer that would hold the process where it has ended by itself', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const ended = start({ once: true });
    await ended.done;
    const before = timers();
    await ended.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('is quick where nothing runs, and where it never ran', async () => {
    await start().stop({ graceSeconds: 60 });
    await createRunner({ ...optionsOfNone(), executors: [shell] }).stop();
  });
});

it('refuses to run without an executor', () => {
  expect(() => createRunner({ ...optionsOfNone(), executors: [] })).toThrow('at least one executor');
});

function optionsOfNone(): RunnerOptions {
  return {
    id: 'r2',
    client: createServiceClient({ url: service.url }),
    executors: [],
    workers: 1,
    pollSeconds: 1,
    graceSeconds: 1,
    dataDir: folder,
    logsDir: folder,
    env: {},
    telemetry,
    logger: pino({ level: 'silent' }),
  };
}
