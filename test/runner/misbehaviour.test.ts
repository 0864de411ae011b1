import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agentTask, shellTask } from '../executors/service-stand-in.ts';
import { bench } from './runner-under-test.ts';

it.each([
  ['claude-code/2.1-session-limit.jsonl', 'rate_limited'],
  ['claude-code/2.1-overloaded.jsonl', 'overloaded'],
  ['claude-code/2.1-prompt-too-long.jsonl', 'context_exhausted'],
])('exit 0 with is_error in %s has failed: %s', async (fixture, errorClass) => {
  const { runOne } = await bench({ FAKE_FIXTURE: fixture, FAKE_EXIT: '0' });
  expect((await runOne(agentTask())).outcome).toMatchObject({ status: 'failed', error_class: errorClass });
});

it('a limit tells when it ends, and the raw result comes along', async () => {
  const { runOne } = await bench({ FAKE_FIXTURE: 'claude-code/2.1-session-limit.jsonl' });
  const { retry_at, outcome } = await runOne(agentTask());
  expect(Date.parse(retry_at ?? '')).toBeGreaterThan(Date.now());
  expect(JSON.parse(outcome.raw_result ?? '')).toMatchObject({ type: 'result', is_error: true });
});

it('a death by signal is the exit that a shell would show', async () => {
  const { runOne, logOf } = await bench({
    FAKE_MODE: 'killed',
    FAKE_FIXTURE: 'claude-code/2.1-sigterm.jsonl',
  });
  const task = agentTask();
  const { outcome, error_message } = await runOne(task);
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'nonzero_exit' });
  expect(error_message).toContain('SIGKILL');
  expect(logOf(task)).toMatch(/exit=137 status=failed error_class=nonzero_exit\n$/);
});

it('200 MB in one line change nothing about the result after it', async () => {
  const { runOne } = await bench({ FAKE_MODE: 'flood' });
  const before = process.memoryUsage().rss;
  const { outcome } = await runOne(agentTask({ timeout_seconds: 60 }), { logMaxBytes: 200_000 });
  expect(outcome).toMatchObject({ status: 'completed', cost_usd: 0.1443 });
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
}, 60_000);

it('invalid UTF-8 around the result is passed over', async () => {
  const { runOne } = await bench({ FAKE_MODE: 'invalid-utf8' });
  const { outcome, log_tail } = await runOne(agentTask());
  expect(outcome).toMatchObject({ status: 'completed', cost_usd: 0.1443 });
  expect(Buffer.byteLength(log_tail ?? '')).toBeLessThanOrEqual(65_536);
});

it('half a JSON line is no result', async () => {
  const { runOne } = await bench({
    FAKE_MODE: 'half-a-line',
    FAKE_FIXTURE: 'claude-code/2.1-sigterm.jsonl',
  });
  const { outcome } = await runOne(agentTask());
  expect(outcome.status).toBe('failed');
  expect(outcome.cost_usd).toBeUndefined();
  expect(outcome.cost_source).toBe('unpriced');
});

it('a task that its executor cannot take spends an attempt, and says why', async () => {
  const { runOne } = await bench();
  const { outcome, error_message } = await runOne(shellTask('', { context: {} }));
  expect(outcome.error_class).toBe('nonzero_exit');
  expect(error_message).toContain('needs a command');
});

it('a full disk under the work folders is the set-up’s fault, not the task’s', async () => {
  const { runOne, folder } = await bench();
  writeFileSync(join(folder, 'file'), '');
  const { outcome } = await runOne(shellTask('true'), { dataDir: join(folder, 'file', 'data') });
  expect(outcome.error_class).toBe('spawn');
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
  expect(log_tail).toMatch(/ANDON_RUN_MARK=[0-9a-f]{16}:t\d+:1:/);
});
