import { Command } from 'commander';
import { inheritedEnvironment } from '../config.ts';
import { systemClock } from '../domain/clock.ts';
import type { OutcomeReport } from '../domain/outcome.ts';
import { newTaskId } from '../domain/task.ts';
import { deliverBesides, recordOutcome } from '../exec/delivery.ts';
import { execCommand } from '../exec/exec-command.ts';
import { projectOf } from '../exec/project-name.ts';
import { describeReport } from '../exec/run-report.ts';
import { readTags } from '../exec/run-tags.ts';
import { sheltered } from '../exec/signal-relay.ts';
import { createExecutors } from '../executors/registry.ts';
import { secondsOption } from './number-option.ts';
import {
  type Reporting,
  type ReportingOptions,
  reportingTo,
  tagsOf,
  withReportingOptions,
} from './reporting.ts';
import { complain } from './terminal.ts';

interface ExecOptions extends ReportingOptions {
  timeout?: number;
  verbose?: boolean;
}

/** How long the user may wait for us after their command has ended. */
const recordMs = 2000;

export function execCommandLine(): Command {
  const command = new Command('exec')
    .description('Run an agent command as it is, and record what came of it: time, model, tokens, cost')
    .usage('[options] -- <command> [arguments]')
    .argument('<command...>', 'the command with its arguments')
    // What comes after the command's name is the command's.
    .passThroughOptions();
  return withReportingOptions(command)
    .option('--timeout <seconds>', 'end it after so long, with exit status 124', secondsOption)
    .option('-v, --verbose', 'say on stderr what was recorded')
    .action(async ([program = '', ...args]: string[], options: ExecOptions) =>
      exec([program, ...args], options),
    );
}

async function exec(argv: [string, ...string[]], options: ExecOptions): Promise<void> {
  const reporting = reportingTo(options);
  const tags = readTags({
    ...tagsOf(options),
    task_id: options.taskId ?? `exec-${newTaskId()}`,
    project: options.project ?? projectOf(process.cwd()),
  });
  const end = await sheltered(async () => {
    const run = await execCommand({
      argv,
      tags,
      executors: createExecutors(reporting.config.executors),
      env: inheritedEnvironment(),
      timeoutSeconds: options.timeout,
      clock: systemClock,
    });
    if (run.end.notStarted) complain(run.end.notStarted);
    if (run.end.outputError) complain(`its output could not be passed on: ${run.end.outputError}`);
    if (options.verbose) complain(describeReport(run.report));
    await record(run.report, reporting);
    return run.end;
  });
  // What holds our output up would hold up a plain exit too.
  if (end.stuckAfter) process.kill(process.pid, end.stuckAfter);
  process.exitCode = end.outputError && end.status === 0 ? 1 : end.status;
}

async function record(report: OutcomeReport, { service, spool }: Reporting): Promise<void> {
  const until = performance.now() + recordMs;
  const delivery = { service, spool, onTrouble: complain };
  if (!(await recordOutcome(report, { ...delivery, timeoutMs: recordMs }))) return;
  const timeoutMs = until - performance.now();
  if (timeoutMs > 0) await deliverBesides({ ...delivery, timeoutMs });
}
