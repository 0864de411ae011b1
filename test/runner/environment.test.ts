import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shellTask } from '../executors/service-stand-in.ts';
import { goodRuns, pipeline } from './pipeline-under-test.ts';
import { bench, standInBench } from './runner-under-test.ts';

it('an agent is told of its task on stdin and in its environment, and nothing of ours', async () => {
  const token = 'a-token-of-the-service';
  const under = await pipeline({
    env: { ANDON_TOKEN: token, ANDON_CONFIG: '/etc/andon.yaml', TRACEPARENT: '00-outer', MY_OWN: 'stays' },
  });
  const direction = `FAKE_FIXTURE=${goodRuns['claude-code']} --no-option is one here`;
  const context = { prompt_variant: 'terse', skill_version: 'v2' };
  const id = await under.queue('claude-code', {}, { direction, context, model: 'opus', task_type: 'spec' });
  expect((await under.attempted(id)).status).toBe('completed');
  expect(under.left(id, 'prompt')).toBe(direction);
  expect(under.left(id, 'arguments').trimEnd().split('\n')).toEqual([
    ...['-p', '--output-format', 'stream-json', '--verbose', '--model=opus'],
  ]);
  const seen = Object.fromEntries(
    under
      .left(id, 'environment')
      .split('\n')
      .filter((line) => /^(ANDON_|TRACEPARENT|MY_OWN)/.test(line))
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  expect(seen).toEqual({
    ANDON_TASK_ID: id,
    ANDON_TASK_TYPE: 'spec',
    ANDON_ATTEMPT: '1',
    ANDON_VARIANT: 'prompt:terse,skill:v2',
    ANDON_PROMPT_VARIANT: 'terse',
    ANDON_SKILL_VERSION: 'v2',
    ANDON_RUN_MARK: expect.stringContaining(`:${id}:1:`),
    TRACEPARENT: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    MY_OWN: 'stays',
  });
});

it('a token of the service that an agent comes upon is not in the log that others may read', async () => {
  const under = await pipeline();
  const file = join(under.service.folder, 'admin-token');
  const id = await under.queue('shell', {}, { context: { command: `cat ${file}; echo done` } });
  await under.attempted(id);
  const log = await under.logOf(id);
  expect(log).toContain('***\ndone\n');
  expect(log).not.toContain(under.service.adminToken);
});

it('the keys of our telemetry and the repository of whoever started us stay here', async () => {
  const secret = 'x-honeycomb-team=abc';
  const { runOne } = await bench({
    OTEL_EXPORTER_OTLP_HEADERS: secret,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: secret,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    GIT_DIR: '/nowhere/.git',
    GIT_WORK_TREE: '/nowhere',
    GIT_INDEX_FILE: '/nowhere/index',
    GIT_AUTHOR_NAME: 'Someone',
  });
  const { log_tail = '' } = await runOne(shellTask('env'));
  expect(log_tail).not.toContain('HEADERS');
  expect(log_tail).not.toMatch(/GIT_(DIR|WORK_TREE|INDEX_FILE)/);
  expect(log_tail).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=');
  expect(log_tail).toContain('GIT_AUTHOR_NAME=Someone');
});

it('a task that its executor cannot take spends an attempt, and says why', async () => {
  // Our service does not let one in.
  const { runOne } = await standInBench();
  const { outcome, error_message } = await runOne(shellTask('', { context: {} }));
  expect(outcome.error_class).toBe('nonzero_exit');
  expect(error_message).toContain('needs a command');
});

it('work folders that cannot be made are the set-up’s fault, not the task’s', async () => {
  const { runOne, start, folder } = await bench();
  await start({ once: true }).done;
  writeFileSync(join(folder, 'data', 'work'), 'in the way');
  const { outcome, error_message } = await runOne(shellTask('true'));
  expect(outcome.error_class).toBe('spawn');
  expect(error_message).toMatch(/EEXIST|ENOTDIR/);
});
