import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../src/stack/free-port.ts';
import { samplesOf, sumOf } from '../exposition.ts';
import { forEach } from '../for-each.ts';
import { andon, ready, until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

interface Answer {
  recorded?: boolean;
  tasks?: { task: { id: string }; attempt: number; lease_token: string }[];
}

const tasks = 1000;
const kills = 6;

test(`kill -9 of the service at any moment of ${tasks} finishes loses no outcome and counts none twice`, async () => {
  const folder = temporaryFolder();
  const url = `http://127.0.0.1:${await freePort(18_000)}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(
    config,
    `data_dir: ${folder}\nlog_level: error\nmonitoring: { profile: demo }\nservice: { port: ${new URL(url).port} }\n`,
  );
  let service = andon(['service', '--config', config]);
  await ready(url);

  const post = async (path: string, body: unknown) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return { status: response.status, body: answer as Answer };
  };
  const numbers = Array.from({ length: tasks }, (_, i) => i);
  await forEach(numbers, 8, (i) =>
    post('/api/agent/tasks', { id: `t${i}`, direction: 'x', task_type: 'impl' }),
  );
  const claim = { runner: 'r', executors: ['claude-code'], free_workers: tasks };
  const claimed = (await post('/api/agent/tasks/claim', claim)).body.tasks ?? [];
  expect(claimed).toHaveLength(tasks);

  let acknowledged = 0;
  let interrupted = 0;
  const finishing = forEach(claimed, 8, async ({ task, attempt, lease_token }, i) => {
    const outcome = {
      status: 'completed',
      duration_seconds: 1 + (i % 7),
      cost_usd: 0.25,
      billing: 'metered',
    };
    const answer = await until(
      () =>
        post(`/api/agent/tasks/${task.id}/finish`, { lease_token, attempt, outcome }).catch((error) => {
          interrupted += 1;
          throw error;
        }),
      ({ status }) => status === 200,
      { seconds: 60, what: `finish of ${task.id}` },
    );
    expect(answer.body.recorded).toBe(true);
    acknowledged += 1;
  });
  for (let kill = 1; kill <= kills; kill++) {
    // Somewhere in the next share of the work, at another place each time.
    const at = Math.floor((tasks / (kills + 1)) * (kill - 1 + Math.random()));
    await until(
      async () => acknowledged,
      (count) => count >= at,
      { seconds: 60, what: `${at} acknowledged` },
    );
    await service.kill();
    service = andon(['service', '--config', config]);
    await ready(url);
  }
  await finishing;
  expect(interrupted).toBeGreaterThan(0);

  const summary = await (await fetch(`${url}/api/agent/metrics?window=1h`)).json();
  expect(summary).toMatchObject({
    success_rate: { completed: tasks, failed: 0 },
    attempts: { total: tasks, failed: 0 },
    usage: { cost_usd: tasks * 0.25 },
  });
  const exported = await until(
    async () => samplesOf(await (await fetch(`${url}/metrics`)).text()),
    (samples) => sumOf(samples, 'agent_tasks_finished_total') > 0,
    { seconds: 15, what: 'the hold of the new series is over' },
  );
  expect(sumOf(exported, 'agent_tasks_finished_total')).toBe(tasks);
  expect(sumOf(exported, 'agent_task_cost_usd_total')).toBe(tasks * 0.25);
}, 120_000);
