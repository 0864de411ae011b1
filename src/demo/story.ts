import { z } from 'zod';
import type { ApiClient } from '../app/api-client.ts';
import { type Improvement, improvement } from '../domain/improvement.ts';
import { type Task, task } from '../domain/task.ts';
import { metricsSummary } from '../reports/metrics-summary.ts';
import { alerts } from '../stack/prometheus-client.ts';
import { demoTag, dependentTasks, goodTasks } from './sample-backlog.ts';
import { breakRepository, brokenFile, mergeBranch } from './scratch-repository.ts';
import { type WatchOptions, waitFor, watchTasks } from './task-watch.ts';

export interface StoryOptions extends WatchOptions {
  repository: string;
  /** Undefined if Prometheus or Alertmanager could not be had: the story ends at the failures then. */
  prometheusUrl: string | undefined;
  /** Asks whether to approve the proposal. */
  approve: (question: string) => Promise<boolean>;
}

export type Ending = 'closed' | 'rejected' | 'without_servers';

const improvementPage = z.object({ items: z.array(improvement) });
const alertName = 'AgentRepeatedFailures';

/**
 * Goes once round the loop.
 * @throws AppError `unavailable`, with what did not happen, after the deadline; AbortError after the signal
 */
export async function tellStory(options: StoryOptions): Promise<Ending> {
  const { narrator, prometheusUrl, client } = options;
  narrator.heading('A backlog of small tasks, run by the shell executor');
  await watchTasks(await queue(options, goodTasks), options);
  const failed = await breakSomething(options);
  if (prometheusUrl === undefined) return 'without_servers';
  await watchAlert(options, prometheusUrl);
  const proposal = await findProposal(options);
  const before = await figures(client);
  if (!(await options.approve('Approve it?'))) {
    await client.post(
      `/api/agent/improvements/${proposal.id}/reject`,
      { reason: 'in the demo' },
      improvement,
    );
    narrator.line('Rejected: the same is not proposed again until there is twice the evidence.');
    return 'rejected';
  }
  await heal(options, proposal);
  await runAgain(options, failed, before);
  return 'closed';
}

async function queue({ client, repository }: StoryOptions, samples: typeof goodTasks): Promise<string[]> {
  const ids: string[] = [];
  for (const sample of samples) {
    const body = {
      ...sample,
      project: 'shop',
      executor: 'shell',
      repo: repository,
      // Most of these only look: a stand-in for an agent is not held to a change.
      expects_change: false,
      max_attempts: 1,
      tags: [demoTag],
    };
    ids.push((await client.post('/api/agent/tasks', body, task)).id);
  }
  return ids;
}

async function logOf({ client }: StoryOptions, taskId: string): Promise<string[]> {
  return (await client.getText(`/api/agent/tasks/${taskId}/log`)).split('\n');
}

async function breakSomething(options: StoryOptions): Promise<Task[]> {
  const { narrator, repository } = options;
  narrator.heading(`Somebody commits a ${brokenFile} with a merge conflict left in it`);
  await breakRepository(repository);
  const ended = await watchTasks(await queue(options, dependentTasks), options);
  const failed = ended.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first) {
    const line = (await logOf(options, first.id)).find((text) => text.includes(brokenFile));
    narrator.line(`All for one reason. From the log of task ${first.id}:`);
    narrator.quote(line ?? first.error_message ?? '');
  }
  return failed;
}

async function watchAlert(options: StoryOptions, prometheusUrl: string): Promise<void> {
  const { narrator } = options;
  narrator.heading('Prometheus sees it');
  narrator.line('Waiting for the next scrapes and evaluations …');
  const firing = await waitFor(
    `${alertName} to fire`,
    async () =>
      (await alerts(prometheusUrl)).find(
        ({ labels, state }) => labels.alertname === alertName && state === 'firing',
      ),
    options,
  );
  narrator.bad(`${alertName} is firing (${firing.labels.severity}), as Prometheus says it:`);
  narrator.quote(firing.annotations.description ?? firing.annotations.summary ?? '');
  narrator.quote(`${prometheusUrl}/alerts`);
}

async function findProposal(options: StoryOptions): Promise<Improvement> {
  const { client, narrator } = options;
  narrator.heading('Alertmanager calls, and Andon proposes');
  const proposal = await waitFor(
    'several calls and a proposal',
    async () => {
      const { items } = await client.get('/api/agent/improvements?state=proposed', improvementPage);
      return items.find(({ calls }) => calls >= 3);
    },
    options,
  );
  narrator.line(`${proposal.calls} calls, 1 proposal: ${proposal.title}`);
  narrator.line('Its task would run this, by configuration and not by the alert:');
  narrator.quote(proposal.task.context.command ?? '');
  return proposal;
}

async function heal(options: StoryOptions, proposal: Improvement): Promise<void> {
  const { client, narrator } = options;
  const approved = await client.post(`/api/agent/improvements/${proposal.id}/approve`, {}, improvement);
  narrator.heading('Approved: the improvement is a task like any other');
  if (approved.task_id) {
    await watchTasks([approved.task_id], options);
    const log = await logOf(options, approved.task_id);
    narrator.quote(log.find((text) => text.includes('Restore')) ?? '');
    await acceptWork(options, approved.task_id);
  }
  const done = await waitFor(
    'the improvement to be done',
    async () => {
      const now = await client.get(`/api/agent/improvements/${proposal.id}`, improvement);
      return now.state === 'scheduled' ? undefined : now;
    },
    options,
  );
  narrator.line(`${done.calls} calls came in all, and there is 1 proposal: ${done.state}`);
}

/** The mending is on a branch of its own: a person takes it over, and says so. */
async function acceptWork({ client, narrator, repository }: StoryOptions, id: string): Promise<void> {
  const { branch } = await client.get(`/api/agent/tasks/${id}`, task);
  if (branch === undefined) return;
  await mergeBranch(repository, branch);
  await client.post(`/api/agent/tasks/${id}/verdict`, { verdict: 'accepted' }, task);
  narrator.line(`Its work is on the branch ${branch}: merged, and its verdict is "accepted".`);
}

async function runAgain(options: StoryOptions, failed: Task[], before: string): Promise<void> {
  const { client, narrator } = options;
  narrator.heading('The failed tasks are run again');
  const begun = new Date().toISOString();
  for (const { id } of failed) await client.patch(`/api/agent/tasks/${id}`, { status: 'pending' }, task);
  await watchTasks(
    failed.map(({ id }) => id),
    options,
  );
  const after = await figures(client, begun);
  narrator.heading('Before and after, for the test tasks (GET /api/agent/metrics)');
  narrator.line(`before  ${before}`);
  narrator.line(`after   ${after}`);
}

/** The tests' success so far, or from a time on. */
async function figures(client: ApiClient, from?: string): Promise<string> {
  const query = `window=1h&project=shop&task_type=test${from ? `&from=${encodeURIComponent(from)}` : ''}`;
  const { success_rate, execution_time } = await client.get(`/api/agent/metrics?${query}`, metricsSummary);
  const { completed, total, rate } = success_rate;
  const p50 = execution_time.p50_seconds.toFixed(1);
  return `${completed} of ${total} completed (${Math.round(rate * 100)} %), half of them within ${p50} s`;
}
