import { Command } from 'commander';
import { inheritedEnvironment } from '../environment.ts';
import type { RunReader } from '../exec/exec-command.ts';
import { cliOf } from '../exec/known-cli.ts';
import { type RunEnd, runMeasured } from '../exec/measured-run.ts';
import { sheltered } from '../exec/signal-relay.ts';
import { atTerminal, planStreams } from '../exec/stream-plan.ts';
import { isBeyondRefusal } from './exec-checks.ts';
import type { Measure } from './exec-measure.ts';
import { secondsOption } from './number-option.ts';
import { type ReportingOptions, withReportingOptions } from './reporting-options.ts';
import { complain } from './terminal.ts';

export interface ExecOptions extends ReportingOptions {
  timeout?: number;
  verbose?: boolean;
}

type Argv = [string, ...string[]];

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

async function exec(argv: Argv, options: ExecOptions): Promise<void> {
  const env = inheritedEnvironment();
  const prepare = async () => (await import('./exec-measure.ts')).prepareMeasure(options, env);
  // What may be refused is read before anything is run; else once the command has been started.
  const prepared = isBeyondRefusal(options, env) ? undefined : await prepare();
  const end = await sheltered(() => measure(argv, options, { env, prepared, prepare }));
  // What holds our output up would hold up a plain exit too.
  if (end.stuckAfter) process.kill(process.pid, end.stuckAfter);
  process.exitCode = end.outputError && end.status === 0 ? 1 : end.status;
}

async function measure(
  argv: Argv,
  options: ExecOptions,
  from: { env: NodeJS.ProcessEnv; prepared: Measure | undefined; prepare: () => Promise<Measure> },
): Promise<RunEnd> {
  const cli = cliOf(argv, { said: options.executor, commands: from.prepared?.commands, env: from.env });
  let measuring: Promise<[Measure, RunReader]> | undefined;
  const measured = () => {
    measuring ??= (async () => {
      const measure = from.prepared ?? (await from.prepare());
      return [measure, measure.read(cli)];
    })();
    return measuring;
  };
  const end = await runMeasured({
    argv,
    env: withoutOurTokens(from.env),
    streams: planStreams(cli),
    shareGroup: atTerminal(),
    listen: async () => {
      const [, reader] = await measured();
      return (chunk) => reader.push(chunk);
    },
    timeoutSeconds: options.timeout,
  });
  if (end.notStarted) complain(end.notStarted);
  if (end.outputError) complain(`its output could not be passed on: ${end.outputError}`);
  const [measure, reader] = await measured();
  await measure.record(reader.report(end));
  return end;
}

/** The environment as it is, but for what would let the command act as us. */
function withoutOurTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^ANDON_.*(TOKEN|SECRET|PASSWORD|KEY)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}
