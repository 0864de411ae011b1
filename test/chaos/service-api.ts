import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { pageSchema } from '../../src/api/paging.ts';
import { attempt } from '../../src/domain/attempt.ts';
import { task } from '../../src/domain/task.ts';
import { metricsSummary } from '../../src/reports/metrics-summary.ts';
import { samplesOf } from '../exposition.ts';

const taskDetail = task.extend({ attempts: z.array(attempt) });
export type TaskDetail = z.infer<typeof taskDetail>;

/** The service as a script sees it, which may be killed at any moment: what it does not answer is asked again. */
export function serviceApi(url: string, signal: AbortSignal) {
  const ask = async (path: string, body?: unknown): Promise<string> => {
    for (;;) {
      signal.throwIfAborted();
      const answer = await exchange(url + path, body);
      if (answer?.ok) return answer.text;
      if (answer && answer.status < 500) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      await sleep(50);
    }
  };
  const get = async <T>(path: string, schema: z.ZodType<T>) => schema.parse(JSON.parse(await ask(path)));
  return {
    create: (request: { id: string }) => ask('/api/agent/tasks', request),
    find: (id: string) => get(`/api/agent/tasks/${id}`, taskDetail),
    summary: () => get('/api/agent/metrics?window=24h', metricsSummary),
    async samples() {
      return samplesOf(await ask('/metrics'));
    },
    /** Whether there is no task that waits or runs. */
    async isIdle() {
      for (const status of ['pending', 'running']) {
        const page = await get(`/api/agent/tasks?limit=1&status=${status}`, pageSchema(task));
        if (page.items.length > 0) return false;
      }
      return true;
    },
  };
}
export type ServiceApi = ReturnType<typeof serviceApi>;

async function exchange(url: string, body: unknown) {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}
