import type { Clock } from '../domain/clock.ts';
import type { OutcomeReport } from '../domain/outcome.ts';
import type { Executor, OutputReader } from '../executors/executor.ts';
import { recognizeExecutor } from '../executors/registry.ts';
import { secretsOf } from '../runner/secrets.ts';
import { type RunEnd, runMeasured } from './measured-run.ts';
import { interpretExit, notRun, overrule, runReport, unknown } from './run-report.ts';
import type { RunTags } from './run-tags.ts';
import { asksForJson, atTerminal, planStreams } from './stream-plan.ts';

export interface ExecOptions {
  argv: readonly [string, ...string[]];
  tags: RunTags;
  executors: Executor[];
  env: NodeJS.ProcessEnv;
  timeoutSeconds?: number;
  clock: Clock;
}

/** Runs a command that the user has, as if it were run alone, and says what came of it. */
export async function execCommand(options: ExecOptions): Promise<{ end: RunEnd; report: OutcomeReport }> {
  const { argv, tags, env, clock } = options;
  const cli = cliOf(options);
  const end = await runMeasured({
    argv,
    env: withoutOurTokens(env),
    streams: planStreams({ known: cli.reader !== undefined, telling: cli.telling }),
    shareGroup: atTerminal(),
    onStdout: (chunk) => cli.reader?.push(chunk),
    timeoutSeconds: options.timeoutSeconds,
  });
  const read = cli.reader?.interpret(end) ?? interpretExit(end);
  const report = runReport({
    tags,
    executor: cli.executor,
    interpretation: end.notStarted === undefined ? overrule(read, end) : notRun,
    duration_seconds: end.duration_seconds,
    created_at: clock(),
    argv: cli.argv,
    secrets: secretsOf(env),
  });
  return { end, report };
}

interface Cli {
  executor: string;
  reader?: OutputReader;
  /** Whether its output has a form that tells what was used. */
  telling: boolean;
  /** The command line as this CLI's own; absent where a script of the user's starts it. */
  argv?: readonly string[];
}

/** Which CLI a command line starts: the one that is said, else the one that it looks like. */
function cliOf({ argv, tags, executors, clock }: ExecOptions): Cli {
  const seen = recognizeExecutor(executors, argv);
  const said = tags.executor;
  if (said === undefined || said === seen?.name) {
    if (!seen) return { executor: unknown, telling: false };
    return { executor: seen.name, reader: seen.createReader(clock, argv), telling: asksForJson(argv), argv };
  }
  const named = executors.find(({ name }) => name === said);
  return { executor: said, reader: named?.createReader(clock), telling: named !== undefined };
}

/** The environment as it is, but for what would let the command act as us. */
function withoutOurTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^ANDON_.*(TOKEN|SECRET|PASSWORD|KEY)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}
