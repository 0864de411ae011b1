import type { Clock } from '../domain/clock.ts';
import type { OutcomeReport } from '../domain/outcome.ts';
import type { Executor } from '../executors/executor.ts';
import { secretsOf } from '../runner/secrets.ts';
import type { KnownCli } from './known-cli.ts';
import type { RunEnd } from './measured-run.ts';
import { interpretExit, notRun, overrule, runReport, unknown } from './run-report.ts';
import type { RunTags } from './run-tags.ts';

export interface RunReader {
  /** Takes in the next piece of what the command prints. */
  push(chunk: Buffer): void;
  /** What came of the run, once it has ended. */
  report(end: RunEnd): OutcomeReport;
}

/** Reads the output of a command that the user has, as the CLI that it is. */
export function readRun(
  cli: KnownCli,
  options: { tags: RunTags; executors: Executor[]; env: NodeJS.ProcessEnv; clock: Clock },
): RunReader {
  const { tags, executors, env, clock } = options;
  const reader = executors.find(({ name }) => name === cli.executor)?.createReader(clock, cli.argv);
  return {
    push: (chunk) => reader?.push(chunk),
    report(end) {
      if (cli.record) reader?.record?.(cli.record.added());
      const read = reader?.interpret(end) ?? interpretExit(end);
      return runReport({
        tags,
        executor: cli.executor ?? unknown,
        interpretation: end.notStarted === undefined ? overrule(read, end) : notRun,
        duration_seconds: end.duration_seconds,
        created_at: clock(),
        askedModel: cli.askedModel,
        secrets: secretsOf(env),
      });
    },
  };
}
