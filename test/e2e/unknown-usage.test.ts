import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../src/stack/free-port.ts';
import { ledgerMetrics } from '../../src/telemetry/names.ts';
import { andon, ready, until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

const fakeCli = join(import.meta.dirname, '../executors/fake-cli');

/** The samples of a counter, as text. */
const samplesOf = (exposition: string, { name }: { name: string }) =>
  exposition.split('\n').filter((line) => line.startsWith(`${name}{`));

test('what a run used and cost, when its CLI does not say, is unknown everywhere and nowhere 0', async () => {
  const folder = temporaryFolder();
  const port = await freePort(18_300);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(
    config,
    [
      `data_dir: ${folder}/data`,
      'log_level: warn',
      'monitoring: { profile: demo }',
      `service: { port: ${port} }`,
      `runner: { id: r1, service_url: "${url}", metrics_port: 0, executors: [cursor] }`,
      `executors: { cursor: { command: ${fakeCli}, billing: subscription } }`,
    ].join('\n'),
  );
  const env = { FAKE_FIXTURE: 'cursor/2025.10-no-usage.jsonl', HOME: folder };
  andon(['service', '--config', config]);
  await ready(url);
  const get = async (path: string) => (await fetch(url + path)).json();

  // One run from the queue, and one that somebody has measured.
  const task = { id: 'queued', direction: 'x', task_type: 'impl', executor: 'cursor' };
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/api/agent/tasks`, { method: 'POST', headers, body: JSON.stringify(task) });
  const runner = andon(['run', '--once', '--config', config], env);
  expect(await runner.ended, runner.output()).toBe(0);
  const ownCommand = ['--', fakeCli, '-p', '--output-format', 'stream-json'];
  const exec = andon(['exec', '--verbose', '--config', config, '-e', 'cursor', ...ownCommand], env);
  expect(await exec.ended, exec.output()).toBe(0);
  expect(exec.output()).toMatch(/completed, \d+\.\d s, unpriced \(no usage told\)\n/);

  const { attempts } = (await get('/api/agent/tasks/queued')) as { attempts: object[] };
  expect(attempts).toMatchObject([
    { status: 'completed', usage_state: 'none', cost_source: 'unpriced', billing: 'subscription' },
  ]);
  for (const member of ['usage', 'usage_by_model', 'cost_usd'])
    expect(attempts[0]).not.toHaveProperty(member);
  expect(await get('/api/agent/metrics')).toMatchObject({
    success_rate: { completed: 2 },
    usage: {
      cost_usd: null,
      notional_cost_usd: null,
      unpriced_attempts: 2,
      attempts_without_usage: 2,
      cost_per_completed_task_usd: null,
      cost_per_accepted_task_usd: null,
    },
  });

  const exported = async () => (await fetch(`${url}/metrics`)).text();
  const unpriced = (exposition: string) =>
    samplesOf(exposition, ledgerMetrics.unpriced_attempts).reduce(
      (sum, line) => sum + Number(line.split(' ').at(-1)),
      0,
    );
  const exposition = await until(exported, (text) => unpriced(text) === 2, {
    seconds: 30,
    what: 'both are exported as unpriced',
  });
  expect(samplesOf(exposition, ledgerMetrics.cost_usd)).toEqual([]);
  expect(samplesOf(exposition, ledgerMetrics.tokens)).toEqual([]);

  const log = readFileSync(join(folder, 'data/logs/task_queued.log'), 'utf8');
  expect(log).toContain('status=completed');
  expect(log).not.toMatch(/(cost|tokens|usage)\w*[=:] ?\$?0|\$0/i);
}, 90_000);
