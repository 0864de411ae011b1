import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiClientFor } from '../app/api-client.ts';
import { type Instance, startInstance } from '../app/instance.ts';
import { createLogger } from '../cli/program-log.ts';
import { summary } from '../cli/start.ts';
import {
  confirm,
  exitIfStopped,
  isInteractive,
  listenForStop,
  type Stop,
  untilStopped,
} from '../cli/terminal.ts';
import { type Config, installAllowed, parseConfig } from '../config.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { inheritedEnvironment } from '../environment.ts';
import { type DemoGrafana, startDemoGrafana } from './demo-grafana.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { type DemoResult, readResult } from './result.ts';
import { demoTag } from './sample-backlog.ts';
import { createScratchRepository, healCommand } from './scratch-repository.ts';
import { tellStory } from './story.ts';

export interface DemoOptions {
  once?: boolean;
  json?: boolean;
}

/** A loop that has not closed after this many seconds will not. */
const deadlineSeconds = 160;
const answerSeconds = 5;

/** Goes once round the loop, in a scratch folder that is gone afterwards. Sets the exit code. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stop = listenForStop();
  const folder = await mkdtemp(join(tmpdir(), 'andon-demo-'));
  // However the process ends: a second Ctrl-C lets nothing else run.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  await exitIfStopped(stop, demo(folder, options, stop));
}

/** Everything is started, told and ended here. Rejects if it was stopped before the end of its story. */
async function demo(folder: string, options: DemoOptions, stop: Stop): Promise<void> {
  const { signal } = stop;
  const narrator = createNarrator(options.json ? process.stderr : process.stdout);
  const repository = join(folder, 'shop');
  const config = demoConfig(folder, repository);
  await createScratchRepository(repository);
  narrator.heading('Starting service, runner, Prometheus and Alertmanager');
  const instance = await startInstance(config, {
    logger: createLogger('warn'),
    env: inheritedEnvironment(),
    say: (line) => narrator.line(line),
    confirm: isInteractive() && !options.once ? (question) => confirm(question, { signal }) : undefined,
    servicePorts: 100,
    signal,
  });
  let grafana: DemoGrafana | undefined;
  try {
    for (const line of summary(config, instance)) narrator.line(line);
    grafana = await startDemoGrafana(instance, {
      folder,
      env: inheritedEnvironment(),
      say: (line) => narrator.line(line),
      signal,
    });
    const result = await perform(instance, { repository, narrator, options, signal });
    show(result, options, narrator);
    if (options.once) {
      process.exitCode = result.ending === 'closed' ? 0 : 1;
      return;
    }
    next(instance, narrator, await grafana.url);
    await untilStopped(stop);
  } finally {
    if (signal.aborted) narrator.heading('Stopping');
    await grafana?.stop();
    await instance.close();
  }
}

async function perform(
  instance: Instance,
  {
    repository,
    narrator,
    options,
    signal,
  }: { repository: string; narrator: Narrator; options: DemoOptions; signal: AbortSignal },
): Promise<DemoResult> {
  const { service, monitoring } = instance;
  const client = apiClientFor(service.url, () => service.adminToken);
  const whole = monitoring.prometheus && monitoring.alertmanager;
  const ending = await tellStory({
    client,
    narrator,
    repository,
    runner: instance.runner.id,
    prometheusUrl: whole && monitoring.prometheus?.url,
    approve: approver(options, narrator, signal),
    deadlineSeconds,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    narrator.bad(messageOf(error));
    return 'failed' as const;
  });
  return readResult(client, ending, narrator.seconds());
}

function approver(
  { once, json }: DemoOptions,
  narrator: Narrator,
  signal: AbortSignal,
): (question: string) => Promise<boolean> {
  return async (question) => {
    if (once || json || !isInteractive()) {
      narrator.line(`${question} yes (nobody is asked)`);
      return true;
    }
    return confirm(`       ${question}`, { signal, seconds: answerSeconds });
  };
}

function show(result: DemoResult, { json }: DemoOptions, narrator: Narrator): void {
  const { ending, ...figures } = result;
  if (json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const endings = {
    closed: 'The loop has closed',
    rejected: 'The loop ends where you said no',
    without_servers: 'The loop cannot close without Prometheus and Alertmanager (see above)',
    failed: 'The loop has not closed',
  };
  narrator.heading(`${endings[ending]}: ${sentence(result)}`);
}

function sentence(result: DemoResult): string {
  const { tasks_finished, alerts_fired, improvements_created, improvement_tasks_finished, seconds } = result;
  return [
    `${tasks_finished} tasks completed`,
    `${alerts_fired} ${alerts_fired === 1 ? 'alert' : 'alerts'} fired`,
    `${improvements_created} proposed, ${improvement_tasks_finished} done`,
    `${seconds} s`,
  ].join(', ');
}

/** What to look at, and what to do with work of one's own. */
function next({ service, monitoring }: Instance, narrator: Narrator, grafanaUrl: string | undefined): void {
  narrator.heading('All of it still runs. Have a look:');
  const look = [
    ...(grafanaUrl ? [`${grafanaUrl}  (the dashboards)`] : []),
    `${service.url}/`,
    `curl ${service.url}/api/agent/metrics`,
    `curl ${service.url}/api/agent/pipeline-status`,
    ...(monitoring.prometheus ? [`${monitoring.prometheus.url}/alerts`] : []),
  ];
  for (const line of look) narrator.plain(line);
  narrator.heading('With your own work:');
  const own = [
    'npm start                                       the same on ./data, with production thresholds',
    'npx andon task "Add a --json option" --repo .   queue a task for Claude Code',
    'npx andon improvements                          what is proposed; then: npx andon approve ID',
  ];
  for (const line of own) narrator.plain(line);
  narrator.heading('Ctrl-C ends everything, and removes the scratch folder.');
}

function demoConfig(folder: string, repository: string): Config {
  return parseConfig({
    data_dir: join(folder, 'data'),
    log_level: 'warn',
    install_servers: installAllowed(),
    service: { allow_shell_tasks: true },
    runner: {
      id: 'demo',
      workers: 3,
      executors: ['shell'],
      tags: [demoTag],
      poll_seconds: 0.3,
      grace_seconds: 1,
    },
    improvements: { task: { executor: 'shell', command: healCommand, repo: repository, max_attempts: 1 } },
    monitoring: { profile: 'demo' },
  });
}
