import { z } from 'zod';
import type { ApiClient } from '../app/api-client.ts';
import { improvement } from '../domain/improvement.ts';
import { task } from '../domain/task.ts';
import { watchdog } from '../monitoring/alerts/watchdog.ts';
import type { Ending } from './story.ts';

/** The summary of `andon demo`. */
export interface DemoResult {
  tasks_finished: number;
  /** Alerts that Alertmanager brought while they fired, without the one that always does. */
  alerts_fired: number;
  improvements_created: number;
  improvement_tasks_finished: number;
  seconds: number;
  ending: Ending | 'failed';
}

const tasks = z.object({ items: z.array(task) });
const alerts = z.object({ items: z.array(z.object({ name: z.string(), deliveries: z.int() })) });
const improvements = z.object({ items: z.array(improvement) });

/** Counts what came of it, as the API tells. */
export async function readResult(
  client: ApiClient,
  ending: DemoResult['ending'],
  seconds: number,
): Promise<DemoResult> {
  const ended = await client.get('/api/agent/tasks?status=completed&limit=500', tasks);
  const received = await client.get('/api/agent/alerts?limit=500', alerts);
  const proposed = await client.get('/api/agent/improvements?limit=500', improvements);
  return {
    tasks_finished: ended.items.length,
    alerts_fired: received.items.filter(({ name, deliveries }) => name !== watchdog.name && deliveries > 0)
      .length,
    improvements_created: proposed.items.length,
    improvement_tasks_finished: ended.items.filter(({ origin }) => origin.startsWith('improvement:')).length,
    seconds: Math.round(seconds * 10) / 10,
    ending,
  };
}
