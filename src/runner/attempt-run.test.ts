import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics } from '@opentelemetry/api';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { agentTask, claimed, shellTask } from '../../test/executors/service-stand-in.ts';
import type { Task } from '../domain/task.ts';
import { createExecutors } from '../executors/registry.ts';
import { createRunnerMetrics } from '../telemetry/runner-metrics.ts';
import { type AttemptContext, type AttemptResult, startAttempt } from './attempt-run.ts';
import { newRunnerLife } from './runner-life.ts';
import { secretsOf } from './secrets.ts';
import { createWorkDirs } from './work-dirs.ts';

const fakeCli = new URL('../../test/executors/fake-cli', import.meta.url).pathname;
const success = 'claude-code/2.1-success.jsonl';
const executors = createExecutors({
  'claude-code': { command: fakeCli, args: [], billing: 'metered' },
});

let folder: string;
let context: AttemptContext;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-'));
  context = {
    runner: 'tester',
    executors: new Map(executors.map((executor) => [executor.name, executor])),
    life: newRunnerLife(folder, 'tester'),
    workDirs: createWorkDirs({
      dataDir: folder,
      env: process.env,
      keepFailedHours: 1,
      life: newRunnerLife(folder, 'tester'),
      clock: Date.now,
      logger: pino({ level: 'silent' }),
    }),
    changeExpected: [],
    limits: { firstByteSeconds: 20, stallSeconds: 20, afterResultSeconds: 20 },
    secrets: secretsOf({ ANDON_TOKEN: 'secret' }),
    logsDir: join(folder, 'logs'),
    graceSeconds: 0.2,
    env: {
      PATH: '/usr/bin:/bin',
      FAKE_DIR: folder,
      FAKE_FIXTURE: success,
      ANDON_TOKEN: 'secret',
      TRACESTATE: 'outer',
    },
    metrics: createRunnerMetrics(metrics.getMeter('test'), { executors: [], exported: true }),
    logger: pino({ level: 'silent' }),
    clock: () => Date.parse('2026-08-01T12:00:00Z'),
    monotonic: () => performance.now(),
  };
});

const run = (task: Task, traceparent?: string) => startAttempt(claimed(task), context, traceparent).result;
const runShell = (command: string, changes?: Partial<Task>) => run(shellTask(command, changes));

function runClaude(mode: string, changes?: Partial<Task>): Promise<AttemptResult> {
  context.env.FAKE_MODE = mode;
  return run(agentTask(changes));
}

const logOf = (task: Task) => readFile(join(folder, 'logs', `task_${task.id}.log`), 'utf8');

describe('a shell task', () => {
  it('that passes is completed, and its log says so', async () => {
    const task = shellTask('echo out; echo err >&2');
    const result = await run(task);
    expect(result.interpretation).toMatchObject({ status: 'completed', cost_source: 'none' });
    const log = await logOf(task);
    expect(log).toMatch(
      /^# attempt=1 started_at=2026-08-01T12:00:00.000Z executor=shell runner=tester\n(out\nerr|err\nout)\n# duration_seconds=\d+\.\d{3} exit=0 status=completed\n$/,
    );
    expect(result.log_tail).toBe(log);
  });

  it('that fails says why', async () => {
    const task = shellTask('printf "boom"; exit 3');
    const { interpretation } = await run(task);
    expect(interpretation).toMatchObject({
      status: 'failed',
      error_class: 'nonzero_exit',
      error_message: 'exit 3: boom',
    });
    expect(await logOf(task)).toMatch(
      /boom\n# duration_seconds=\S+ exit=3 status=failed error_class=nonzero_exit\n$/,
    );
  });

  it('sees what the task says of itself, and nothing of ours', async () => {
    const task = shellTask('env; pwd', {
      direction: 'Mend it.',
      context: { command: 'env; pwd', prompt_variant: 'terse', skill_version: 'v2' },
    });
    const log = (await run(task, '00-aa-bb-01')).log_tail.split('\n');
    expect(log).toEqual(
      expect.arrayContaining([
        `ANDON_TASK_ID=${task.id}`,
        'ANDON_TASK_TYPE=impl',
        'ANDON_ATTEMPT=1',
        'ANDON_VARIANT=prompt:terse,skill:v2',
        'ANDON_PROMPT_VARIANT=terse',
        'ANDON_SKILL_VERSION=v2',
        'ANDON_DIRECTION=Mend it.',
        'TRACEPARENT=00-aa-bb-01',
        join(folder, 'work', `${task.id}-1`),
      ]),
    );
    expect(log.filter((line) => /secret|TRACESTATE/.test(line))).toEqual([]);
  });

  it('gets an empty stdin', async () => {
    expect((await runShell('cat; echo done')).log_tail).toContain('done');
  });

  it('works in its repository', async () => {
    await mkdir(join(folder, 'repo'));
    expect((await runShell('pwd', { repo: join(folder, 'repo') })).log_tail).toContain(`${folder}/repo\n`);
  });

  it('is not run somewhere else if its repository is missing', async () => {
    const { interpretation } = await runShell('touch ran', { repo: join(folder, 'nowhere') });
    expect(interpretation).toMatchObject({ status: 'failed', error_class: 'nonzero_exit' });
    expect(interpretation.error_message).toContain('is not a folder on this machine');
  });

  it('leaves no empty folder, and keeps one with something in it', async () => {
    const [empty, full] = [shellTask('true'), shellTask('echo 1 > made')];
    await Promise.all([run(empty), run(full)]);
    expect(existsSync(join(folder, 'work', `${empty.id}-1`))).toBe(false);
    expect(existsSync(join(folder, 'work', `${full.id}-1`, 'made'))).toBe(true);
  });

  it('goes on without a log that cannot be written', async () => {
    await writeFile(context.logsDir, 'a file where the folder should be');
    const result = await runShell('echo out');
    expect(result.interpretation.status).toBe('completed');
    expect(result.log_tail).toContain('out\n');
  });
});

describe('an attempt that is ended', () => {
  it('at its time limit is a timeout, with everything that it started', async () => {
    const result = await runShell(`sleep 600 & echo $! > ${folder}/pid; wait`, { timeout_seconds: 0.3 });
    expect(result.interpretation).toMatchObject({
      error_class: 'timeout',
      error_message: 'took longer than 0.3 s',
    });
    expect(result.log_tail).toMatch(/exit=143 status=failed error_class=timeout\n$/);
    expect(await groupMemberIsGone()).toBe(true);
  });

  it('is killed if it does not listen', async () => {
    const result = await runClaude('hang-midway-ignoring-term', { timeout_seconds: 0.5 });
    expect(result.interpretation).toMatchObject({ error_class: 'timeout', cost_source: 'unpriced' });
    expect(result.log_tail).toContain('exit=137');
    expect(await groupMemberIsGone()).toBe(true);
  });

  it.each(['cancelled', 'killed'] as const)('is %s', async (reason) => {
    const attempt = startAttempt(claimed(shellTask('sleep 600')), context);
    attempt.end(reason);
    attempt.end('timeout');
    expect((await attempt.result).interpretation.error_class).toBe(reason);
  });

  it('keeps what it used, if the agent had said so', async () => {
    const result = await runClaude('hang-after-output', { timeout_seconds: 0.7 });
    expect(result.interpretation).toMatchObject({ error_class: 'timeout', cost_usd: 0.1443 });
  });
});

describe('verify', () => {
  it('must pass before the attempt is completed', async () => {
    const passed = await runShell('echo 1 > made', { verify: ['test -f made', 'echo checked'] });
    expect(passed.interpretation.status).toBe('completed');
    expect(passed.log_tail).toMatch(/# verify: test -f made\n# verify: echo checked\nchecked\n# duration/);
  });

  it('that fails says which and why, and ends it', async () => {
    const failed = await runShell('true', { verify: ['echo wrong >&2; exit 4', 'echo not reached'] });
    expect(failed.interpretation).toMatchObject({
      status: 'failed',
      error_class: 'verify_failed',
      error_message: 'echo wrong >&2; exit 4: exit 4: wrong',
    });
    expect(failed.log_tail).not.toContain('\nnot reached');
  });

  it('shares the time limit', async () => {
    const { interpretation } = await runShell('true', { verify: ['sleep 600'], timeout_seconds: 0.3 });
    expect(interpretation.error_class).toBe('timeout');
  });

  it('is not asked of an agent that failed', async () => {
    const { interpretation } = await runShell('exit 1', { verify: ['true'] });
    expect(interpretation.error_class).toBe('nonzero_exit');
  });
});

/** Whether the process whose id is in `pid` has gone: a zombie counts as gone. */
async function groupMemberIsGone(): Promise<boolean> {
  const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return /\) [ZX]/.test(stat);
}
