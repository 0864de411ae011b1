import { z } from 'zod';
import type { ApiClient } from '../../src/app/api-client.ts';
import { improvement } from '../../src/domain/improvement.ts';
import { task } from '../../src/domain/task.ts';
import { until } from '../until.ts';

const tasks = z.object({ items: z.array(task) });
const improvements = z.object({ items: z.array(improvement) });

/** Settings with which a round takes a minute, and whose improvement is a command that works. */
export const roundSettings = {
  service: { allow_shell_tasks: true },
  runner: { poll_seconds: 0.5 },
  improvements: { task: { executor: 'shell', command: 'true' } },
  monitoring: { profile: 'demo' },
};

/** Tasks fail, Prometheus sees it, Alertmanager calls, the proposal is approved, and its task is done. */
export async function goRound(client: ApiClient, say: (line: string) => void): Promise<void> {
  const failing = {
    task_type: 'test',
    project: 'shop',
    executor: 'shell',
    max_attempts: 1,
    expects_change: false,
  };
  for (let n = 0; n < 5; n += 1) {
    const body = { ...failing, direction: `Fail, for the ${n + 1}. time`, context: { command: 'exit 1' } };
    await client.post('/api/agent/tasks', body, task);
  }
  const failed = await until(
    async () => (await client.get('/api/agent/tasks?status=failed', tasks)).items,
    (items) => items.length === 5,
    { seconds: 60, what: 'five tasks have failed' },
  );
  say(`${failed.length} tasks have failed`);
  const log = await client.getText(`/api/agent/tasks/${failed[0]?.id}/log`);
  if (!log.includes('nonzero_exit')) throw new Error(`the service does not show the log of a task: ${log}`);
  const [proposal] = await until(
    async () => (await client.get('/api/agent/improvements?state=proposed', improvements)).items,
    (items) => items.length > 0,
    { seconds: 120, what: 'Alertmanager has called' },
  );
  if (!proposal) throw new Error('there is no proposal');
  say(`proposed: ${proposal.title}`);
  await client.post(`/api/agent/improvements/${proposal.id}/approve`, {}, improvement);
  await until(
    () => client.get(`/api/agent/improvements/${proposal.id}`, improvement),
    ({ state }) => state === 'done',
    { seconds: 60, what: 'the improvement is done' },
  );
  say('approved, and done');
}
