import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { dataPaths } from '../app/data-paths.ts';
import { type Instance, startInstance } from '../app/instance.ts';
import { type Config, inheritedEnvironment, installAllowed, parseConfig } from '../config.ts';
import { createNarrator, type Narrator } from '../demo/narrator.ts';
import { type DemoResult, readResult } from '../demo/result.ts';
import { createScratchRepository, healCommand } from '../demo/scratch-repository.ts';
import { tellStory } from '../demo/story.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { freePort } from '../stack/free-port.ts';
import { apiClientFor } from './api-client.ts';
import { summary } from './start.ts';
import { confirm, confirmWithin, createLogger, isInteractive, untilStopped } from './terminal.ts';

interface DemoOptions {
  once?: boolean;
  json?: boolean;
}

/** A loop that has not closed after this many seconds will not. */
const deadlineSeconds = 160;
const answerSeconds = 5;

export function demoCommand(): Command {
  return new Command('demo')
    .description('Go once round the loop with sample tasks, on real servers, in a scratch folder')
    .option('--once', 'end when the loop has closed; exit 1 if it has not')
    .option('--json', 'print the summary as one line of JSON, and the story on stderr')
    .action(async (options: DemoOptions) => {
      const folder = await mkdtemp(join(tmpdir(), 'andon-demo-'));
      try {
        await demo(folder, options);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    });
}

/** Everything is started, told and ended here; Ctrl-C ends it at any point. */
async function demo(folder: string, options: DemoOptions): Promise<void> {
  const narrator = createNarrator(options.json ? process.stderr : process.stdout);
  const stopped = untilStopped();
  const repository = join(folder, 'shop');
  const config = await demoConfig(folder, repository);
  await createScratchRepository(repository);
  narrator.heading('Starting service, runner, Prometheus and Alertmanager');
  const instance = await startInstance(config, {
    logger: createLogger('warn'),
    env: inheritedEnvironment(),
    say: (line) => narrator.line(line),
    confirm: isInteractive() && !options.once ? confirm : undefined,
  });
  try {
    for (const line of summary(config, instance)) narrator.line(line);
    const result = await Promise.race([
      perform(instance, { config, repository, narrator, options }),
      stopped.then(() => undefined),
    ]);
    if (!result) return;
    show(result, options, narrator);
    if (options.once) {
      process.exitCode = result.ending === 'closed' ? 0 : 1;
      return;
    }
    next(instance, narrator);
    await stopped;
  } finally {
    await instance.close();
  }
}

async function perform(
  instance: Instance,
  {
    config,
    repository,
    narrator,
    options,
  }: {
    config: Config;
    repository: string;
    narrator: Narrator;
    options: DemoOptions;
  },
): Promise<DemoResult> {
  const { service, monitoring } = instance;
  const client = apiClientFor(service.url, () => service.adminToken);
  const whole = monitoring.prometheus && monitoring.alertmanager;
  const ending = await tellStory({
    client,
    narrator,
    repository,
    prometheusUrl: whole && monitoring.prometheus?.url,
    approve: approver(options, narrator),
    readLog: (id) => readFile(join(dataPaths(config).logs, `task_${id}.log`), 'utf8'),
    deadlineSeconds,
  }).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    narrator.bad(messageOf(error));
    return 'failed' as const;
  });
  return readResult(client, ending, narrator.seconds());
}

function approver({ once, json }: DemoOptions, narrator: Narrator): (question: string) => Promise<boolean> {
  return async (question) => {
    if (once || json || !isInteractive()) {
      narrator.line(`${question} yes (nobody is asked)`);
      return true;
    }
    return confirmWithin(`       ${question}`, answerSeconds);
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
function next({ service, monitoring }: Instance, narrator: Narrator): void {
  narrator.heading('All of it still runs. Have a look:');
  const look = [
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

async function demoConfig(folder: string, repository: string): Promise<Config> {
  return parseConfig({
    data_dir: join(folder, 'data'),
    log_level: 'warn',
    install_servers: installAllowed(),
    service: { port: await freePort(8000), allow_shell_tasks: true },
    runner: { id: 'demo', workers: 3, executors: ['shell'], poll_seconds: 0.3, grace_seconds: 1 },
    improvements: { task: { executor: 'shell', command: healCommand, repo: repository, max_attempts: 1 } },
    monitoring: { profile: 'demo' },
  });
}
