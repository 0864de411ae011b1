import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { apiClientFor } from '../../src/app/api-client.ts';
import { metricsSummary } from '../../src/reports/metrics-summary.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { type AndonProcess, startAndon } from '../../test/andon-process.ts';
import { ready, until } from '../../test/until.ts';

/** A task for the shell, or for the agent that writes much. */
export type NewTask = { id: string; repo?: string } & ({ command: string } | { megabytes: number });

/** A service in a process of its own, and the runners that are started for it, all on one data folder. */
export interface AndonPair {
  readonly folder: string;
  readonly serviceUrl: string;
  /** `andon run`, of this service or of what stands before it. */
  startRunner(options: { workers: number; serviceUrl?: string }): Promise<AndonProcess>;
  queue(tasks: readonly NewTask[]): Promise<void>;
  /** Waits until all that was queued is completed. @throws Error if an attempt has failed */
  completed(): Promise<void>;
  close(): Promise<void>;
}

const chattyAgent = join(import.meta.dirname, 'chatty-agent');

export async function startAndonPair(): Promise<AndonPair> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-'));
  const serviceUrl = `http://127.0.0.1:${await freePort(18_600)}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(config, stringify(settings(folder, serviceUrl)));
  const started = [startAndon(['service', '--config', config])];
  const close = async () => {
    for (const one of started.reverse()) await one.terminate();
    rmSync(folder, { recursive: true, force: true });
  };
  await ready(serviceUrl).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const client = apiClientFor(serviceUrl, () => readFileSync(join(folder, 'admin-token'), 'utf8').trim());
  let queued = 0;
  return {
    folder,
    serviceUrl,
    async startRunner({ workers, serviceUrl: url = serviceUrl }) {
      const runner = startAndon(['run', '--config', config, '--workers', String(workers), '--service', url]);
      started.push(runner);
      const said = async () => runner.output();
      const takes = (output: string) => output.includes('takes tasks');
      await until(said, takes, { seconds: 20, what: 'the runner has started' });
      return runner;
    },
    async queue(tasks) {
      for (const task of tasks) await client.post('/api/agent/tasks', requestFor(task), z.unknown());
      queued += tasks.length;
    },
    async completed() {
      const { attempts } = await until(
        () => client.get('/api/agent/metrics?window=24h', metricsSummary),
        (summary) => summary.success_rate.completed >= queued || summary.attempts.failed > 0,
        { seconds: 300, what: `${queued} tasks are completed` },
      );
      if (attempts.failed > 0) throw new Error(`${attempts.failed} attempts failed, and none should`);
    },
    close,
  };
}

function settings(data_dir: string, serviceUrl: string) {
  return {
    data_dir,
    log_level: 'error',
    service: { port: Number(new URL(serviceUrl).port), allow_shell_tasks: true },
    runner: { id: 'bench', metrics_port: 0, executors: ['shell', 'claude-code'] },
    executors: { 'claude-code': { command: chattyAgent } },
  };
}

function requestFor(task: NewTask) {
  const { id, repo } = task;
  // Of a type that need not change anything.
  const rest = { id, repo, task_type: 'review' };
  if ('command' in task) {
    return { ...rest, executor: 'shell', direction: 'Run it.', context: { command: task.command } };
  }
  return { ...rest, executor: 'claude-code', direction: String(task.megabytes) };
}
