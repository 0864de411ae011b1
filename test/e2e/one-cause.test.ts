import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { pageSchema } from '../../src/api/paging.ts';
import { type ApiClient, apiClientFor } from '../../src/app/api-client.ts';
import { dataPaths } from '../../src/app/data-paths.ts';
import { startRunner } from '../../src/app/runner.ts';
import { createService } from '../../src/app/service.ts';
import { type ConfigInput, objectivesOf, parseConfig } from '../../src/config.ts';
import { webhookPayload } from '../../src/domain/alert.ts';
import { improvement } from '../../src/domain/improvement.ts';
import { startMonitoring } from '../../src/stack/monitoring-stack.ts';
import { query } from '../../src/stack/prometheus-client.ts';
import { neededServer } from '../needed-server.ts';
import { andon, until } from '../process-under-test.ts';
import { type Inbox, openInbox } from '../rules/inbox.ts';
import { temporaryFolder } from '../service-under-test.ts';

const fakeCli = new URL('../executors/fake-cli', import.meta.url).pathname;
/** How long after its cause what follows from it has had time to be told: longer than every window of the profile. */
const aftermathSeconds = 80;

interface Pipeline {
  url: string;
  folder: string;
  client: ApiClient;
  prometheusUrl: string;
  inbox: Inbox;
  settings: ConfigInput;
}

/** A service with Prometheus and Alertmanager that tell people by a webhook; a runner is the test's to start. */
async function pipeline(): Promise<Pipeline> {
  const folder = temporaryFolder();
  const inbox = await openInbox();
  const settings: ConfigInput = {
    data_dir: join(folder, 'data'),
    log_level: 'silent',
    service: { port: 0, allow_shell_tasks: true },
    executors: { 'claude-code': { command: fakeCli } },
    tasks: { lease_seconds: 20 },
    runner: { id: 'r1', workers: 2, metrics_port: 0, poll_seconds: 0.3, grace_seconds: 1 },
    improvements: { task: { executor: 'claude-code' } },
    monitoring: { profile: 'demo' },
    notifications: { webhook: { url: `${inbox.url}/people` } },
  };
  const config = parseConfig(settings);
  const service = await createService(config, pino({ level: 'silent' }));
  const monitoring = await startMonitoring({
    objectives: objectivesOf(config),
    serviceUrl: service.url,
    publicUrl: service.publicUrl,
    notifications: config.notifications,
    dataDir: join(folder, 'servers'),
    prometheus: { server: neededServer('prometheus'), port: 0 },
    alertmanager: { server: neededServer('alertmanager'), port: 0 },
    alertTokenFile: dataPaths(config).alertToken,
    say: () => {},
  });
  onTestFinished(async () => {
    await monitoring.stop();
    await service.close();
    await inbox.close();
  });
  const client = apiClientFor(service.url, () => service.adminToken);
  const prometheusUrl = monitoring.prometheus?.url ?? '';
  return { url: service.url, folder, client, prometheusUrl, inbox, settings };
}

/** A runner whose agent prints this and nothing else. */
async function runnerWith({ url, settings, folder }: Pipeline, fixture = ''): Promise<void> {
  const started = await startRunner(parseConfig(settings), {
    serviceUrl: url,
    logger: pino({ level: 'silent' }),
    env: { PATH: process.env.PATH, HOME: folder, FAKE_FIXTURE: fixture },
  });
  onTestFinished(() => started.close());
}

async function queue({ client }: Pipeline, count: number, task: object): Promise<void> {
  for (let i = 0; i < count; i++) {
    await client.post(
      '/api/agent/tasks',
      { direction: `task ${i}`, task_type: 'impl', project: 'shop', ...task },
      z.unknown(),
    );
  }
}

const broken = {
  executor: 'shell',
  max_attempts: 1,
  context: { command: 'echo "the base is broken" >&2; exit 1' },
};
const agent = { executor: 'claude-code' };

/** What breaks the pipeline, and the alert that people are to hear of. */
const causes: {
  cause: string;
  told: string;
  proposals: number;
  happens(pipeline: Pipeline): Promise<void>;
}[] = [
  {
    cause: 'an expired login',
    told: 'AgentExecutorClosed',
    proposals: 0,
    async happens(pipeline) {
      await queue(pipeline, 4, agent);
      await runnerWith(pipeline, 'claude-code/2.1-not-logged-in.jsonl');
    },
  },
  {
    cause: 'a spent quota',
    told: 'AgentRateLimited',
    proposals: 0,
    async happens(pipeline) {
      await queue(pipeline, 4, agent);
      await runnerWith(pipeline, 'claude-code/2.1-session-limit.jsonl');
    },
  },
  {
    cause: 'a broken base branch',
    told: 'AgentRepeatedFailures',
    proposals: 1,
    async happens(pipeline) {
      await queue(pipeline, 6, broken);
      await runnerWith(pipeline);
    },
  },
  {
    cause: 'a dead runner',
    told: 'AgentRunnerAbsent',
    proposals: 0,
    async happens(pipeline) {
      const { url, folder, client } = pipeline;
      await queue(pipeline, 4, { executor: 'shell', context: { command: 'sleep 600' } });
      const options = ['--service', url, '--data', join(folder, 'data'), '--workers', '1'];
      const runner = andon(['run', ...options], { ANDON_METRICS_PORT: '0', ANDON_LOG_LEVEL: 'silent' });
      const counts = z.object({ running: z.array(z.unknown()) });
      await until(
        () => client.get('/api/agent/pipeline-status', counts),
        ({ running }) => running.length === 1,
        { seconds: 30, what: 'the runner has begun' },
      );
      await runner.kill();
    },
  },
];

/** What people and the improvements say of a cause, once what follows from it has had its time. */
async function aftermath({ told, happens }: (typeof causes)[number]) {
  const made = await pipeline();
  await happens(made);
  const begun = `time() - min(ALERTS_FOR_STATE{alertname="${told}"})`;
  await until(
    async () => (await query(made.prometheusUrl, begun))[0]?.value ?? 0,
    (age) => age > aftermathSeconds || messages(made.inbox, 'resolved').length > 0,
    { seconds: 240, what: `${told} has fired for ${aftermathSeconds} s, or has cleared` },
  );
  const { items } = await made.client.get('/api/agent/improvements', pageSchema(improvement));
  return { messages: messages(made.inbox, 'firing'), proposals: items.length };
}

// All at once, each on servers of its own: most of it is waiting.
test('one cause, one page, one proposal', async () => {
  const seen = await Promise.all(causes.map(aftermath));
  expect(causes.map(({ cause }, index) => ({ cause, ...seen[index] }))).toEqual(
    causes.map(({ cause, told, proposals }) => ({ cause, messages: [[told]], proposals })),
  );
}, 300_000);

/** The names of the alerts in each message of this kind that people got. */
function messages({ calls }: Inbox, kind: 'firing' | 'resolved'): string[][] {
  return calls
    .filter(({ path }) => path === '/people')
    .map(({ body }) => webhookPayload.parse(JSON.parse(body)))
    .filter(({ status }) => status === kind)
    .map(({ alerts }) => alerts.map(({ labels }) => labels.alertname ?? '').sort());
}
