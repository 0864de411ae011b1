import { systemClock } from '../domain/clock.ts';
import type { OutcomeReport } from '../domain/outcome.ts';
import { newTaskId } from '../domain/task.ts';
import { deliverBesides, recordOutcome } from '../exec/delivery.ts';
import { type RunReader, readRun } from '../exec/exec-command.ts';
import type { KnownCli } from '../exec/known-cli.ts';
import { projectOf } from '../exec/project-name.ts';
import { describeReport } from '../exec/run-report.ts';
import { readTags } from '../exec/run-tags.ts';
import type { CliCommands } from '../executors/cli-names.ts';
import { createExecutors } from '../executors/registry.ts';
import type { ExecOptions } from './exec.ts';
import { type Reporting, reportingTo } from './reporting.ts';
import { tagsOf } from './reporting-options.ts';
import { complain } from './terminal.ts';

/** Everything of `andon exec` that the user's command need not wait for. */
export interface Measure {
  /** What the settings call the CLIs. */
  commands: CliCommands;
  read(cli: KnownCli): RunReader;
  /** Records a run, with the service or in the spool. */
  record(report: OutcomeReport): Promise<void>;
}

/** How long the user may wait for us after their command has ended. */
const recordMs = 2000;

/** @throws AppError `invalid` that names each wrong setting or tag */
export function prepareMeasure(options: ExecOptions, env: NodeJS.ProcessEnv): Measure {
  const reporting = reportingTo(options);
  const tags = readTags({
    ...tagsOf(options),
    task_id: options.taskId ?? `exec-${newTaskId()}`,
    project: options.project ?? projectOf(process.cwd()),
  });
  const { executors } = reporting.config;
  return {
    commands: executors,
    read: (cli) => readRun(cli, { tags, executors: createExecutors(executors), env, clock: systemClock }),
    async record(report) {
      if (options.verbose) complain(describeReport(report));
      await record(report, reporting);
    },
  };
}

async function record(report: OutcomeReport, { service, spool }: Reporting): Promise<void> {
  const until = performance.now() + recordMs;
  const delivery = { service, spool, onTrouble: complain };
  if (!(await recordOutcome(report, { ...delivery, timeoutMs: recordMs }))) return;
  const timeoutMs = until - performance.now();
  if (timeoutMs > 0) await deliverBesides({ ...delivery, timeoutMs });
}
